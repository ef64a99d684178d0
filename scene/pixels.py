# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of Blender as plain pictures, without decoding anything on the main thread where that can be avoided."""

from pathlib import Path

import bpy
import numpy as np

from ..photos.picture import Picture, PictureBytes, PictureFile, PicturePixels
from .data import color_space, read_pixels, scene_of
from .renders import as_rendered, as_shown

READ_BY_PILLOW = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".webp", ".bmp", ".tga", ".gif", ".jp2"})
"""Files that a worker thread decodes; Blender's pixels serve for all others (TIFF and EXR with their many depths)."""

SEEN_AS_STORED = frozenset({"sRGB", "Non-Color"})
"""Color spaces in which Blender shows a file's own values."""


class NoPixels(Exception):
    """The image cannot be read; `str(error)` is a sentence for the artist."""


def photo_name(image: bpy.types.Image) -> str:
    """The photo's name without its file's ending."""
    return Path(bpy.path.basename(image.filepath) or image.name).stem or image.name


def missing_file(image: bpy.types.Image) -> bool:
    """Whether the image's file is not there and Blender holds nothing of it either."""
    if image.source != "FILE" or image.packed_file or image.has_data:
        return False
    return not _path(image).is_file()


def picture(image: bpy.types.Image) -> Picture:
    """`image` as the artist sees it now: the file itself where nothing was changed since, else Blender's pixels.

    Raises NoPixels where there is nothing to read.
    """
    if missing_file(image):
        raise NoPixels(f"The file of {image.name} is missing: find it again, or choose another photo.")
    rendered = image.type == "RENDER_RESULT" or image.use_view_as_render
    # `is_float` comes last: to tell it, Blender decodes the whole file
    if rendered or (color_space(image) not in SEEN_AS_STORED and not image.is_float):
        try:
            return as_rendered(scene_of(bpy.context), image) if rendered else as_shown(image)
        except RuntimeError as error:
            raise NoPixels(_nothing_to_see(image)) from error
    if image.source == "FILE" and not image.is_dirty and _is_seen_as_stored(image):
        if image.packed_file:
            return PictureBytes(bytes(image.packed_file.data))
        if _path(image).is_file():
            return PictureFile(_path(image))
    return _pixels(image)


def require_pixels(image: bpy.types.Image) -> None:
    """Raises NoPixels where `image` has none."""
    if not all(image.size):
        raise NoPixels(_nothing_to_see(image))


def _nothing_to_see(image: bpy.types.Image) -> str:
    if image.type == "RENDER_RESULT":
        return "There is no render yet: render the scene first, or choose an image."
    return f"{image.name} has no pixels: choose another image, or save and reload it."


def _path(image: bpy.types.Image) -> Path:
    return Path(bpy.path.abspath(image.filepath, library=image.library))


def _is_seen_as_stored(image: bpy.types.Image) -> bool:
    """Whether the image's file, opened by anyone, looks as it does in Blender."""
    return Path(image.filepath).suffix.lower() in READ_BY_PILLOW and image.alpha_mode == "STRAIGHT"


def _pixels(image: bpy.types.Image) -> PicturePixels:
    require_pixels(image)
    width, height = image.size
    channels = image.channels
    values = read_pixels(image)
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :channels] = values
    if channels == 1:
        pixels[..., :3] = values
    # Float images are scene-linear with premultiplied alpha; byte images are as stored.
    return PicturePixels(pixels, linear=image.is_float and color_space(image) != "Non-Color")
