# SPDX-License-Identifier: GPL-3.0-or-later
"""From the tree of objects that an importer leaves to one mesh object that stands on the ground."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from bpy.types import Context, Depsgraph, FloatVectorAttribute, Mesh, Object
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from .data import active_collection, mesh_of, view_layer_of
from .import_failed import ImportFailed
from .joining import join
from .motion import object_moves

MAX_SIZE = 1e6  # meters; beyond, single precision cannot hold a shape


def to_one_object(context: Context, parts: Sequence[Object]) -> Object:
    """Joins mesh objects into the first of them, with every parent's and own transform in its vertices.

    Materials, UVs, colors, normals and shape keys stay; the parts must be in the view layer, in object mode.
    """
    places = [world_matrix(part) for part in parts]
    for part, place in zip(parts, places, strict=True):
        if mesh_of(part).users > 1:
            part.data = mesh_of(part).copy()
        transform(mesh_of(part), place)
        part.parent = None
        part.matrix_basis = Matrix()
    return join(context, parts)


def world_matrix(obj: Object) -> Matrix:
    """Where an object is that the dependency graph has not seen yet; its parents are objects, not bones."""
    matrix = obj.matrix_basis
    while obj.parent is not None:
        matrix = obj.matrix_parent_inverse @ matrix
        obj = obj.parent
        matrix = obj.matrix_basis @ matrix
    return matrix


def transform(mesh: Mesh, matrix: Matrix) -> None:
    """Applies `matrix` to the vertices, and to the file's normals, so that outside stays outside.

    Expects normals that agree among the corners of a vertex, as the glTF importer makes them.
    """
    if matrix == Matrix():
        return
    scale = matrix.to_3x3()
    stretched = not _is_similarity(scale)
    mirrored = scale.is_negative
    normals = vertex_normals(mesh) if mesh.has_custom_normals and (stretched or mirrored) else None
    mesh.transform(matrix, shape_keys=True)
    if mirrored:
        mesh.flip_normals()
    if normals is not None:
        # normals go with the inverse transpose: n' = n M^-1 as rows
        transformed = normals @ np.array(scale.inverted_safe(), dtype=np.float32)
        length = np.linalg.norm(transformed, axis=1, keepdims=True)
        mesh.normals_split_custom_set_from_vertices(transformed / np.maximum(length, 1e-20))
    mesh.update()


def _is_similarity(matrix: Matrix) -> bool:
    """Whether a 3 x 3 matrix only turns, mirrors and scales evenly."""
    square = np.array(matrix.transposed() @ matrix)
    return bool(np.allclose(square, np.eye(3) * square[0, 0], atol=1e-5 * abs(square).max()))


def vertex_normals(mesh: Mesh) -> NDArray[np.float32]:
    """The normal that the corners of each vertex show: (vertices, 3)."""
    corners = np.empty(len(mesh.loops) * 3, np.float32)
    mesh.corner_normals.foreach_get("vector", corners)
    vertex = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", vertex)
    normals = np.zeros((len(mesh.vertices), 3), np.float32)
    normals[vertex] = corners.reshape(-1, 3)
    return normals


def bounds(mesh: Mesh) -> tuple[Vector, Vector]:
    """The lowest and the highest corner of the mesh's own bounding box.

    Raises ImportFailed where the mesh has no size, or one beyond all measure.
    """
    axes = positions(mesh).T
    low, high = Vector([float(axis.min()) for axis in axes]), Vector([float(axis.max()) for axis in axes])
    check_size(high - low)
    return low, high


def shown_bounds(context: Context, objects: Sequence[Object]) -> tuple[Vector, Vector]:
    """The lowest and the highest corner in the world of what mesh objects show in the current frame.

    Raises ImportFailed as `bounds` does.
    """
    view_layer_of(context).update()
    depsgraph = context.evaluated_depsgraph_get()
    corners = []
    for obj in objects:
        places = shown_positions(obj, depsgraph)
        if len(places):
            corners += [places.min(axis=0), places.max(axis=0)]
    low, high = (Vector(choose(corners, axis=0).tolist()) for choose in (np.min, np.max))
    check_size(high - low)
    return low, high


def shown_positions(obj: Object, depsgraph: Depsgraph) -> NDArray[np.float64]:
    """Where the vertices of a mesh object are in the world (n, 3) as it is shown now, posed and with its shape keys."""
    shown = obj.evaluated_get(depsgraph)
    world = np.array(shown.matrix_world)
    return np.asarray(positions(mesh_of(shown)).astype(np.float64) @ world[:3, :3].T + world[:3, 3])


def positions(mesh: Mesh) -> NDArray[np.float32]:
    """Where the vertices are (n, 3), in the mesh's own frame."""
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    position = mesh.attributes["position"]
    assert isinstance(position, FloatVectorAttribute)
    position.data.foreach_get("vector", flat)
    return flat.reshape(-1, 3)


def check_size(size: Vector) -> None:
    """Raises ImportFailed where nothing could be seen of a model of this size, in meters."""
    if not 0 < max(size[:]) < MAX_SIZE:  # also false where it is not a number
        raise ImportFailed("The model has no size, or an unreasonable one: make it again.")


def standing(low: Vector, high: Vector, height: float) -> Matrix:
    """Takes the middle of a bounding box's base to the origin, and the box to `height` if that is not 0."""
    size = high - low
    # a flat sheet on the ground has no height to scale
    factor = height / size.z if height > 0 and size.z > 1e-6 * max(size[:]) else 1.0
    return Matrix.Scale(factor, 4) @ Matrix.Translation(-base_of(low, high))


def place_on_ground(context: Context, obj: Object, location: Vector, height: float) -> None:
    """Puts the origin at the middle of the base of what the mesh shows and the object at `location`, `height` high if
    not 0.

    The object must have no transform of its own; its scale stays 1. Raises ImportFailed as `bounds` does.
    """
    low, high = bounds(mesh_of(obj)) if mesh_of(obj).shape_keys is None else shown_bounds(context, [obj])
    transform(mesh_of(obj), standing(low, high, height))
    obj.location = location


def place_as_seen(context: Context, obj: Object, place: Matrix, turn: float) -> None:
    """Puts a mesh object where `place` takes what it shows: a similarity, of which `turn`, in radians about Z, becomes
    the object's own, and all else goes into its vertices. The origin is at the middle of the base.

    The object must have no transform of its own. Raises ImportFailed as `bounds` does.
    """
    own = Matrix.Rotation(turn, 4, "Z")
    transform(mesh_of(obj), own.inverted() @ place.to_3x3().to_4x4())
    low, high = bounds(mesh_of(obj)) if mesh_of(obj).shape_keys is None else shown_bounds(context, [obj])
    base = base_of(low, high)
    transform(mesh_of(obj), Matrix.Translation(-base))
    obj.rotation_mode = "XYZ"
    obj.rotation_euler.z = turn
    obj.location = own @ base + place.translation


def base_of(low: Vector, high: Vector) -> Vector:
    """The middle of a bounding box's base."""
    return Vector(((low.x + high.x) / 2, (low.y + high.y) / 2, low.z))


def stand(
    context: Context, objects: Sequence[Object], location: Vector, height: float, seen: Matrix | None = None
) -> list[Object]:
    """Puts a tree of objects at `location`, `height` high if not 0, by what it shows in the current frame; or where
    `seen` takes it, a similarity.

    objects: armatures and meshes; what else they hang on is left out where they do not move with it. Where each of
    those at the top can have the place for its own transform, it does, and keeps its own origin. Otherwise, and for
    several parts of one thing, an empty at the middle of the base has it, and all hang on that: no action is changed,
    and what moves, moves from there.
    Gives the objects that belong to the tree, parents first.
    """
    low, high = shown_bounds(context, [obj for obj in objects if obj.type == "MESH"])
    place = seen or Matrix.Translation(location) @ standing(low, high, height)
    tops = [obj for obj in objects if not any(above in objects for above in _above(obj))]
    one_each = len(tops) == 1 or any(obj.type == "ARMATURE" for obj in tops)
    if (
        one_each
        and all(_stays(above) for obj in tops for above in (obj, *_above(obj)))
        and all(_has_no_shear(obj.matrix_world) for obj in tops)
    ):
        kept = _with_links(objects)
        for obj, matrix in [(obj, place @ obj.matrix_world) for obj in tops]:
            obj.parent = None
            obj.matrix_world = matrix
    else:
        root = bpy.data.objects.new("", None)
        active_collection(view_layer_of(context)).collection.objects.link(root)
        root.empty_display_size = max((high - low)[:]) / 2
        base = base_of(low, high)
        root.matrix_basis = place @ Matrix.Translation(base)
        kept = {root, *objects, *(above for obj in objects for above in _above(obj))}
        for obj in [obj for obj in kept if obj.parent is None and obj != root]:
            obj.parent = root
            obj.matrix_parent_inverse = Matrix.Translation(-base)
    return sorted(kept, key=lambda obj: (len(_above(obj)), obj.type != "ARMATURE", obj.name))


def _above(obj: Object) -> list[Object]:
    """What an object hangs on, from its parent up."""
    found: list[Object] = []
    while obj.parent is not None:
        obj = obj.parent
        found.append(obj)
    return found


def _with_links(objects: Sequence[Object]) -> set[Object]:
    """The objects, and the others by which one of them hangs on another."""
    kept = set(objects)
    for obj in objects:
        above = _above(obj)
        last = max((index for index, other in enumerate(above) if other in objects), default=-1)
        kept.update(above[: last + 1])
    return kept


def _stays(obj: Object) -> bool:
    return not object_moves(obj)


def _has_no_shear(matrix: Matrix) -> bool:
    """Whether a matrix is one of a place, a turn and a scale, which are all that an object has."""
    again = np.array(Matrix.LocRotScale(*matrix.decompose()))
    return bool(np.allclose(again, np.array(matrix), atol=1e-5 * np.abs(np.array(matrix)[:3, :3]).max(), rtol=1e-5))
