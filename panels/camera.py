# SPDX-License-Identifier: GPL-3.0-or-later
"""The photo's camera: what it was found by, and what the artist says about it."""

import math

import bpy

from ..match_properties import GUIDES_TOOL, SAM3D_PG_match
from ..properties import drawing_of, settings_of
from ..runtime.state import runtime
from ..scene.data import scene_of, unit_of, view_layer_of, window_manager_of, workspace_of
from ..scene.photo_camera import seen_by
from ..scene.placed import height_of, placed_top
from .options import draw_switched
from .text import sentence


def draw_camera(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """A foldable section, where the photo has a camera or is to get one."""
    settings = settings_of(context)
    match = settings.match
    is_known = match is not None and (len(match.guides) > 0 or settings.camera is not None)
    if settings.source != "IMAGE" or settings.image is None or not (settings.places_as_in_photo or is_known):
        return
    header, body = layout.panel("sam3d_camera")
    header.label(text="Camera")
    if body is None:
        return
    camera = settings.camera
    if match is not None and camera is not None:
        sentence(body, context, _found(match, camera), "CAMERA_DATA")
    _draw_ways(body, context, match)
    if match is not None:
        _draw_lens(body, match, camera)
    if match is not None and camera is not None:
        _draw_use(body, match)
        if any(placed_top(obj) is not None for obj in camera.users_collection[0].objects):
            _draw_results(body, context)


def _found(match: SAM3D_PG_match, camera: bpy.types.Object) -> str:
    """The camera in figures, and what it was found by."""
    seen = seen_by(camera, match.width, match.height)
    degrees = math.degrees(seen.pitch)
    return f"{seen.lens:.0f} mm, {abs(degrees):.0f}° {'down' if degrees >= 0 else 'up'}. {match.told}"


def _draw_ways(body: bpy.types.UILayout, context: bpy.types.Context, match: SAM3D_PG_match | None) -> None:
    """How the camera is found: by itself, or by lines; with their tool in hand, which way the next one runs."""
    column = body.column(align=True)
    is_at_work = match is not None and runtime().matching.is_at_work(match.source)
    row = column.row(align=True)
    row.enabled = not is_at_work
    row.operator("sam3d.match_camera", text="Finding Camera" if is_at_work else "Find Camera", icon="VIEWZOOM")
    row = column.row(align=True)
    is_in_hand = _in_hand(context)
    row.operator("sam3d.draw_guides", icon="DRIVER_DISTANCE", depress=is_in_hand)
    if match is not None and match.guides:
        row.operator("sam3d.clear_guides", text="", icon="X")
    if is_in_hand:
        column.row(align=True).prop(drawing_of(window_manager_of(context)), "guide_axis", expand=True)
    if match is not None and match.problem:
        sentence(body, context, match.problem, "ERROR", explained=True)


def _draw_lens(body: bpy.types.UILayout, match: SAM3D_PG_match, camera: bpy.types.Object | None) -> None:
    """Known, or found."""
    found = "" if camera is None else f"{seen_by(camera, match.width, match.height).lens:.0f} mm, "
    column = body.column()
    column.use_property_split = True
    column.use_property_decorate = False
    draw_switched(column, match, "Lens", "use_lens", "lens", f"{found}as found")


def _draw_use(body: bpy.types.UILayout, match: SAM3D_PG_match) -> None:
    """What the camera is good for."""
    column = body.column(align=True)
    row = column.row(align=True)
    row.operator("sam3d.look_through", icon="VIEW_CAMERA")
    row.operator("sam3d.use_photo_size", text="Photo's Size", icon="OUTPUT")
    if match.ground is not None:
        body.prop(match, "shadow_catcher")


def _draw_results(body: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What is done with results that stand before the camera."""
    column = body.column()
    row = column.row()
    row.enabled = any(placed_top(obj) is not None for obj in view_layer_of(context).objects.selected)
    row.operator("sam3d.fit_to_photo", icon="SNAP_ON")
    row.operator_menu_enum("sam3d.stand_on", "on", text="Stands On")
    if not row.enabled:
        sentence(column, context, "No result is selected: select its object in the viewport.", "INFO", explained=True)
    top = placed_top(context.active_object)
    if top is not None:
        scene = scene_of(context)
        height = bpy.utils.units.to_string(
            scene.unit_settings.system, "LENGTH", height_of(top) * unit_of(scene), precision=3
        )
        column.operator("sam3d.set_real_height", text=f"Height of {top.name}: {height}", icon="EMPTY_SINGLE_ARROW")


def _in_hand(context: bpy.types.Context) -> bool:
    """Whether the tool is in hand that draws guides, in the editor that the panel is in."""
    if not isinstance(context.space_data, bpy.types.SpaceImageEditor):
        return False
    tool = workspace_of(context).tools.from_space_image_mode("VIEW")
    return tool is not None and tool.idname == GUIDES_TOOL
