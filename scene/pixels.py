# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of Blender as plain pictures, without decoding anything on the main thread where that can be avoided."""

from pathlib import Path

import bpy
import numpy as np

from ..jobs.picture import Picture, PictureBytes, PictureFile, PicturePixels
from .renders import last_render

READ_BY_PILLOW = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".webp", ".bmp", ".tga", ".gif", ".jp2"})
"""Files that a worker thread decodes; Blender's pixels serve for all others (TIFF and EXR with their many depths)."""


class NoPixels(Exception):
    """The image cannot be read; `str(error)` is a sentence for the artist."""


def photo_name(image: bpy.types.Image) -> str:
    """The photo's name without its file's ending."""
    return Path(bpy.path.basename(image.filepath) or image.name).stem or image.name


def picture(image: bpy.types.Image) -> Picture:
    """`image` as the artist sees it now: the file itself where nothing was changed since, else Blender's pixels.

    Raises NoPixels where there is nothing to read.
    """
    if image.source == "FILE" and not image.is_dirty:
        suffix = Path(image.filepath).suffix.lower()
        if image.packed_file and suffix in READ_BY_PILLOW:
            return PictureBytes(bytes(image.packed_file.data))
        path = Path(bpy.path.abspath(image.filepath, library=image.library))
        if not image.packed_file and path.is_file() and suffix in READ_BY_PILLOW:
            return PictureFile(path)
        if not image.packed_file and not path.is_file() and not image.has_data:
            raise NoPixels(f"The file of {image.name} is missing: find it again, or choose another photo.")
    if image.type == "RENDER_RESULT":
        try:
            return last_render(bpy.context.scene, image)
        except RuntimeError as error:
            raise NoPixels("There is no render yet: render the scene first, or choose an image.") from error
    return _pixels(image)


def require_pixels(image: bpy.types.Image) -> None:
    """Raises NoPixels where `image` has none."""
    if not all(image.size):
        raise NoPixels(f"{image.name} has no pixels: choose another image, or save and reload it.")


def _pixels(image: bpy.types.Image) -> PicturePixels:
    require_pixels(image)
    width, height = image.size
    channels = image.channels
    values = np.empty(width * height * channels, np.float32)
    image.pixels.foreach_get(values)
    values = values.reshape(height, width, channels)
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :channels] = values
    if channels == 1:
        pixels[..., :3] = values
    # Float images are scene-linear with premultiplied alpha; byte images are as stored.
    return PicturePixels(pixels, linear=image.is_float and image.colorspace_settings.name != "Non-Color")
