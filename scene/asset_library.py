# SPDX-License-Identifier: GPL-3.0-or-later
"""The asset library among those of Blender's preferences, and in the asset browsers that are open."""

from pathlib import Path

import bpy
from bpy.types import Context

from .assets import APPEND
from .data import preferences_of, window_manager_of

NAME = "SAM 3D"


def is_registered(context: Context, folder: Path) -> bool:
    """Whether Blender's asset browser knows the folder."""
    return any(Path(library.path) == folder for library in preferences_of(context).filepaths.asset_libraries)


def register(context: Context, folder: Path) -> None:
    """Add the folder to Blender's asset libraries; saved when Blender saves its preferences by itself."""
    if is_registered(context, folder):
        return
    library = preferences_of(context).filepaths.asset_libraries.new(name=NAME, directory=str(folder))
    library.import_method = APPEND
    preferences_of(context).is_dirty = True


def refresh_browsers(context: Context) -> None:
    """Have the asset browsers that are open show what is new."""
    for window in window_manager_of(context).windows:
        for area in window.screen.areas:
            if area.ui_type != "ASSETS":
                continue
            with context.temp_override(window=window, area=area):
                if bpy.ops.asset.library_refresh.poll():  # type: ignore[call-arg]  # a method, not of a class
                    bpy.ops.asset.library_refresh()
