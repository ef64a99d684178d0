# SPDX-License-Identifier: GPL-3.0-or-later
"""The few ways in which the sample props are shaped: turned, swept, rounded, fused and lettered.

One unit is 10 cm. Every function makes one mesh object in the scene, in the prop's own frame: Z up, front
to -Y.
"""

import math
from collections.abc import Sequence

import bmesh
import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector

Points = Sequence[Sequence[float]] | np.ndarray


def rounded(points: Points, rounds: int = 4) -> np.ndarray:
    """A smooth line through a coarse one, by Chaikin's corner cutting; the ends stay. (N, D) to (M, D)."""
    line = np.asarray(points, dtype=float)
    for _ in range(rounds):
        start, end = line[:-1], line[1:]
        cut = np.stack([0.75 * start + 0.25 * end, 0.25 * start + 0.75 * end], axis=1)
        line = np.concatenate([line[:1], cut.reshape(-1, line.shape[1]), line[-1:]])
    return line


def ellipse(width: float, height: float, steps: int = 32, power: float = 2.0) -> np.ndarray:
    """A closed section, (steps, 2); a power above 2 squares it off (a superellipse)."""
    angle = np.linspace(0.0, 2.0 * math.pi, steps, endpoint=False)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack(
        [
            0.5 * width * np.sign(cos) * np.abs(cos) ** (2.0 / power),
            0.5 * height * np.sign(sin) * np.abs(sin) ** (2.0 / power),
        ],
        axis=1,
    )


def solid(name: str, vertices: Points, faces: Sequence[Sequence[int]], sharp_angle: float = 35.0) -> bpy.types.Object:
    """A mesh object of these vertices (N, 3) and faces; edges beyond the angle (degrees) are shaded sharp."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([tuple(map(float, vertex)) for vertex in vertices], [], [tuple(face) for face in faces])
    cleaned = bmesh.new()
    cleaned.from_mesh(mesh)
    bmesh.ops.remove_doubles(cleaned, verts=cleaned.verts[:], dist=1e-5)
    bmesh.ops.recalc_face_normals(cleaned, faces=cleaned.faces[:])
    cleaned.to_mesh(mesh)
    cleaned.free()
    mesh.shade_smooth()
    mesh.set_sharp_from_angle(angle=math.radians(sharp_angle))
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def _grid_faces(rows: int, columns: int, wrap_rows: bool) -> list[tuple[int, ...]]:
    """Quads over rows of points whose columns close upon themselves."""
    faces: list[tuple[int, ...]] = []
    for row in range(rows if wrap_rows else rows - 1):
        below, above = row * columns, (row + 1) % rows * columns
        for column in range(columns):
            following = (column + 1) % columns
            faces.append((below + column, below + following, above + following, above + column))
    return faces


def turned(name: str, profile: Points, steps: int = 96, closed: bool = False) -> bpy.types.Object:
    """A profile of (radius, z) turned about the Z axis; with `closed`, its end meets its start (a ring)."""
    line = np.asarray(profile, dtype=float)
    angle = np.linspace(0.0, 2.0 * math.pi, steps, endpoint=False)
    vertices = np.stack(
        [
            line[:, :1] * np.cos(angle),
            line[:, :1] * np.sin(angle),
            np.repeat(line[:, 1:], steps, axis=1),
        ],
        axis=2,
    ).reshape(-1, 3)
    return solid(name, vertices, _grid_faces(len(line), steps, closed))


def swept(
    name: str,
    path: Points,
    section: np.ndarray,
    side: Sequence[float] = (0, 1, 0),
    scale: np.ndarray | float = 1.0,
) -> bpy.types.Object:
    """A section (M, 2) carried along a path (N, 3) that lies across `side`, with capped ends.

    The section's first axis follows `side`, its second is square to side and path; `scale` is one number or
    N of them.
    """
    line = np.asarray(path, dtype=float)
    across = np.asarray(side, dtype=float) / np.linalg.norm(side)
    tangent = np.gradient(line, axis=0)
    normal = np.cross(tangent, across)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    sizes = np.broadcast_to(np.asarray(scale, dtype=float), (len(line),))[:, None, None]
    spread = section[None, :, :1] * across + section[None, :, 1:] * normal[:, None]
    vertices = line[:, None] + sizes * spread
    count = len(section)
    faces = _grid_faces(len(line), count, False)
    faces += [tuple(range(count)), tuple(range((len(line) - 1) * count, len(line) * count))]
    return solid(name, vertices.reshape(-1, 3), faces)


def box(name: str, size: Sequence[float], center: Sequence[float], edge: float = 0.02) -> bpy.types.Object:
    """A box with rounded edges."""
    shape = bmesh.new()
    bmesh.ops.create_cube(shape, size=1.0, matrix=Matrix.LocRotScale(Vector(center), None, Vector(size)))
    bmesh.ops.bevel(
        shape, geom=shape.edges[:], offset=edge, offset_type="OFFSET", segments=4, profile=0.5, affect="EDGES"
    )
    return _finished(name, shape)


def ball(
    name: str, center: Sequence[float], radii: Sequence[float], turn: Sequence[float] = (0, 0, 0)
) -> bpy.types.Object:
    """An ellipsoid; `turn` in degrees about X, Y, Z."""
    shape = bmesh.new()
    rotation = Euler([math.radians(angle) for angle in turn])
    frame = Matrix.LocRotScale(Vector(center), rotation, Vector(radii))
    bmesh.ops.create_uvsphere(shape, u_segments=48, v_segments=24, radius=1.0, matrix=frame)
    return _finished(name, shape)


def _finished(name: str, shape: bmesh.types.BMesh) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    shape.to_mesh(mesh)
    shape.free()
    mesh.shade_smooth()
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def fused(name: str, parts: Sequence[bpy.types.Object], voxel: float = 0.02, smoothing: int = 12) -> bpy.types.Object:
    """One skin around several closed parts, as if carved from one piece."""
    shape = bmesh.new()
    for part in parts:
        start = len(shape.verts)
        shape.from_mesh(part.data)
        shape.verts.ensure_lookup_table()
        bmesh.ops.transform(shape, matrix=part.matrix_basis, verts=shape.verts[start:])
        bpy.data.meshes.remove(part.data)
    obj = _finished(name, shape)
    remesh = obj.modifiers.new("Fuse", "REMESH")
    remesh.mode, remesh.voxel_size, remesh.use_smooth_shade = "VOXEL", voxel, True
    smooth = obj.modifiers.new("Smooth", "SMOOTH")
    smooth.factor, smooth.iterations = 0.5, smoothing
    return obj


def subdivided(obj: bpy.types.Object, levels: int = 2) -> bpy.types.Object:
    """The same object with a subdivision surface."""
    modifier = obj.modifiers.new("Subdivision", "SUBSURF")
    modifier.levels = modifier.render_levels = levels
    return obj


def lettering(name: str, words: str, height: float, center: Sequence[float], radius: float = 0.0) -> bpy.types.Object:
    """Flat letters that face -Y around a center (x, y, z), or around the Z axis where there is a radius.

    In the second case the center's first number is the angle from the front, in degrees.
    """
    curve = bpy.data.curves.new(name, "FONT")
    curve.body, curve.size = words, height
    curve.align_x = curve.align_y = "CENTER"
    source = bpy.data.objects.new(name, curve)
    bpy.context.scene.collection.objects.link(source)
    evaluated = source.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = bpy.data.meshes.new_from_object(evaluated)
    bpy.data.objects.remove(source)
    bpy.data.curves.remove(curve)
    cut = bmesh.new()
    cut.from_mesh(mesh)
    # Long triangles would dip under a curved surface: split what is wider than a small step.
    for x in np.arange(-2.0, 2.0, 0.02) if radius else ():
        everything = cut.verts[:] + cut.edges[:] + cut.faces[:]
        bmesh.ops.bisect_plane(cut, geom=everything, plane_co=(x, 0, 0), plane_no=(1, 0, 0))
    for vertex in cut.verts:
        x, z = vertex.co.x, vertex.co.y
        if radius:
            angle = math.radians(center[0]) + x / radius
            vertex.co = (radius * math.sin(angle), -radius * math.cos(angle), center[2] + z)
        else:
            vertex.co = (center[0] + x, center[1], center[2] + z)
    cut.to_mesh(mesh)
    cut.free()
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def wrapped(name: str, radius: float, bottom: float, top: float) -> bpy.types.Object:
    """A strip of paper that lies around the Z axis, a little more than the front half."""
    angles = np.radians(np.linspace(-100.0, 100.0, 97))
    strip = [(radius * math.sin(a), -radius * math.cos(a), z) for z in (bottom, top) for a in angles]
    count = len(angles)
    return solid(name, strip, [(i, i + 1, count + i + 1, count + i) for i in range(count - 1)])


def clad(obj: bpy.types.Object, material: bpy.types.Material) -> bpy.types.Object:
    """The object with this material, and no other."""
    obj.data.materials.clear()
    obj.data.materials.append(material)
    return obj


def gathered(name: str, parts: Sequence[bpy.types.Object]) -> bpy.types.Object:
    """An empty that carries the parts of a prop, so that it is placed as one."""
    root = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(root)
    for part in parts:
        part.parent = root
    return root


def placed(
    root: bpy.types.Object, location: Sequence[float], turn: float | Sequence[float] = 0.0, scale: float = 1.0
) -> bpy.types.Object:
    """The prop moved, turned in degrees (about Z, or about X, Y, Z), and scaled."""
    angles = (0.0, 0.0, turn) if isinstance(turn, float | int) else turn
    root.location, root.scale = location, (scale, scale, scale)
    root.rotation_euler = [math.radians(angle) for angle in angles]
    return root
