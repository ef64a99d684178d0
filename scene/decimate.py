# SPDX-License-Identifier: GPL-3.0-or-later
"""Fewer faces with the texture and the shape keys in their place, by what Blender has for welding and collapsing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bmesh
import bpy
import numpy as np
from bpy.types import Context, DecimateModifier, Mesh, Object, WeldModifier
from numpy.typing import NDArray

from .data import mesh_of, view_layer_of
from .joining import smooth
from .placement import bounds

WELD = 1e-6  # of the size: what belongs together lies at the same place
TRIES = 3


def decimate(context: Context, obj: Object, limit: int) -> None:
    """Brings a mesh object down to `limit` triangles (0: any); materials, UVs, colors and weights go along.

    The vertices that UV seams and hard edges keep apart are welded first, or the surface would tear there.
    Where a model of many loose pieces cannot be made simple enough, its smallest pieces go.
    """
    mesh = mesh_of(obj)
    if limit <= 0 or len(mesh.polygons) <= limit:
        return
    if mesh.has_custom_normals:
        # those of the old faces do not fit the new ones
        with context.temp_override(object=obj, active_object=obj, mesh=mesh):
            bpy.ops.mesh.customdata_custom_splitnormals_clear()
    if mesh.shape_keys is not None:
        _decimate_with_keys(context, obj, limit)
        return
    low, high = bounds(mesh)
    with _only_modifiers(obj):
        weld = obj.modifiers.new("Weld", "WELD")
        assert isinstance(weld, WeldModifier)
        weld.merge_threshold = WELD * (high - low).length
        collapse = obj.modifiers.new("Decimate", "DECIMATE")
        assert isinstance(collapse, DecimateModifier)
        collapse.ratio = limit / len(mesh.polygons)
        reduced = _evaluated(context, obj)
        for _ in range(TRIES - 1):
            if len(reduced.polygons) <= limit:
                break
            # where little can go without closing a hole or a loose piece, more has to go elsewhere
            collapse.ratio *= 0.9 * limit / len(reduced.polygons)
            bpy.data.meshes.remove(reduced)
            reduced = _evaluated(context, obj)
        obj.modifiers.remove(weld)
        obj.modifiers.remove(collapse)
    name = mesh.name
    mesh.user_remap(reduced)  # of all objects that show it
    bpy.data.meshes.remove(mesh)
    reduced.name = name
    _drop_smallest_pieces(reduced, limit)
    smooth(reduced)


def _decimate_with_keys(context: Context, obj: Object, limit: int) -> None:
    """As `decimate`, in Edit Mode, where the shape keys go along; a modifier could not be applied beside them.

    What lies at the same place and parts in some key, as lips do, is not welded.
    """
    mesh = mesh_of(obj)
    low, high = bounds(mesh)
    distance = WELD * (high - low).length
    mesh.vertices.foreach_set("select", _moves_as_one(mesh, distance))
    obj.active_shape_key_index = 0
    view_layer = view_layer_of(context)
    for other in list(view_layer.objects.selected):
        other.select_set(False)
    obj.select_set(True)
    view_layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_mode(type="VERT")
    bpy.ops.mesh.remove_doubles(threshold=distance)
    bpy.ops.mesh.reveal()
    for attempt in range(TRIES):
        bpy.ops.mesh.select_all(action="SELECT")
        obj.update_from_editmode()
        count = len(mesh.polygons)
        if count <= limit:
            break
        bpy.ops.mesh.decimate(ratio=limit / count * 0.9**attempt)
    bpy.ops.object.mode_set(mode="OBJECT")
    _drop_smallest_pieces(mesh, limit)
    smooth(mesh)


def _moves_as_one(mesh: Mesh, distance: float) -> NDArray[np.bool_]:
    """For each vertex whether all that lie where it is (within `distance`) lie together in every shape key, too."""
    assert mesh.shape_keys is not None
    shapes = []
    for block in mesh.shape_keys.key_blocks:
        flat = np.empty(len(mesh.vertices) * 3, np.float32)
        block.data.foreach_get("co", flat)
        shapes.append(np.round(flat.reshape(-1, 3) / distance).astype(np.int64))
    _, place = np.unique(shapes[0], axis=0, return_inverse=True)
    _, together = np.unique(np.concatenate(shapes, axis=1), axis=0, return_inverse=True)
    place, together = place.ravel(), together.ravel()
    lowest = np.full(place.max() + 1, len(together))
    highest = np.full(place.max() + 1, -1)
    np.minimum.at(lowest, place, together)
    np.maximum.at(highest, place, together)
    return np.asarray((lowest == highest)[place])


@contextmanager
def _only_modifiers(obj: Object) -> Iterator[None]:
    """Switches off the object's own modifiers, such as that of its skeleton, meanwhile."""
    others = [modifier for modifier in obj.modifiers if modifier.show_viewport]
    for modifier in others:
        modifier.show_viewport = False
    yield
    for modifier in others:
        modifier.show_viewport = True


def _evaluated(context: Context, obj: Object) -> Mesh:
    depsgraph = context.evaluated_depsgraph_get()
    return bpy.data.meshes.new_from_object(
        obj.evaluated_get(depsgraph), preserve_all_data_layers=True, depsgraph=depsgraph
    )


def _drop_smallest_pieces(mesh: Mesh, limit: int) -> None:
    """Deletes connected pieces, those of the least area first, until the rest has at most `limit` faces."""
    if len(mesh.polygons) <= limit:
        return
    grid = bmesh.new()
    grid.from_mesh(mesh)
    pieces = sorted(_pieces(grid), key=lambda faces: sum(face.calc_area() for face in faces), reverse=True)
    kept = 0
    doomed = []
    for faces in pieces:
        if kept and kept + len(faces) > limit:
            doomed += faces
        else:
            kept += len(faces)
    bmesh.ops.delete(grid, geom=doomed, context="FACES")
    grid.to_mesh(mesh)
    grid.free()


def _pieces(grid: bmesh.types.BMesh) -> list[list[bmesh.types.BMFace]]:
    """The faces of each connected piece."""
    pieces = []
    seen = set()
    for start in grid.faces:
        if start in seen:
            continue
        seen.add(start)
        piece = [start]
        for face in piece:  # grows on the way
            for neighbor in (other for vertex in face.verts for other in vertex.link_faces):
                if neighbor not in seen:
                    seen.add(neighbor)
                    piece.append(neighbor)
        pieces.append(piece)
    return pieces
