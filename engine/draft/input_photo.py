# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a photo and its mask to the sizes that the engine works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..arrays import Mask, Pixels
from ..surroundings import part_around
from .errors import DraftError

WORKING_SIZE = 1024  # longest edge, in pixels, of the photo that shape and texture are made from
LARGEST = 4 * WORKING_SIZE  # of photos beyond it only every second, third, ... pixel is used
SMALLEST = 8  # pixels of the shorter edge of a photo, and along the longer side of a subject


@dataclass(frozen=True)
class Photo:
    """A photo in its own size and in the working size.

    full: (H, W, 3) sRGB, at most about 4096 pixels long; work: (h, w, 3) sRGB; alpha: (h, w) or None; mask:
    (h, w) or None; notes for the artist.
    """

    full: Pixels
    work: Pixels
    alpha: Pixels | None
    mask: Mask | None
    notes: tuple[str, ...]


def prepare(image: Pixels, mask: Pixels | Mask | None) -> Photo:
    """Checks a photo (H, W), (H, W, 3) or (H, W, 4) and its mask, of any size. Raises DraftError."""
    if image.ndim == 2:
        image = image[..., None]
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in (1, 3, 4):
        raise DraftError("The photo must have 8 bits in one, three or four channels: save it as PNG or JPEG.")
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST:
        raise DraftError(f"The photo is only {width} x {height} pixels large: choose a larger one.")
    image = _thinned(image)
    full = np.ascontiguousarray(np.broadcast_to(image[..., :3], (*image.shape[:2], 3)))
    scale = min(1.0, WORKING_SIZE / max(height, width))
    goal = max(SMALLEST, round(width * scale)), max(SMALLEST, round(height * scale))
    alpha = _resized(np.ascontiguousarray(image[..., 3]), goal) if image.shape[2] == 4 else None
    notes: tuple[str, ...] = ()
    scaled: Mask | None = None
    if mask is not None:
        if mask.ndim != 2 or not mask.size:
            raise DraftError("The mask must be a picture of one channel: paint it anew.")
        if mask.shape != (height, width):
            size, goal_size = (f"{shape[1]} x {shape[0]}" for shape in (mask.shape, (height, width)))
            notes = (f"The mask has {size} pixels and was scaled to the photo's {goal_size}.",)
        white = mask if mask.dtype == np.bool_ else mask > 127
        if not white.any():
            raise DraftError("The mask is empty: paint the subject white, or remove the mask.")
        scaled = _resized(_thinned(white).astype(np.uint8) * 255, goal) > 127
        if not scaled.any():
            raise DraftError("The subject is too small in the photo: crop the photo around it.")
    return Photo(full, _resized(full, goal), alpha, scaled, notes)


def cut_out_small(image: Pixels, mask: Pixels | Mask | None) -> tuple[Pixels, Pixels | Mask | None, tuple[int, int]]:
    """The part of a photo that its small subject takes, with room around it, its mask, and the pixel where it begins.

    So the subject is not scaled down with its surroundings. image: (H, W, n); mask: (h, w). The subject is told by the
    mask, else by an alpha. A photo that is not larger than the working size comes back whole, and so does one that
    would be scaled down hardly less, or that `prepare` refuses.
    """
    if image.ndim != 3 or max(image.shape[:2]) <= WORKING_SIZE or (mask is not None and (mask.ndim != 2)):
        return image, mask, (0, 0)
    told = mask if mask is not None else image[..., 3] if image.shape[2] == 4 else None
    subject = told if told is None or told.dtype == np.bool_ else told > 127
    if subject is None or not subject.any():
        return image, mask, (0, 0)
    size = np.array(image.shape[:2])
    scale = size / subject.shape
    rows, columns = np.flatnonzero(subject.any(1)), np.flatnonzero(subject.any(0))
    low, high = np.array([rows[0], columns[0]]) * scale, np.array([rows[-1] + 1, columns[-1] + 1]) * scale
    part = part_around((low[0], low[1]), (high[0], high[1]), (image.shape[0], image.shape[1]), WORKING_SIZE)
    if part is None:
        return image, mask, (0, 0)
    (top, left), (height, width) = part
    bottom, right = top + height, left + width
    if mask is None:
        return image[top:bottom, left:right], None, (left, top)
    box = (left / scale[1], top / scale[0], right / scale[1], bottom / scale[0])
    cut = Image.fromarray(subject.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BILINEAR, box)
    return image[top:bottom, left:right], np.asarray(cut) > 127, (left, top)


def _thinned(picture: NDArray[Any]) -> NDArray[Any]:
    return picture[(slice(None, None, -(-max(picture.shape[:2]) // LARGEST)),) * 2]


def _resized(picture: Pixels, size: tuple[int, int]) -> Pixels:
    """A picture of another (width, height)."""
    if picture.shape[1::-1] == size:
        return picture
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))
