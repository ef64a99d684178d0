# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening what artists choose as photo or mask: decoded completely, or refused with one clear sentence. No bpy."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from .color import from_blender, to_8_bit
from .errors import PhotoError
from .orientation import UPRIGHT, Size, orientation_of
from .picture import Picture, PictureFile, PictureOfNumber, PicturePixels

LARGEST_ORIGINAL = 64 * 2**20
"""Bytes of a file that are kept beside its pixels."""

_one_at_a_time = threading.Lock()  # what is done with warnings holds for all threads


@dataclass(frozen=True)
class Opened:
    """A picture that was decoded to the end.

    `image` has 8 bits a channel (L, RGB, RGBA or CMYK) and lies as it is stored; a JPEG much larger than was asked for
    is smaller than its stored `size` already. `format` is Pillow's name, empty for Blender's own pixels. `original` is
    the beginning of the file, where the picture is not larger than was asked for.
    """

    image: Image.Image
    size: Size
    orientation: int = UPRIGHT
    profile: bytes | None = None
    format: str = ""
    original: bytes = b""


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
        return Opened(image, image.size)
    if isinstance(picture, PictureOfNumber):
        image = _of_number(picture)
        return Opened(image, image.size)
    name = picture.path.name if isinstance(picture, PictureFile) else f"packed {role}"
    try:
        with picture.path.open("rb") if isinstance(picture, PictureFile) else io.BytesIO(picture.data) as stream:
            with _quiet():
                image = Image.open(stream)
            size = image.size
            wanted = fitting(size, longest_edge) if longest_edge else size
            if wanted != size:
                image.draft(None, wanted)
            image.load()
            original = b""
            if longest_edge and wanted == size:
                stream.seek(0)
                original = stream.read(LARGEST_ORIGINAL)
            with _quiet():
                orientation = orientation_of(image)
            profile = image.info.get("icc_profile")
            return Opened(to_8_bit(image), size, orientation, profile, image.format or "", original)
    except FileNotFoundError as error:
        raise PhotoError(f"The {role}'s file is missing: {name}. Choose the file again.") from error
    except Image.DecompressionBombError as error:
        raise PhotoError(f"The {role} {name} is too large: scale it to at most 13,000 x 13,000 pixels.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        # Pillow reports broken files as any of these.
        raise PhotoError(f"The {role} {name} cannot be read: save it again as PNG or JPEG.") from error


def _of_number(picture: PictureOfNumber) -> Image.Image:
    """White where the number is; raises PhotoError where it is nowhere."""
    numbers = np.asarray(Image.open(io.BytesIO(picture.data)))
    there = numbers == picture.number
    if not there.any():
        raise PhotoError(f"The camera does not see {picture.name}: move it into view, or do not select it.")
    return Image.fromarray(there.astype(np.uint8) * 255)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Pillow's warnings: of odd metadata, and of large pictures; over 178 million pixels it refuses them."""
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
