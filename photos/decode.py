# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening what artists choose as photo or mask: decoded completely, or refused with one clear sentence. No bpy."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from .color import from_blender, to_8_bit
from .errors import PhotoError
from .mending import mended, missing_share
from .orientation import UPRIGHT, Size, apply_orientation, inverse, orientation_of, still_to_turn, upright_size
from .picture import Picture, PictureBytes, PictureFile, PictureOfNumber, PicturePixels

LARGEST_ORIGINAL = 64 * 2**20
"""Bytes of a file that are kept beside its pixels."""

MOST_MISSING = 0.8
"""The share of a picture's rows that may be missing at its end."""
_BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, OverflowError)
"""As which Pillow reports broken files."""

_TURNED_BY_PILLOW = frozenset({"TIFF"})
"""Formats that Pillow turns upright when it loads them; it tells their upright size from the beginning."""

_one_at_a_time = threading.Lock()  # what is done with warnings holds for all threads


@dataclass(frozen=True)
class Opened:
    """A picture that was decoded to the end.

    `image` has 8 bits a channel (L, RGB, RGBA or CMYK) and lies as Blender shows it, in its `size` there; a JPEG much
    larger than was asked for is smaller already. `orientation` turns it upright. `format` is Pillow's name, empty for
    Blender's own pixels. `original` is the beginning of the file, where that is whole and the picture is not larger
    than was asked for. `is_cut` tells that the end of the file is missing.
    """

    image: Image.Image
    size: Size
    orientation: int = UPRIGHT
    profile: bytes | None = None
    format: str = ""
    original: bytes = b""
    is_cut: bool = False


def fitting(size: Size, longest_edge: int) -> Size:
    """The size of a picture that is reduced, where need be, to a longest edge of that many pixels."""
    scale = min(1.0, longest_edge / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def open_picture(picture: Picture, role: str, longest_edge: int | None = None) -> Opened:
    """Decode a picture; `role` names it in sentences, `longest_edge` tells how large it will be needed.

    Raises PhotoError for a file that is missing, broken, foreign or too large.
    """
    if isinstance(picture, PicturePixels):
        image = from_blender(picture.pixels, linear=picture.linear)
        return Opened(image, image.size, orientation_told_by(picture.loaded_from, image.size))
    if isinstance(picture, PictureOfNumber):
        image = _of_number(picture)
        return Opened(image, image.size)
    name = picture.path.name if isinstance(picture, PictureFile) else f"packed {role}"
    try:
        opened = _open(picture, longest_edge)
    except FileNotFoundError as error:
        raise PhotoError(f"The {role}'s file is missing: {name}. Choose the file again.") from error
    except Image.DecompressionBombError as error:
        raise PhotoError(f"The {role} {name} is too large: scale it to at most 13,000 x 13,000 pixels.") from error
    except _BROKEN as error:
        raise PhotoError(f"The {role} {name} cannot be read: save it again as PNG or JPEG.") from error
    if isinstance(picture, PictureBytes) and opened.orientation == UPRIGHT:
        return replace(opened, orientation=orientation_told_by(picture.loaded_from, opened.size))
    return opened


def _open(picture: PictureFile | PictureBytes, longest_edge: int | None) -> Opened:
    """Raises what Pillow raises for a file that cannot be read, even when what Blender overlooks is mended."""
    with _stream(picture) as stream:
        try:
            return _decode(stream, longest_edge)
        except _BROKEN:
            stream.seek(0)
            whole = mended(stream)
            if whole is None:
                raise
    opened = replace(_decode(io.BytesIO(whole), longest_edge), original=b"")
    if opened.format == "PNG":
        return opened
    if missing_share(opened.image) > MOST_MISSING:
        raise OSError("There is hardly anything of the picture")
    return replace(opened, is_cut=True)


def _stream(picture: PictureFile | PictureBytes) -> BinaryIO:
    return picture.path.open("rb") if isinstance(picture, PictureFile) else io.BytesIO(picture.data)


def _decode(stream: BinaryIO, longest_edge: int | None) -> Opened:
    with quiet():
        image = Image.open(stream)
        orientation = orientation_of(image)
    size = _size_in_blender(image, orientation)
    wanted = fitting(size, longest_edge) if longest_edge else size
    if wanted != size:
        image.draft(None, wanted)
    image.load()
    original = b""
    if longest_edge and wanted == size:
        stream.seek(0)
        original = stream.read(LARGEST_ORIGINAL)
    profile = image.info.get("icc_profile")
    lying = apply_orientation(to_8_bit(image), inverse(orientation) if image.format in _TURNED_BY_PILLOW else UPRIGHT)
    return Opened(lying, size, orientation, profile, image.format or "", original)


def _size_in_blender(image: Image.Image, orientation: int) -> Size:
    """The size of a file's picture as Blender shows it."""
    return upright_size(image.size, orientation) if image.format in _TURNED_BY_PILLOW else image.size


def orientation_told_by(file: PictureFile | PictureBytes | None, size: Size) -> int:
    """The orientation of what Blender shows in that size, by the file that it was loaded from."""
    if file is None:
        return UPRIGHT
    try:
        with _stream(file) as stream, quiet():
            image = Image.open(stream)
            orientation = orientation_of(image)
            file_size = _size_in_blender(image, orientation)
    except (*_BROKEN, Image.DecompressionBombError):
        return UPRIGHT  # what Blender alone can read tells nothing that would turn it
    if orientation == UPRIGHT and isinstance(file, PictureBytes):
        return orientation_told_by(file.loaded_from, size)
    return still_to_turn(size, file_size, orientation)


def _of_number(picture: PictureOfNumber) -> Image.Image:
    """White where the number is; raises PhotoError where it is nowhere."""
    numbers = np.asarray(Image.open(io.BytesIO(picture.data)))
    there = numbers == picture.number
    if not there.any():
        raise PhotoError(f"The camera does not see {picture.name}: move it into view, or do not select it.")
    return Image.fromarray(there.astype(np.uint8) * 255)


@contextmanager
def quiet() -> Iterator[None]:
    """Without Pillow's warnings: of odd metadata, and of large pictures; over 178 million pixels it refuses them."""
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
