# SPDX-License-Identifier: GPL-3.0-or-later
"""Images made of pixels, and files of them in other kinds."""

import bpy
import numpy as np
from common import FOLDER
from numpy.typing import NDArray


def corners(width: int = 96, height: int = 64) -> NDArray[np.float32]:
    """sRGB values (height, width, 4), rows from the bottom.

    Every corner another color, so that any flip shows; a disc in the middle.
    """
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = np.linspace(0.2, 0.6, width)[None, :, None]
    low, high = slice(0, 16), slice(-16, None)
    for rows, columns, color in (
        (low, low, (1, 0, 0)),
        (low, high, (0, 1, 0)),
        (high, low, (0, 0, 1)),
        (high, high, (1, 1, 0)),
    ):
        pixels[rows, columns, :3] = color
    y, x = np.mgrid[:height, :width]
    pixels[(x - width / 2) ** 2 + (y - height / 2) ** 2 < 200, :3] = (0.5, 0.25, 0.125)
    return pixels


def image_of(pixels: NDArray[np.float32], name: str, **options: bool) -> bpy.types.Image:
    """A generated image of values (height, width, 4), rows from the bottom."""
    height, width, _ = pixels.shape
    image = bpy.data.images.new(name, width, height, alpha=True, **options)
    image.pixels.foreach_set(pixels.ravel())
    image.update()
    return image


def stored(
    image: bpy.types.Image, name: str, file_format: str, mode: str = "RGBA", depth: str = "8"
) -> bpy.types.Image:
    """The image as a file of another kind in the test's folder, loaded again."""
    scene = bpy.context.scene
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = file_format, mode, depth
    scene.view_settings.view_transform = "Standard"
    image.save_render(str(FOLDER / name), scene=scene)
    return bpy.data.images.load(str(FOLDER / name))
