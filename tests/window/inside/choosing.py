# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects are shown on the photo with the mouse, and become masks."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from mouse import drag, on_screen
from numpy.typing import NDArray
from PIL import Image, ImageChops
from steps import (
    ARGUMENTS,
    Steps,
    area,
    click,
    hover,
    install,
    lead,
    open_tab,
    press,
    region,
    screen_box,
    screenshot,
    seconds,
)

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


def tools_in_hand() -> list[str]:
    """The tools that wait for a gesture."""
    window = bpy.context.window_manager.windows[0]
    return [one.properties.tool for one in window.modal_operators if one.bl_idname == "SAM3D_OT_draw_mask"]


def take_up(tool: str, *, new: bool) -> Steps:
    """Choose a tool as the panel's button does."""
    canvas = region("IMAGE_EDITOR", "WINDOW")
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=area("IMAGE_EDITOR"), region=canvas):
        assert bpy.ops.sam3d.draw_mask("INVOKE_DEFAULT", tool=tool, new=new) == {"RUNNING_MODAL"}
    yield seconds(0.3)


def teapot() -> NDArray[np.bool_]:
    """The true mask."""
    return np.asarray(Image.open(TEAPOT).convert("L")) > 127


def arrived(count: int) -> Callable[[], bool]:
    """Whether so many masks are in the list, all with their images."""
    masks = bpy.context.scene.sam3d.masks
    return lambda: len(masks) == count and all(mask.image is not None for mask in masks) and at_rest()


def changed(before: Path, after: Path) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what differs in the sidebar between two pictures of the screen."""
    left, top, right, bottom = screen_box(region("IMAGE_EDITOR"))
    first, second = (Image.open(path).convert("RGB").crop((left, top, right, bottom)) for path in (before, after))
    box = ImageChops.difference(first, second).getbbox()
    assert box is not None, "the sidebar shows no change"
    return left + box[0], top + box[1], left + box[2], top + box[3]


def box_through_the_button() -> Steps:
    """The panel's own button is found by how it looks when its tool is in hand, and pressed with the mouse."""
    yield seconds(0.5)
    before = screenshot("0-panel")
    yield from take_up("BOX", new=True)
    yield seconds(0.5)
    left, top, right, bottom = changed(before, screenshot("0-in-hand"))
    assert area("IMAGE_EDITOR").spaces.active.image == bpy.context.scene.sam3d.image
    for in_hand in (False, True):  # pressed again it is laid down
        click((left + right) / 2, (top + bottom) / 2)
        yield lambda in_hand=in_hand: in_hand is bool(tools_in_hand())
        yield seconds(0.5)
    yield drag([TEAPOT_BOX[0], (600, 500), TEAPOT_BOX[1]])
    yield arrived(1)
    yield seconds(0.5)
    screenshot("1-box")
    assert likeness(pixels(0), teapot()) > 0.75, likeness(pixels(0), teapot())
    yield drag([(145, 175), (306, 350)])  # the apple
    yield arrived(2)
    yield seconds(0.5)
    screenshot("2-second-box")
    assert pixels(1)[265, 225]
    assert not pixels(1)[960 - 265, 225]


def steps() -> Steps:
    install(ZIP_FILE)
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    area("VIEW_3D").type = "IMAGE_EDITOR"
    bpy.ops.ed.undo_push(message="Choose the photo")
    yield from open_tab("IMAGE_EDITOR")
    yield from box_through_the_button()
    # yield from points()
    # yield from strokes()
    # yield from lassos()
    # yield from take_back_and_undo()
    # yield from rows()
    # yield from interruptions()


lead(steps())
