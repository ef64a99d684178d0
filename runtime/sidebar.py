# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar's tab, brought into view for one who has come another way than by it."""

from collections.abc import Callable

import bpy

from ..scene.data import window_manager_of

TAB = "SAM 3D"
EDITORS = ("VIEW_3D", "IMAGE_EDITOR")
PAUSE, TRIES = 0.05, 40
"""A sidebar knows its tabs once it was drawn: seconds between two looks, and how many there are."""


def show_tab(context: bpy.types.Context) -> None:
    """Open the sidebar on the add-on's tab: of this editor, else of the window's largest that has the tab."""
    window, area = context.window, context.area
    if window is None:
        return
    if area is None or area.type not in EDITORS:
        found = [area for area in window.screen.areas if area.type in EDITORS]
        area = max(found, key=lambda area: (area.type == EDITORS[0], area.width * area.height), default=None)
    if area is not None:
        turn_to_tab(area)


def turn_to_tab(area: bpy.types.Area, then: Callable[[bpy.types.Window, bpy.types.Area], None] | None = None) -> None:
    """Open an editor's sidebar on the add-on's tab; what comes `then` is done once the editor was drawn that way."""
    setattr(area.spaces.active, "show_region_ui", True)  # noqa: B010 - the stubs know no editor here
    bpy.app.timers.register(_Turning(area.as_pointer(), then), first_interval=PAUSE)


class _Turning:
    """What waits for an editor's sidebar to be drawn (an application timer, which returns the pause)."""

    def __init__(self, area: int, then: Callable[[bpy.types.Window, bpy.types.Area], None] | None) -> None:
        self._area, self._then, self._tries = area, then, TRIES
        self.__name__ = "turn"

    def __call__(self) -> float | None:
        """Turn to the tab as soon as there is one."""
        for window in window_manager_of(bpy.context).windows:
            for area in window.screen.areas:
                if area.as_pointer() == self._area:
                    return self._turn(window, area)
        return None

    def _turn(self, window: bpy.types.Window, area: bpy.types.Area) -> float | None:
        sidebar = next((region for region in area.regions if region.type == "UI"), None)
        self._tries -= 1
        if sidebar is not None and sidebar.active_panel_category != TAB and self._tries:
            if not sidebar.is_property_readonly("active_panel_category"):  # as it is without tabs
                sidebar.active_panel_category = TAB  # type: ignore[assignment]  # the stubs know no tab
            return PAUSE
        if self._then is not None:
            self._then(window, area)
        return None
