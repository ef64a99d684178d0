# SPDX-License-Identifier: GPL-3.0-or-later
"""An image editor with the photo, for what is drawn over it."""

import contextlib

import bpy

from ..properties import settings_of
from ..runtime.state import runtime
from ..scene.data import active_image_editor, area_of, was_viewport, window_manager_of, window_of
from ..scene.pixels import NoPixels, picture
from .result import Result

TAB = "SAM 3D"
PAUSE = 0.05
"""Seconds between two looks at an editor that is being drawn for the first time."""
MARGIN = 10
"""Pixels around an image that is fitted into its editor, both sides together."""


class SAM3D_OT_choose_in_editor(bpy.types.Operator):
    """Show the photo in an image editor, where its objects are chosen"""

    bl_idname = "sam3d.choose_in_editor"
    bl_label = "Choose in Image Editor"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a photo."""
        if settings_of(context).image is None:
            cls.poll_message_set("Choose a photo first.")
            return False
        return context.area is not None

    def execute(self, context: bpy.types.Context) -> Result:
        """Make the whole editor an image editor with the photo, or show it in the one that the button is in."""
        settings, window, area = settings_of(context), window_of(context), area_of(context)
        area.ui_type = "IMAGE_EDITOR"
        show_photo(area, settings.photo)
        space = active_image_editor(area)
        space.show_region_ui = space.show_region_toolbar = space.show_region_tool_header = True
        with contextlib.suppress(NoPixels):  # the first gesture tells
            runtime().masks.look_at(picture(settings.photo))
        bpy.app.timers.register(_Settling(window.as_pointer(), area.as_pointer()), first_interval=PAUSE)
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
        finish = bpy.ops.sam3d.finish_painting  # type: ignore[attr-defined]  # our own
        if finish.poll():
            finish()
        area_of(context).ui_type = "VIEW_3D"
        return {"FINISHED"}


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


class _Settling:
    """What can only be done once a new editor was drawn (an application timer, which returns the pause)."""

    def __init__(self, window: int, area: int) -> None:
        self._window, self._area, self._tries = window, area, 40
        self.__name__ = "settle"

    def __call__(self) -> float | None:
        """Open the sidebar on the add-on's tab, and fit the photo into the rest."""
        for window in window_manager_of(bpy.context).windows:
            for area in window.screen.areas:
                if (window.as_pointer(), area.as_pointer()) == (self._window, self._area):
                    return self._settle(window, area)
        return None

    def _settle(self, window: bpy.types.Window, area: bpy.types.Area) -> float | None:
        sidebar = next(region for region in area.regions if region.type == "UI")
        self._tries -= 1
        if sidebar.active_panel_category != TAB and self._tries:  # the tabs are known once they were drawn
            if sidebar.width > 1:
                sidebar.active_panel_category = TAB  # type: ignore[assignment]  # the stubs know no tab
            return PAUSE
        if active_image_editor(area).image is not None:
            fit(window, area)
        return None
