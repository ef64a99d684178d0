# SPDX-License-Identifier: GPL-3.0-or-later
"""A mask is painted over the photo with the mouse, erased, undone, finished, and kept with the file."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from image_editor import drawn, frame, on_screen, open_editor, seen, view
from numpy.typing import NDArray
from steps import (
    ARGUMENTS,
    FOLDER,
    Steps,
    area,
    click,
    hover,
    install,
    lead,
    press,
    region,
    screen_box,
    screenshot,
    stroke,
    take_step,
)

ZIP_FILE, PHOTO = ARGUMENTS
CROSSING = (0.45, 0.45)
"""Where the two strokes meet, on the image from its bottom left."""
COLOR, SECOND = (0.25, 0.5, 0.75), (0.75, 0.5, 0.25)
STILL = 1.0
"""Pixels of the screen by which the photo may move when mask and photo take turns."""


def steps() -> Steps:
    install(ZIP_FILE)
    settings, space = bpy.context.scene.sam3d, open_editor()
    unified().color, unified().secondary_color = COLOR, SECOND
    settings.image = space.image = bpy.data.images.load(PHOTO)
    yield from place_view(0.7, (40, 25))
    yield from begin(new=True)
    assert tuple(settings.masks[0].image.size) == tuple(settings.image.size)
    yield from paint()
    yield from place_view(2.3, (-60, 20))
    before = frame()
    yield from finish(before)
    yield from keep()
    yield from large_photo()
    yield from undo_all()


def begin(*, new: bool) -> Steps:
    """Press the button; the photo stays where it is on the screen, and looks as before."""
    before = frame()
    photo = seen(screenshot("1-photo"))
    with view():
        assert bpy.ops.sam3d.paint_mask("EXEC_DEFAULT", True, new=new) == {"FINISHED"}
    yield from drawn()
    assert np.allclose(frame(), before, atol=STILL), (before, frame())
    painting = seen(screenshot("2-painting"))
    middle = tuple(slice(edge // 4, -edge // 3) for edge in photo.shape[:2])  # Blender shows its brushes at the edge
    assert np.abs(painting[middle].astype(int) - photo[middle]).mean() < 3.0, "the photo is not underneath"
    assert area("IMAGE_EDITOR").spaces.active.mode == "PAINT"


def paint() -> Steps:
    """A stroke, one across that takes away, and that one taken back."""
    mask = bpy.context.scene.sam3d.masks[0].image
    assert not white(mask).any()
    stroke(on_screen(0.3, 0.45), on_screen(0.6, 0.45))
    yield lambda: at(mask, 0.58, 0.45)
    yield from drawn()
    screenshot("3-painted")
    painted = white(mask)
    assert at(mask, *CROSSING) and not at(mask, 0.45, 0.7)
    orange = seen(screenshot("painted"))
    left, top, _, _ = screen_box(region("IMAGE_EDITOR", "WINDOW"))
    x, y = on_screen(*CROSSING)
    assert orange[round(y - top), round(x - left), 0] > 120

    stroke(on_screen(0.45, 0.3), on_screen(0.45, 0.6), key="ctrl")
    yield lambda: not at(mask, *CROSSING)
    yield lambda: not at(mask, 0.45, 0.49)
    yield from drawn()
    screenshot("4-erased")
    assert at(mask, 0.35, 0.45) and at(mask, 0.55, 0.45)
    press("ctrl+z")
    yield lambda: bool((white(mask) == painted).all())
    yield from drawn()
    screenshot("5-undone")


def finish(before: tuple[float, ...]) -> Steps:
    """The button at the header's beginning brings photo, mode and colors back."""
    settings, space = bpy.context.scene.sam3d, area("IMAGE_EDITOR").spaces.active
    left, top, _, bottom = screen_box(region("IMAGE_EDITOR", "HEADER"))
    click(left + 60, (top + bottom) / 2)
    yield lambda: space.image == settings.image
    yield from drawn()
    screenshot("6-done")
    assert space.mode == "VIEW"
    assert np.allclose(unified().color, COLOR) and np.allclose(unified().secondary_color, SECOND)
    assert np.allclose(frame(), before, atol=STILL), (before, frame())


def keep() -> Steps:
    """What was painted is there after saving and loading, as it is sent."""
    painted, path = white(bpy.context.scene.sam3d.masks[0].image), str(FOLDER / "kept.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    yield from drawn()
    mask = bpy.context.scene.sam3d.masks[0].image
    assert painted.any() and (white(mask) == painted).all()
    screenshot("7-reloaded")


def large_photo() -> Steps:
    """Its mask is smaller; the view is carried over as well, there and back."""
    settings, space = bpy.context.scene.sam3d, area("IMAGE_EDITOR").spaces.active
    settings.image = space.image = bpy.data.images.load(PHOTO, check_existing=False)
    settings.image.scale(5001, 3335)
    settings.show_masks = False
    yield from place_view(0.4, (500, -300))
    before = frame()
    yield from drawn()
    yield from begin(new=True)
    settings.show_masks = True
    assert tuple(settings.masks[1].image.size) == (2048, 1366)
    yield from finish(before)
    with view():
        assert bpy.ops.sam3d.paint_mask("EXEC_DEFAULT", True) == {"FINISHED"}
    yield from drawn()
    assert len(settings.masks) == 2 and space.image == settings.masks[1].image


def undo_all() -> Steps:
    """Where the new mask itself is taken back, the editor shows the photo again."""
    space = area("IMAGE_EDITOR").spaces.active
    hover(*on_screen(0.5, 0.5))
    for _ in range(3):  # painting again, finishing, the new mask
        yield from take_step("ctrl+z")
    settings = bpy.context.scene.sam3d
    yield lambda: space.image is not None
    assert len(settings.masks) == 1
    assert space.image == settings.image and space.mode == "VIEW"
    assert np.allclose(unified().color, COLOR)


def place_view(zoom: float, offset: tuple[float, float]) -> Steps:
    """The image at a zoom, moved by so many of its pixels from the middle."""
    with view():
        bpy.ops.image.view_all()
        bpy.ops.image.view_zoom_ratio(ratio=zoom)
        bpy.ops.image.view_pan(offset=offset)
    yield from drawn()


def unified() -> bpy.types.UnifiedPaintSettings:
    """The settings that all brushes share."""
    tools = bpy.context.tool_settings
    return getattr(tools.image_paint, "unified_paint_settings", None) or tools.unified_paint_settings


def white(image: bpy.types.Image) -> NDArray[np.bool_]:
    """Where an image is white (H, W), bottom row first."""
    width, height = image.size
    values = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(height, width, 4)[..., 0] > 0.5


def at(image: bpy.types.Image, u: float, v: float) -> bool:
    """Whether an image is white at a place, from 0 to 1 from its bottom left."""
    found = white(image)
    return bool(found[int(v * found.shape[0]), int(u * found.shape[1])])


lead(steps())
