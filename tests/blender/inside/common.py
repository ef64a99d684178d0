# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scripts in Blender share: an empty file, a disc as a photo, what has arrived, and how a process ends."""

import os
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.sam3d.preferences import preferences
from bl_ext.user_default.sam3d.runtime.state import runtime

FOLDER = Path.cwd()
"""The test's own folder."""


def empty_file() -> tuple[bpy.types.Scene, Any]:
    """A new file with nothing in it: its scene, and the extension's settings there."""
    bpy.ops.wm.read_homefile(use_empty=True)
    return bpy.context.scene, bpy.context.scene.sam3d


def all_preferences() -> Any:
    """The extension's preferences, with what the services state for themselves."""
    return preferences(bpy.context)


def choose_service(url: str) -> None:
    """Let a service on this machine make the models, which takes less time than drafting them."""
    all_preferences().wavespeed_url = url
    bpy.context.scene.sam3d.provider = "WAVESPEED"


def disc(
    name: str,
    *,
    size: int = 96,
    center: tuple[float, float] = (0.5, 0.5),
    radius: float = 0.3,
    color: tuple[float, float, float] = (0.8, 0.2, 0.1),
    background: tuple[float, float, float] | None = None,
    **options: bool,
) -> bpy.types.Image:
    """A disc as a generated image that was never saved; transparent around it where there is no background."""
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    inside = (x - center[0]) ** 2 + (y - center[1]) ** 2 < radius**2
    pixels = np.zeros((size, size, 4), np.float32)
    if background is not None:
        pixels[...] = (*background, 1.0)
    pixels[inside] = (*color, 1.0)
    image = bpy.data.images.new(name, size, size, alpha=background is None, **options)
    image.pixels.foreach_set(pixels.ravel())
    return image


def imported_objects() -> list[bpy.types.Object]:
    """The objects in the scene that jobs have made."""
    return [obj for obj in bpy.context.scene.objects if "sam3d_job" in obj]


def newest(count: int = 1) -> list[Any]:
    """The last jobs, in the order of their starts."""
    return list(runtime().queue.jobs.values())[-count:]


def last_message() -> str:
    """The sentence of the last job."""
    return str(newest()[0].message)


def leave() -> None:
    """End at once: bpy 4.2 crashes on its way out after any glTF export, and after some uninstallations."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
