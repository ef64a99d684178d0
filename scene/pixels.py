# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of Blender as plain pictures, without decoding anything on the main thread where that can be avoided."""

import io
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np

from ..photos.decode import orientation_told_by
from ..photos.file_kind import HEAD, FileKind, advice_for, kind_of, source_obstacle
from ..photos.picture import FILE_SEEN, Picture, PictureBytes, PictureFile, PicturePixels, file_state
from ..photos.tiff import is_plain
from .data import color_space, read_pixels, scene_of
from .renders import as_rendered, as_shown

READ_BY_PILLOW = frozenset(
    {FileKind.JPEG, FileKind.PNG, FileKind.WEBP, FileKind.BMP, FileKind.GIF, FileKind.JPEG_2000, FileKind.TIFF}
)
"""Files that a worker thread decodes; Blender's pixels serve for all others (EXR, say)."""

IMAGE_SUFFIXES: frozenset[str] = bpy.path.extensions_image  # type: ignore[attr-defined]  # the stubs lack it

SEEN_AS_STORED = frozenset({"sRGB", "Non-Color"})
"""Color spaces in which Blender shows a file's own values."""


LARGEST = 13_377**2
"""Pixels of a picture, as Pillow has it."""


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


def obstacle(image: bpy.types.Image) -> str:
    """Why an image cannot be a photo or mask, as a sentence; empty where it may be one. Looks into no file."""
    return source_obstacle(image.name, image.source, image.filepath, len(image.tiles))


def picture(image: bpy.types.Image) -> Picture:
    """`image` as the artist sees it now: the file itself where nothing was changed since, else Blender's pixels.

    Raises NoPixels where there is nothing to read.
    """
    if missing_file(image):
        raise NoPixels(f"The file of {image.name} is missing: find it again, or choose another photo.")
    if sentence := obstacle(image):
        raise NoPixels(sentence)
    file = _file_of(image)
    rendered = image.type == "RENDER_RESULT" or image.use_view_as_render
    # `is_float` comes last: to tell it, Blender decodes the whole file
    if rendered or (color_space(image) not in SEEN_AS_STORED and not image.is_float):
        try:
            seen = as_rendered(scene_of(bpy.context), image) if rendered else as_shown(image)
        except RuntimeError as error:
            raise NoPixels(_nothing_to_see(image, file)) from error
        return replace(seen, loaded_from=file)
    if file is not None and not image.is_dirty and _is_seen_as_stored(image, file) and not _changed_on_disk(image):
        return file
    return _pixels(image, file)


def orientation(image: bpy.types.Image) -> int:
    """How the image has to be turned to be upright, as its file tells: 1 to 8. Looks into the file's head."""
    width, height = image.size
    return orientation_told_by(_file_of(image), (width, height))


def _changed_on_disk(image: bpy.types.Image) -> bool:
    """Whether Blender shows an image as its file was before: what it has loaded once, it loads again only when told.

    Where it was told, that is not noticed; its pixels serve then, too.
    """
    if image.packed_file:
        return False
    now = file_state(_path(image))
    seen = image.get(FILE_SEEN, now) if image.has_data else now
    if seen == now and image.is_editable and image.get(FILE_SEEN) != now:
        image[FILE_SEEN] = now
    return bool(seen != now)


def require_pixels(image: bpy.types.Image) -> None:
    """Raises NoPixels where `image` has none."""
    if not all(image.size):
        raise NoPixels(_nothing_to_see(image, _file_of(image)))


def advice(path: Path) -> str:
    """What to do with a file that Blender cannot take as a photo, as a sentence; empty for other files."""
    return advice_for(path.name, _head(PictureFile(path)), reads_avif=".avif" in IMAGE_SUFFIXES)


def _nothing_to_see(image: bpy.types.Image, file: PictureFile | PictureBytes | None) -> str:
    if image.type == "RENDER_RESULT":
        return "There is no render yet: render the scene first, or choose an image."
    if image.type == "COMPOSITING":
        return f"There is nothing in {image.name} yet: look at the compositor's result first, or choose an image."
    name = Path(image.filepath).name or image.name
    told = advice_for(name, _head(file), reads_avif=".avif" in IMAGE_SUFFIXES) if file else ""
    return told or f"{image.name} has no pixels: choose another image, or save and reload it."


def _path(image: bpy.types.Image) -> Path:
    return Path(bpy.path.abspath(image.filepath, library=image.library))


def _file_of(image: bpy.types.Image) -> PictureFile | PictureBytes | None:
    """The file that Blender has an image from, packed or on disk; None for what it has made itself."""
    if image.type != "IMAGE" or image.source not in {"FILE", "MOVIE"}:
        return None
    on_disk = PictureFile(_path(image)) if image.filepath and _path(image).is_file() else None
    return PictureBytes(bytes(image.packed_file.data), on_disk) if image.packed_file else on_disk


def _head(file: PictureFile | PictureBytes) -> bytes:
    """The first bytes of a file; none where it cannot be read."""
    if isinstance(file, PictureBytes):
        return file.data[:HEAD]
    try:
        with file.path.open("rb") as stream:
            return stream.read(HEAD)
    except OSError:
        return b""


def _is_seen_as_stored(image: bpy.types.Image, file: PictureFile | PictureBytes) -> bool:
    """Whether the image's file, opened by anyone, looks as it does in Blender."""
    kind = kind_of(_head(file))
    if kind is FileKind.JPEG:  # has no alpha
        return True
    if kind is FileKind.OTHER and Path(image.filepath).suffix.lower() == ".tga":  # begins in many ways
        return image.alpha_mode == "STRAIGHT"
    if kind is FileKind.TIFF and not _is_plain_tiff(file):
        return False
    return kind in READ_BY_PILLOW and image.alpha_mode == "STRAIGHT"


def _is_plain_tiff(file: PictureFile | PictureBytes) -> bool:
    if isinstance(file, PictureBytes):
        return is_plain(io.BytesIO(file.data))
    try:
        with file.path.open("rb") as stream:
            return is_plain(stream)
    except OSError:
        return False


def _pixels(image: bpy.types.Image, file: PictureFile | PictureBytes | None) -> PicturePixels:
    require_pixels(image)
    width, height = image.size
    if width * height > LARGEST:
        raise NoPixels(f"{image.name} is too large: scale it to at most 13,000 x 13,000 pixels.")
    channels = image.channels
    values = read_pixels(image)
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :channels] = values
    if channels == 1:
        pixels[..., :3] = values
    # Float images are scene-linear with premultiplied alpha; byte images are as stored.
    return PicturePixels(pixels, linear=image.is_float and color_space(image) != "Non-Color", loaded_from=file)
