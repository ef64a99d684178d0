# SPDX-License-Identifier: GPL-3.0-or-later
"""An image editor with the photo, for what is drawn over it."""

import contextlib
from functools import partial

import bpy

from ..properties import settings_of
from ..runtime.pump import follow
from ..runtime.selection_model import look_at
from ..runtime.sidebar import EDITORS, turn_to_tab
from ..scene.data import active_image_editor, area_of, was_viewport
from ..scene.pixels import NoPixels
from .result import Result

FIRST_TOOL = "sam3d.box"
MARGIN = 10
"""Pixels around an image that is fitted into its editor, both sides together."""


def put_brush_away() -> None:
    """Finish painting a mask, where one is painted."""
    finish = bpy.ops.sam3d.finish_painting  # type: ignore[attr-defined]  # our own
    if finish.poll():
        finish()


def photo_can_be_shown(operator: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Whether there is a photo, and an editor to show it in; for an operator's `poll`, which tells what is missing."""
    if settings_of(context).image is None:
        operator.poll_message_set("Choose a photo first.")
        return False
    return context.area is not None


class SAM3D_OT_choose_in_editor(bpy.types.Operator):
    """Show the photo in an image editor, where its objects are chosen"""

    bl_idname = "sam3d.choose_in_editor"
    bl_label = "Choose in Image Editor"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a photo."""
        return photo_can_be_shown(cls, context)

    def execute(self, context: bpy.types.Context) -> Result:
        """Make the whole editor an image editor with the photo, or show it in the one that the button is in."""
        open_photo(context)
        with contextlib.suppress(NoPixels):  # the first gesture tells
            look_at(settings_of(context).photo)
        follow()
        return {"FINISHED"}


class SAM3D_OT_back_to_viewport(bpy.types.Operator):
    """Make this editor the 3D viewport again, as it was"""

    bl_idname = "sam3d.back_to_viewport"
    bl_label = "Back to 3D Viewport"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """It must have been one."""
        return context.area is not None and was_viewport(context.area)

    def execute(self, context: bpy.types.Context) -> Result:
        """Blender keeps what an editor showed before."""
        put_brush_away()
        area_of(context).ui_type = "VIEW_3D"
        return {"FINISHED"}


def open_photo(context: bpy.types.Context, tool: str = "", photo: bpy.types.Image | None = None) -> None:
    """Make the editor an image editor that shows all of the photo, or of an added one, with a tool in hand: one that is
    named, or else one of ours.
    """
    area = area_of(context)
    area.ui_type = "IMAGE_EDITOR"
    show_photo(area, photo or settings_of(context).photo)
    space = active_image_editor(area)
    space.show_region_toolbar = space.show_region_tool_header = True
    turn_to_tab(area, partial(_begin, tool))


def editor_for(context: bpy.types.Context, image: bpy.types.Image, place: int) -> bpy.types.Area | None:
    """Where an image is shown best: the editor of the window that shows it, else the one of that pointer, else the
    largest 3D viewport or image editor.
    """
    if context.window is None:
        return None
    areas = list(context.window.screen.areas)
    shows = [area for area in areas if isinstance(area.spaces.active, bpy.types.SpaceImageEditor)]
    shows = [area for area in shows if active_image_editor(area).image == image]
    named = [area for area in areas if area.as_pointer() == place and area.type in EDITORS]
    large = sorted((area for area in areas if area.type in EDITORS), key=lambda area: -area.width * area.height)
    return next(iter([*shows, *named, *large]), None)


def show_photo(area: bpy.types.Area, photo: bpy.types.Image) -> None:
    """Let an image editor show the photo, and be in the mode for looking."""
    space = active_image_editor(area)
    if space.image != photo:
        space.image = photo
    space.mode = "VIEW"


def fit(window: bpy.types.Window, area: bpy.types.Area) -> None:
    """All of the image in view, between toolbar and sidebar where those lie over the editor."""
    image = active_image_editor(area).image
    assert image is not None
    canvas, tools, sidebar = (
        next(one for one in area.regions if one.type == kind) for kind in ("WINDOW", "TOOLS", "UI")
    )
    left = max(0, tools.x + tools.width - canvas.x) if tools.width > 1 else 0
    right = max(0, canvas.x + canvas.width - sidebar.x) if sidebar.width > 1 else 0
    width, height = (edge * aspect for edge, aspect in zip(image.size, image.display_aspect[:], strict=True))
    room = max(canvas.width - left - right - MARGIN, canvas.width / 4)
    zoom = min(room / width, (canvas.height - MARGIN) / height)
    with bpy.context.temp_override(window=window, area=area, region=canvas):
        bpy.ops.image.view_all()  # which centers it
        bpy.ops.image.view_zoom_ratio(ratio=zoom)
        bpy.ops.image.view_pan(offset=((right - left) / 2 / zoom, 0.0))


def _begin(tool: str, window: bpy.types.Window, area: bpy.types.Area) -> None:
    """Fit the photo in beside the bars, and take the tool up."""
    if area.type != "IMAGE_EDITOR" or active_image_editor(area).image is None:
        return
    fit(window, area)
    in_hand = window.workspace.tools.from_space_image_mode("VIEW", create=True)
    if tool or in_hand is None or not in_hand.idname.startswith("sam3d."):
        with bpy.context.temp_override(window=window, area=area):
            bpy.ops.wm.tool_set_by_id(name=tool or FIRST_TOOL)
