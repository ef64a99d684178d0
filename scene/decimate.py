# SPDX-License-Identifier: GPL-3.0-or-later
"""Fewer faces with the texture in its place: Blender's own Weld and Decimate modifiers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bmesh
import bpy
from bpy.types import Context, DecimateModifier, Mesh, Object, WeldModifier

from .data import mesh_of
from .placement import bounds, smooth

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
    obj.data = reduced
    bpy.data.meshes.remove(mesh)
    reduced.name = name
    _drop_smallest_pieces(reduced, limit)
    smooth(reduced)


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
