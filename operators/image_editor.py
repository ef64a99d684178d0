# SPDX-License-Identifier: GPL-3.0-or-later
"""An image editor with the photo, for what is drawn over it."""

import bpy

from ..properties import settings_of
from ..scene.data import active_image_editor, area_of, interface_scale, window_manager_of, window_of
from .result import Result

LEAST_WIDTH = 640
"""Pixels, at scale 1, that an editor must be wide to be split in two."""
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
        """Take an image editor that is open, else the left half of this editor, else a new window."""
        found = _open_editor(context)
        if found is None:
            window = window_of(context)
            area = _left_half(context)
            if area is None:
                bpy.ops.wm.window_new()
                window = window_manager_of(context).windows[-1]
                area = window.screen.areas[0]
            area.ui_type = "IMAGE_EDITOR"
        else:
            window, area = found
        show_photo(area, settings_of(context).photo)
        active_image_editor(area).show_region_ui = True
        bpy.app.timers.register(_Settling(window.as_pointer(), area.as_pointer()), first_interval=PAUSE)
        return {"FINISHED"}


def show_photo(area: bpy.types.Area, photo: bpy.types.Image) -> None:
    """Let an image editor show the photo, and be in the mode for looking."""
    space = active_image_editor(area)
    if space.image != photo:
        space.image = photo
    space.mode = "VIEW"


def fit(window: bpy.types.Window, area: bpy.types.Area) -> None:
    """All of the image in view, beside the sidebar where that lies over the editor."""
    image = active_image_editor(area).image
    assert image is not None
    canvas, sidebar = (next(one for one in area.regions if one.type == kind) for kind in ("WINDOW", "UI"))
    covered = max(0, canvas.x + canvas.width - sidebar.x) if sidebar.width > 1 else 0
    width, height = (edge * aspect for edge, aspect in zip(image.size, image.display_aspect[:], strict=True))
    room = max(canvas.width - covered - MARGIN, canvas.width / 4)
    zoom = min(room / width, (canvas.height - MARGIN) / height)
    with bpy.context.temp_override(window=window, area=area, region=canvas):
        bpy.ops.image.view_all()  # which centers it
        bpy.ops.image.view_zoom_ratio(ratio=zoom)
        bpy.ops.image.view_pan(offset=(covered / 2 / zoom, 0.0))


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


def _open_editor(context: bpy.types.Context) -> tuple[bpy.types.Window, bpy.types.Area] | None:
    """An image editor that is open, of this window if there is one."""
    windows = [window_of(context), *window_manager_of(context).windows]
    found = [(window, area) for window in windows for area in window.screen.areas if area.ui_type == "IMAGE_EDITOR"]
    return found[0] if found else None


def _left_half(context: bpy.types.Context) -> bpy.types.Area | None:
    """The left half of the editor that the button is in; None where it cannot be split."""
    screen = window_of(context).screen
    if area_of(context).width < LEAST_WIDTH * interface_scale(context) or screen.show_fullscreen:
        return None
    before = {area.as_pointer() for area in screen.areas}
    bpy.ops.screen.area_split(direction="VERTICAL", factor=0.5)
    new = next((area for area in screen.areas if area.as_pointer() not in before), None)
    return None if new is None else min(new, area_of(context), key=lambda area: area.x)
