# SPDX-License-Identifier: GPL-3.0-or-later
"""The fine texture along the outline of a subject: it goes on where the photo shows nothing."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ..arrays import Ints, Mask, Pixels, Single
from ..raster import box_mean

COARSE = 64  # of the longer side: what is larger than such a part of it is no grain
RIM, FLANK = 128, 16  # of the longer side: the grain is read from so far inside of the outline to so far inside
USUAL, STRONGEST = 1.5, 5.0  # times the median grain, and levels of 255: stronger is a mark, and counts as no more


class Grain:
    """How much lighter or darker a photo (H, W, 3) is than its surroundings, along the outline of a mask (H, W)."""

    def __init__(self, image: Pixels, mask: Mask) -> None:
        height, width = mask.shape
        size = max(height, width)
        inner, core = (_inside(mask, max(1, size // part)) for part in (RIM, FLANK))
        row, column = np.nonzero(inner & ~core)
        gray = Image.fromarray(image).convert("L")
        step = max(2, size // COARSE)
        coarse = gray.resize((max(1, width // step), max(1, height // step)), Image.Resampling.BOX)
        smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
        fine = np.asarray(gray)[row, column].astype(np.float32) - smooth[row, column]
        most = min(USUAL * float(np.median(np.abs(fine))), STRONGEST) if len(fine) else 0.0
        self._fine = np.append(np.clip(fine, -most, most), 0).astype(np.float32)
        self._first = np.searchsorted(row, np.arange(height + 1))

    def at(self, row: Ints, along: Ints) -> Single:
        """The grain (N,), levels of 255, of rows (N,) of the photo; `along` (N,), pixels, goes there and back on it."""
        row = np.clip(row, 0, len(self._first) - 2)
        first, number = self._first[row], self._first[row + 1] - self._first[row]
        turned = np.mod(along, np.maximum(2 * number, 1))
        turned = np.where(turned < number, turned, 2 * number - 1 - turned)
        return np.asarray(self._fine[np.where(number > 0, first + turned, len(self._fine) - 1)])


def _inside(mask: Mask, depth: int) -> Mask:
    """Where a mask (H, W) reaches so many pixels to all sides."""
    return np.asarray(box_mean(mask.astype(np.float32), depth) > 0.999)
