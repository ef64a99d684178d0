# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks over the photo in the image editor, looked at pixel by pixel."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from steps import ARGUMENTS, Steps, area, install, lead, region, screenshot, seconds

ZIP_FILE, PHOTO = ARGUMENTS


def steps() -> Steps:
    install(ZIP_FILE)
    scene = bpy.context.scene
    settings = scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    area("VIEW_3D").type = "IMAGE_EDITOR"
    area("IMAGE_EDITOR").spaces.active.image = settings.image
    width, height = settings.image.size
    y, x = np.mgrid[:height, :width]
    for number, (cx, cy, r) in enumerate(((0.3, 0.4, 0.15), (0.6, 0.5, 0.2), (0.8, 0.3, 0.1))):
        mask = settings.masks.add()
        mask.color = [(1.0, 0.6, 0.1), (0.2, 0.7, 1.0), (0.5, 1.0, 0.3)][number]
        inside = (x - cx * width) ** 2 + (y - cy * height) ** 2 < (r * height) ** 2
        mask.image = bpy.data.images.new(f"mask {number}", width, height, alpha=False)
        pixels = np.repeat(inside[..., None], 4, 2).astype(np.float32)
        pixels[..., 3] = 1
        mask.image.pixels.foreach_set(pixels.ravel())
    mask = settings.masks.add()
    mask.color = (1.0, 0.3, 0.7)
    mask.image = bpy.data.images.load(str(Path(PHOTO).with_name("desk-mask.png")))
    settings.masks[2].use = False
    settings.active_mask = 1
    mask = settings.masks[1]
    mask.use_box, mask.box = True, (int(width * 0.4), int(height * 0.2), int(width * 0.8), int(height * 0.8))
    for n in range(40):
        point = mask.points.add()
        point.x, point.y, point.radius = width * (0.5 + 0.005 * n), height * (0.5 + 0.1 * np.sin(n / 5)), 20
    for n in range(4):
        point = mask.points.add()
        point.x, point.y, point.inside = width * (0.5 + 0.05 * n), height * 0.6, n % 2 == 0
    yield seconds(2)
    screenshot("1")
    with bpy.context.temp_override(area=area("IMAGE_EDITOR"), region=region("IMAGE_EDITOR", "WINDOW")):
        bpy.ops.image.view_zoom_ratio(ratio=6.0)
        bpy.ops.image.view_pan(offset=(width * -0.1, height * 0.1))
    yield seconds(1)
    screenshot("2")
    settings.active_mask = 2
    with bpy.context.temp_override(area=area("IMAGE_EDITOR"), region=region("IMAGE_EDITOR", "WINDOW")):
        bpy.ops.image.view_zoom_ratio(ratio=0.25)
    yield seconds(1)
    screenshot("3")


lead(steps())
