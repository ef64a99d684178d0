# SPDX-License-Identifier: GPL-3.0-or-later
"""A mask is painted over the photo with the mouse, erased, undone, finished, and kept with the file."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from steps import (
    ARGUMENTS,
    FOLDER,
    Steps,
    area,
    click,
    install,
    lead,
    press,
    region,
    screen_box,
    screenshot,
    seconds,
    stroke,
)

ZIP_FILE, PHOTO = ARGUMENTS


def pixels(image) -> np.ndarray:
    width, height = image.size
    values = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(height, width, 4)[..., 0]


def editor():
    return bpy.context.temp_override(
        window=bpy.context.window_manager.windows[0], area=area("IMAGE_EDITOR"), region=region("IMAGE_EDITOR", "WINDOW")
    )


def frame():
    view = region("IMAGE_EDITOR", "WINDOW")
    (x0, y0), (x1, y1) = view.view2d.region_to_view(0, 0), view.view2d.region_to_view(view.width, view.height)
    return np.array(
        (-x0 / (x1 - x0) * view.width, -y0 / (y1 - y0) * view.height, view.width / (x1 - x0), view.height / (y1 - y0))
    )


def place(u, v):
    view = region("IMAGE_EDITOR", "WINDOW")
    left, bottom, wide, high = frame()
    height = bpy.context.window_manager.windows[0].height
    return view.x + left + u * wide, height - (view.y + bottom + v * high)


def steps() -> Steps:
    install(ZIP_FILE)
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    area("VIEW_3D").type = "IMAGE_EDITOR"
    space = area("IMAGE_EDITOR").spaces.active
    space.image = settings.image
    yield seconds(1)
    with editor():
        bpy.ops.image.view_zoom_ratio(ratio=0.7)
        bpy.ops.image.view_pan(offset=(30, 20))
    yield seconds(1)
    screenshot("1-photo")
    before = frame()
    with editor():
        assert bpy.ops.sam3d.paint_mask() == {"FINISHED"}
    yield seconds(1)
    screenshot("2-painting")
    print("FRAMES", before, frame())
    mask = settings.masks[0].image
    print(
        "MASK",
        tuple(mask.size),
        mask.depth,
        mask.source,
        mask.is_dirty,
        bpy.context.tool_settings.image_paint.brush,
        space.mode,
    )
    stroke(place(0.3, 0.4), place(0.6, 0.5))
    yield lambda: pixels(mask).max() > 0.9
    yield seconds(1.5)
    screenshot("3-painted")
    a = pixels(mask)
    print("PAINTED", (a > 0.5).sum(), a[int(0.45 * mask.size[1]), int(0.45 * mask.size[0])], mask.is_dirty)
    stroke(place(0.45, 0.3), place(0.45, 0.6), key="ctrl")
    yield seconds(3)
    screenshot("4-erased")
    b = pixels(mask)
    print("ERASED", (b > 0.5).sum(), b[int(0.45 * mask.size[1]), int(0.45 * mask.size[0])])

    press("ctrl+z")
    yield lambda: (pixels(mask) > 0.5).sum() == (a > 0.5).sum()
    yield seconds(1)
    screenshot("5-undone")
    with editor():
        bpy.ops.image.view_zoom_ratio(ratio=2.3)
        bpy.ops.image.view_pan(offset=(30, 20))
    yield seconds(1)
    before = frame()
    screenshot("6-before")
    click(*done())
    yield lambda: space.image == settings.image
    yield seconds(1)
    screenshot("7-done")
    print("FRAMES", before, frame(), space.mode, bpy.context.tool_settings.image_paint.unified_paint_settings.color[:])
    path = str(FOLDER / "kept.blend")
    import time

    t = time.monotonic()
    bpy.ops.wm.save_as_mainfile(filepath=path)
    print("SAVE", time.monotonic() - t)
    bpy.ops.wm.open_mainfile(filepath=path)
    yield seconds(1)
    mask = bpy.context.scene.sam3d.masks[0].image
    print(
        "KEPT",
        (pixels(mask) > 0.5).sum(),
        mask.is_dirty,
        mask.filepath,
        mask.source,
        mask.colorspace_settings.name,
        mask.depth,
    )
    screenshot("8-reloaded")


def done():
    left, top, right, bottom = screen_box(region("IMAGE_EDITOR", "HEADER"))
    return right - 60, (top + bottom) / 2


lead(steps())
