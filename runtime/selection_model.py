# SPDX-License-Identifier: GPL-3.0-or-later
"""The model that selects: as the preferences want it, and what changes when it comes or goes."""

import contextlib
from functools import lru_cache
from pathlib import Path

import bpy

from ..preferences import has_preferences, preferences
from ..properties import scene_settings
from ..providers.addresses import is_loopback
from ..providers.http import OFFLINE
from ..scene.data import window_manager_of
from ..scene.pixels import NoPixels
from .state import runtime

MODEL = "SEGMENT_ANYTHING"
"""As the selection in the preferences."""


def file_in_use(context: bpy.types.Context) -> Path | None:
    """The file of the model, None where there is none or the artist wants the built-in selection."""
    model = runtime().selection_model
    wanted = not has_preferences(context) or preferences(context).selection == MODEL
    return model.file if model.is_here and wanted else None


def use(context: bpy.types.Context) -> None:
    """Select as the preferences want it from now on."""
    runtime().masks.use_model(file_in_use(context))


def tick(context: bpy.types.Context) -> bool:
    """Take over what has become of a download; returns whether there is something new to show."""
    model = runtime().selection_model
    if not model.drain():
        return False
    before = runtime().masks.has_model
    use(context)
    if runtime().masks.has_model and not before:
        _look_at_open_photo(context)
    return True


def address(context: bpy.types.Context) -> str:
    """Where it is downloaded from."""
    own = preferences(context).selection_model_url.strip() if has_preferences(context) else ""
    return own or runtime().selection_model.wanted.url


def obstacle(context: bpy.types.Context) -> str:
    """Why it cannot be downloaded now, as a sentence; empty where it can."""
    return "" if bpy.app.online_access or _needs_no_network(address(context)) else OFFLINE


@lru_cache(maxsize=2)
def _needs_no_network(url: str) -> bool:
    """Panels ask at each draw, and to read an address takes as long as half of a panel."""
    return is_loopback(url)


def is_offered(context: bpy.types.Context) -> bool:
    """Whether the panel offers the download: until the artist has it, or does not want it."""
    model = runtime().selection_model
    return not model.is_here and has_preferences(context) and not preferences(context).selection_declined


def look_at(photo: bpy.types.Image) -> None:
    """Open a photo beforehand, so that what is drawn over it next need not wait; raises NoPixels."""
    runtime().masks.look_at(runtime().photo.read(photo))


def _look_at_open_photo(context: bpy.types.Context) -> None:
    """The photo that an image editor shows is about to be drawn over."""
    for window in window_manager_of(context).windows:
        settings = scene_settings(window.scene)
        for area in window.screen.areas:
            photo = settings.photo_in(area.spaces.active)
            if photo is not None:
                with contextlib.suppress(NoPixels):  # the first gesture tells
                    look_at(photo)
                return
