# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects are shown on the photo with the mouse, and become masks."""

import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from mouse import drag, on_screen
from numpy.typing import NDArray
from PIL import Image
from steps import ARGUMENTS, Steps, area, hover, install, lead, open_tab, press, region, screenshot, seconds

ZIP_FILE, PHOTO, TEAPOT = ARGUMENTS
TEAPOT_BOX = ((380.0, 380.0), (870.0, 710.0))
"""Corners around the teapot, in pixels of the photo."""


def pixels(number: int) -> NDArray[np.bool_]:
    """The mask of a row as Blender shows it, top row first."""
    image = bpy.context.scene.sam3d.masks[number].image
    values = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(values)
    shown = values.reshape(image.size[1], image.size[0], 4)[::-1, :, 0] > 0.5
    packed = np.asarray(Image.open(io.BytesIO(image.packed_file.data))) > 127
    assert (shown == packed).all()
    return shown


def likeness(found: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> float:
    """Intersection over union."""
    return float((found & wanted).sum() / (found | wanted).sum())


def at_rest() -> bool:
    """Whether no selection is at work."""
    from bl_ext.user_default.sam3d.jobs import selections

    return not selections().busy


def take_up(tool: str, *, new: bool) -> Steps:
    """Choose a tool as the panel's button does."""
    canvas = region("IMAGE_EDITOR", "WINDOW")
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=area("IMAGE_EDITOR"), region=canvas):
        assert bpy.ops.sam3d.draw_mask("INVOKE_DEFAULT", tool=tool, new=new) == {"RUNNING_MODAL"}
    yield seconds(0.3)


def steps() -> Steps:
    install(ZIP_FILE)
    teapot = np.asarray(Image.open(TEAPOT).convert("L")) > 127
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    area("VIEW_3D").type = "IMAGE_EDITOR"
    bpy.ops.ed.undo_push(message="Choose the photo")
    yield from open_tab("IMAGE_EDITOR")
    yield from take_up("BOX", new=True)
    assert area("IMAGE_EDITOR").spaces.active.image == settings.image
    yield drag([TEAPOT_BOX[0], (600, 500), TEAPOT_BOX[1]])
    yield lambda: len(settings.masks) == 1 and settings.masks[0].image is not None and at_rest()
    yield seconds(0.5)
    screenshot("1-box")
    assert likeness(pixels(0), teapot) > 0.93, likeness(pixels(0), teapot)


lead(steps())
