# SPDX-License-Identifier: GPL-3.0-or-later
"""The photo's camera: what it was found by, and what the artist says about it."""

import math

import bpy

from ..match_properties import GUIDES_TOOL, SAM3D_PG_match
from ..properties import drawing_of, settings_of
from ..scene.data import window_manager_of, workspace_of
from ..scene.photo_camera import seen_by
from .options import draw_switched
from .text import sentence


def draw_camera(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """A foldable section, where the photo has a camera or is to get one."""
    settings = settings_of(context)
    match = settings.match
    if settings.source != "IMAGE" or settings.image is None:
        return
    header, body = layout.panel("sam3d_camera")
    header.label(text="Camera")
    if body is None:
        return
    camera = None if match is None else settings.camera_of(match)
    if match is not None and camera is not None:
        sentence(body, context, _found(match, camera), "VIEW_CAMERA")
    _draw_lens(body, match)
    _draw_guides(body, context, match)


def _found(match: SAM3D_PG_match, camera: bpy.types.Object) -> str:
    """The camera in figures, and what it was found by."""
    seen = seen_by(camera, match.width, match.height)
    degrees = math.degrees(seen.pitch)
    figures = f"{seen.lens:.0f} mm, {abs(degrees):.0f}° {'down' if degrees >= 0 else 'up'}"
    return f"{figures}. {match.told}" if match.told else figures


def _draw_lens(body: bpy.types.UILayout, match: SAM3D_PG_match | None) -> None:
    """Known, or found."""
    if match is None:
        return
    column = body.column()
    column.use_property_split = True
    column.use_property_decorate = False
    draw_switched(column, match, "Lens", "use_lens", "lens", "Found")


def _draw_guides(body: bpy.types.UILayout, context: bpy.types.Context, match: SAM3D_PG_match | None) -> None:
    """The way to the tool, or, with the tool in hand, which way the next line runs."""
    column = body.column(align=True)
    row = column.row(align=True)
    in_hand = _in_hand(context)
    row.operator("sam3d.draw_guides", icon="DRIVER_DISTANCE", depress=in_hand)
    if match is not None and match.guides:
        row.operator("sam3d.clear_guides", text="", icon="X")
    if in_hand:
        column.row(align=True).prop(drawing_of(window_manager_of(context)), "guide_axis", expand=True)
    if match is not None and match.problem:
        sentence(body, context, match.problem, "ERROR", explained=True)


def _in_hand(context: bpy.types.Context) -> bool:
    if not isinstance(context.space_data, bpy.types.SpaceImageEditor):
        return False
    tool = workspace_of(context).tools.from_space_image_mode("VIEW")
    return tool is not None and tool.idname == GUIDES_TOOL
