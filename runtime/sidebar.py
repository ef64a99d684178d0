# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar's tab, brought into view for one who has come another way than by it."""

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
        setattr(area.spaces.active, "show_region_ui", True)  # noqa: B010 - the stubs know no editor here
        bpy.app.timers.register(_Turning(area.as_pointer()), first_interval=PAUSE)


class _Turning:
    """What waits for an editor's sidebar to be drawn (an application timer, which returns the pause)."""

    def __init__(self, area: int) -> None:
        self._area, self._tries = area, TRIES
        self.__name__ = "turn"

    def __call__(self) -> float | None:
        """Turn to the tab as soon as there is one."""
        self._tries -= 1
        areas = (area for window in window_manager_of(bpy.context).windows for area in window.screen.areas)
        area = next((area for area in areas if area.as_pointer() == self._area), None)
        sidebar = next((region for region in area.regions if region.type == "UI"), None) if area else None
        if sidebar is None or sidebar.active_panel_category == TAB or not self._tries:
            return None
        if not sidebar.is_property_readonly("active_panel_category"):  # as long as it has no tabs
            sidebar.active_panel_category = TAB  # type: ignore[assignment]  # the stubs know no tab
        return PAUSE
