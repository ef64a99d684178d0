# SPDX-License-Identifier: GPL-3.0-or-later
"""What the 3D viewports show of objects: whether they are in view, in which colors, and how to bring them into view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import bpy
from bpy.types import Area, Context, Object, Region, SpaceView3D, Window
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector

from .data import mesh_of, view_layer_of, window_manager_of

SAME = 0.05
"""Of a view's distance: what it has moved less has not been moved by hand."""
TINY = 0.12
"""Of a viewport's height: what takes less of it is not looked at."""


def viewports(context: Context) -> Iterator[tuple[Window, Area, SpaceView3D]]:
    """The 3D viewports that are on the screen, the artist's own window and the largest first.

    Without a window there are none, though a file has some: moving those would crash Blender.
    """
    if bpy.app.background:
        return
    windows = sorted(window_manager_of(context).windows, key=lambda window: window != context.window)
    for window in windows:
        for area in sorted(window.screen.areas, key=lambda area: -area.width * area.height):
            space = area.spaces.active
            if isinstance(space, SpaceView3D) and space.region_3d is not None:
                yield window, area, space


def show_colors(space: SpaceView3D, objects: Sequence[Object]) -> bool:
    """Has a viewport in Blender's own default shading show the colors of new objects; returns whether it was changed.

    What the artist has set otherwise stays.
    """
    shading = space.shading
    if shading.type != "SOLID" or shading.color_type != "MATERIAL":
        return False
    meshes = [mesh_of(obj) for obj in objects if obj.type == "MESH"]
    if any(_has_picture(material) for mesh in meshes for material in mesh.materials):
        shading.color_type = "TEXTURE"
    elif any(mesh.color_attributes for mesh in meshes):
        shading.color_type = "VERTEX"
    else:
        return False
    return True


def _has_picture(material: bpy.types.Material | None) -> bool:
    tree = None if material is None else material.node_tree
    return tree is not None and any(node.bl_idname == "ShaderNodeTexImage" for node in tree.nodes)


def is_seen(area: Area, space: SpaceView3D, objects: Sequence[Object]) -> bool:
    """Whether objects are wholly in a viewport, beside its sidebars, and not tiny there."""
    left, right = free_part(area)
    region = _window_region(area)
    bottom, top = 0, region.height
    view = space.region_3d
    assert view is not None
    places = [
        location_3d_to_region_2d(region, view, obj.matrix_world @ Vector(corner))
        for obj in objects
        if obj.type == "MESH"
        for corner in obj.bound_box
    ]
    seen = [place for place in places if place is not None]
    if not seen or len(seen) < len(places):
        return False  # some of it is behind the eye
    low, high = (Vector([choose(axis) for axis in zip(*seen, strict=True)]) for choose in (min, max))
    if low.x < left or low.y < bottom or high.x > right or high.y > top:
        return False
    size = high - low
    return bool(max(size.x, size.y) >= TINY * region.height)


def _window_region(area: Area) -> Region:
    return next(region for region in area.regions if region.type == "WINDOW")


def free_part(area: Area) -> tuple[int, int]:
    """The part of a viewport that no sidebar lies over: from left to right, in its own pixels."""
    window = _window_region(area)
    left, right = 0, window.width
    for region in area.regions:
        if region.width <= 1 or region.height < window.height / 2:
            continue
        if region.type == "UI":
            right = min(right, region.x - window.x)
        elif region.type == "TOOLS":
            left = max(left, region.x + region.width - window.x)
    return left, right


def may_turn(space: SpaceView3D) -> bool:
    """Whether a view may be moved: it is no camera's, and follows nothing."""
    view = space.region_3d
    return view is not None and (
        view.view_perspective != "CAMERA" and space.lock_object is None and not space.lock_cursor
    )


def looks_at(space: SpaceView3D, place: tuple[float, float, float]) -> bool:
    """Whether a view is still turned about the place that it was moved to."""
    view = space.region_3d
    return view is not None and (view.view_location - Vector(place)).length < SAME * view.view_distance


def middle(objects: Sequence[Object]) -> Vector:
    """The middle of the box around what objects show, which is where `frame` moves a view to."""
    low, high = _box(objects)
    return (low + high) / 2


def base(objects: Sequence[Object]) -> Vector:
    """The middle of the base of that box; a single object's own origin, which may be elsewhere for what has bones."""
    tops = [obj for obj in objects if obj.parent not in objects]
    if len(tops) == 1:
        return tops[0].matrix_world.translation.copy()
    low, high = _box(objects)
    return Vector(((low.x + high.x) / 2, (low.y + high.y) / 2, low.z))


def _box(objects: Sequence[Object]) -> tuple[Vector, Vector]:
    corners = [obj.matrix_world @ Vector(corner) for obj in objects if obj.type == "MESH" for corner in obj.bound_box]
    low, high = (Vector([choose(axis) for axis in zip(*corners, strict=True)]) for choose in (min, max))
    return low, high


def frame(context: Context, window: Window, area: Area, objects: Sequence[Object]) -> None:
    """Moves a view, smoothly where Blender is set to that, so that objects fill it; the selection stays as it was."""
    view_layer = view_layer_of(context)
    selected, active = list(view_layer.objects.selected), view_layer.objects.active
    for obj in selected:
        obj.select_set(False, view_layer=view_layer)
    for obj in objects:
        obj.select_set(True, view_layer=view_layer)
    try:
        with context.temp_override(window=window, area=area, region=_window_region(area)):
            bpy.ops.view3d.view_selected("INVOKE_DEFAULT")
    finally:
        for obj in objects:
            obj.select_set(obj in selected, view_layer=view_layer)
        for obj in selected:
            obj.select_set(True, view_layer=view_layer)
        view_layer.objects.active = active
