# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures from outside: told by their bytes, and decoded only up to a limit."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from .errors import BadPicture

FORMATS = ("PNG", "JPEG", "WEBP")
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
SMALLEST = 8  # pixels
WHITE = 127


def inspect(file: Path | BinaryIO, megapixels: int) -> str:
    """The media type of a picture, from its head alone; raises BadPicture for what is none or is too large."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is our own
        try:
            with Image.open(file, formats=FORMATS) as image:
                _check_size(image.size, megapixels)
                return MEDIA_TYPES[str(image.format)]
        except BadPicture:
            raise
        except Image.DecompressionBombError as error:
            raise _too_large(megapixels) from error
        except Exception as error:  # Pillow's readers raise all kinds for broken files
            raise _unreadable() from error


def read_photo(content: bytes, megapixels: int) -> NDArray[np.uint8]:
    """A photo, upright, as (H, W, 3) or (H, W, 4) uint8 sRGB. Raises BadPicture."""
    image = _decoded(content, megapixels)
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    return np.asarray(image.convert("RGBA" if clear else "RGB"))


def read_mask(content: bytes, shape: tuple[int, int], megapixels: int) -> NDArray[np.bool_]:
    """A mask (H, W) of the photo's shape, true on the subject: white, or opaque where it has an alpha.

    Raises BadPicture, also for a mask of another size or without a subject.
    """
    image = _decoded(content, megapixels)
    if image.size != (shape[1], shape[0]):
        sizes = f"{image.size[0]} x {image.size[1]} pixels instead of {shape[1]} x {shape[0]}"
        raise BadPicture(f"The mask does not have the photo's size ({sizes}): make it anew for this photo.")
    channel = (
        np.asarray(image.convert("RGBA"))[..., 3] if image.mode in ("RGBA", "LA") else np.asarray(image.convert("L"))
    )
    mask: NDArray[np.bool_] = channel > WHITE
    if not mask.any():
        raise BadPicture("The mask is empty: paint the subject white, or leave the mask out.")
    return mask


def _decoded(content: bytes, megapixels: int) -> Image.Image:
    inspect(io.BytesIO(content), megapixels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                image.load()
                return ImageOps.exif_transpose(image)
        except Exception as error:
            raise _unreadable() from error


def _check_size(size: tuple[int, int], megapixels: int) -> None:
    if size[0] * size[1] > megapixels * 1_000_000:
        raise _too_large(megapixels)
    if min(size) < SMALLEST:
        raise BadPicture(f"The picture is only {size[0]} x {size[1]} pixels large: send a larger one.")


def _too_large(megapixels: int) -> BadPicture:
    return BadPicture(f"The picture has more than {megapixels} million pixels: send a smaller one.")


def _unreadable() -> BadPicture:
    return BadPicture("The picture cannot be read: send a PNG, JPEG or WebP file.")
