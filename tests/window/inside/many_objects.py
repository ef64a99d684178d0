# SPDX-License-Identifier: GPL-3.0-or-later
"""Several objects of one photo: they arrive one by one, beside each other; undo takes one back; the rest is stopped."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from steps import (
    ARGUMENTS,
    Steps,
    all_preferences,
    area,
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

ZIP_FILE, PHOTO, ADDRESS, KEY = ARGUMENTS
MASKS = {"lamp": (0.1, 0.35), "cup": (0.4, 0.55), "book": (0.6, 0.75), "pen": (0.8, 0.9)}
"""Left and right edge of each mask, as shares of the photo's width."""


def imported_objects() -> list[str]:
    return sorted(obj.name for obj in bpy.context.scene.objects if "sam3d_job" in obj)


def make_masks() -> None:
    settings = bpy.context.scene.sam3d
    width, height = settings.image.size
    for name, (left, right) in MASKS.items():
        pixels = np.zeros((height, width, 4), np.float32)
        pixels[..., 3] = 1.0
        pixels[height // 4 : height // 4 + int((right - left) * width), int(left * width) : int(right * width)] = 1.0
        row = settings.masks.add()
        row.name, row.image = name, bpy.data.images.new(name, width, height)
        row.image.pixels.foreach_set(pixels.ravel())
        row.image.update()


def steps() -> Steps:
    install(ZIP_FILE)
    from bl_ext.user_default.sam3d.runtime import pump
    from bl_ext.user_default.sam3d.runtime.state import runtime

    chosen = all_preferences()
    chosen.wavespeed_url, chosen.wavespeed_api_key = ADDRESS, KEY
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    settings.provider = "WAVESPEED"
    make_masks()
    bpy.ops.ed.undo_push(message="Choose the photo")
    yield from open_tab("VIEW_3D")
    yield seconds(1.0)
    screenshot("1-ready")
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    yield lambda: sum(job.state not in ("WAITING", "SUBMITTING") for job in runtime().queue.jobs.values()) >= 2
    yield seconds(1.0)
    screenshot("2-running")
    # the service takes two at once, and the test holds the later ones back
    yield lambda: len(imported_objects()) == 2
    yield seconds(1.0)
    screenshot("3-two-arrived")
    first = imported_objects()

    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    hover((left + right) / 2 - 200, (top + bottom) / 2 + 200)
    yield seconds(0.5)
    press("ctrl+z")
    yield lambda: len(imported_objects()) == 1
    assert imported_objects()[0] in first

    (group,) = {job.group for job in runtime().queue.jobs.values()}
    assert bpy.ops.sam3d.cancel_group(group=group) == {"FINISHED"}
    yield lambda: not pump.busy()
    states = sorted(str(job.state) for job in runtime().queue.jobs.values())
    assert states == ["CANCELLED", "CANCELLED", "IMPORTED", "IMPORTED"], states
    assert len(imported_objects()) == 1
    area("VIEW_3D").tag_redraw()
    yield seconds(1.0)
    screenshot("4-cancelled")


lead(steps())
