# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks over the photo in the image editor, looked at pixel by pixel."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from steps import ARGUMENTS, Steps, area, install, lead, open_tab, region, screenshot, seconds

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
    yield seconds(2)
    screenshot("1")


lead(steps())
