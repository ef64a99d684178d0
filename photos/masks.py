# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks in the photo's shape: grayscale images of 0 and 255, white where the subject is. No bpy."""

import io
from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from .decode import Opened
from .errors import PhotoError
from .orientation import Size, apply_orientation

HALF = 128
MID_GRAY = (128, 128, 128)


def fitted(mask: Opened, stored: Size, sent: Size, orientation: int, role: str) -> tuple[Image.Image, str]:
    """A mask in the sent photo's size, and a note where it had to be stretched for that, else "".

    `stored` is the photo's size in its file and `orientation` how it lies there. Raises PhotoError for a black mask;
    a subject that is smaller than a pixel of the sent photo keeps one.
    """
    white = coverage(mask.image)
    if _same_shape(mask.size, stored):  # painted over the photo in Blender, so it lies as the photo does
        white = apply_orientation(white, orientation)
    peak = int(np.asarray(white).max())
    if not peak:
        raise PhotoError(f"The {role} is all black, so nothing is selected: paint the subject white.")
    note = ""
    if not _same_shape(white.size, sent):
        width, height = mask.size
        note = f"The {role} ({width} x {height}) was stretched to the photo's shape."
    level = min(HALF, (peak + 1) // 2)  # a mask painted faintly, or with 1 for white, selects by its own white
    fine = white.resize(sent, Image.Resampling.BILINEAR)
    solid = np.asarray(fine) >= level
    if not solid.any():
        rows, columns = np.nonzero(np.asarray(white) >= level)
        solid = np.zeros_like(solid)
        solid[rows * sent[1] // white.height, columns * sent[0] // white.width] = True
    return _image(solid), note


def from_alpha(photo: Image.Image) -> Image.Image | None:
    """The mask that a photo's own alpha makes; None where it tells nothing."""
    if photo.mode != "RGBA":
        return None
    solid = np.asarray(photo.getchannel("A")) >= HALF
    return _image(solid) if solid.any() and not solid.all() else None


def cut_out(photo: Image.Image, masks: Sequence[Image.Image]) -> Image.Image:
    """The photo with mid gray around everything that the masks select, RGB; the edge is two pixels soft.

    The soft edge lies outside: the subject itself stays as it is.
    """
    gray = Image.new("RGB", photo.size, MID_GRAY)
    union = reduce(ImageChops.lighter, masks)
    # Over a straight edge the mean of 5 x 5 falls in steps of a fifth: 2/5 and 1/5 outside become 2/3 and 1/3.
    near = union.filter(ImageFilter.BoxBlur(2)).point([min(255, value * 5 // 3) for value in range(256)])
    shown = photo.convert("RGB")
    if photo.mode == "RGBA":  # what is hidden by alpha must not show in the soft edge
        shown = Image.composite(shown, gray, photo.getchannel("A"))
    return Image.composite(shown, gray, ImageChops.lighter(union, near))


def coverage(image: Image.Image) -> Image.Image:
    """Opaque where the mask has alpha, else white, is the subject."""
    return image.getchannel("A") if image.mode == "RGBA" else image.convert("L")


def _same_shape(first: Size, second: Size) -> bool:
    """Whether two sizes differ by scale alone, within the rounding of a pixel."""
    return abs(first[0] * second[1] - first[1] * second[0]) <= max(*first, *second)


def _image(solid: NDArray[np.bool_]) -> Image.Image:
    return Image.fromarray(solid.astype(np.uint8) * 255)


def to_png(mask: Image.Image, compression: int = 6) -> bytes:
    """The PNG of a mask; `compression` of 0..9, where less is quicker and larger."""
    stream = io.BytesIO()
    mask.save(stream, "PNG", compress_level=compression)
    return stream.getvalue()
