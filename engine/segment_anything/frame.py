# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a photo lies in the square that the network sees: from the top left, its longest side along all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from ..arrays import Floats, Ints, Mask, Pixels, Single
from .layout import LOGITS, SIDE
from .products import product

MEAN = np.array((123.675, 116.28, 103.53), np.float32)
DEVIATION = np.array((58.395, 57.12, 57.375), np.float32)
"""Of the colors of the photos that the network was trained with."""
ROWS = 64  # of the photo for which a mask is made at a time


@dataclass(frozen=True)
class Frame:
    """A photo of height x width pixels in the square."""

    height: int
    width: int

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in the square."""
        scale = SIDE / max(self.height, self.width)
        return max(1, int(self.height * scale + 0.5)), max(1, int(self.width * scale + 0.5))

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of a mask's logits in which the photo lies."""
        height, width = self.size
        return -(-height * LOGITS // SIDE), -(-width * LOGITS // SIDE)

    def square(self, photo: Pixels) -> Single:
        """The photo (H, W, 3) in the square (1024, 1024, 3), its colors normalized; zeros beside it."""
        height, width = self.size
        small = Image.fromarray(photo).resize((width, height), Image.Resampling.BILINEAR)
        square = np.zeros((SIDE, SIDE, 3), np.float32)
        within = square[:height, :width]
        np.subtract(np.asarray(small), MEAN, out=within)
        within /= DEVIATION
        return square

    def place(self, points: Sequence[tuple[float, float]] | Floats) -> Single:
        """Points (x, y) of the photo, in pixels, as (N, 2) in the square, 0..1 along each side."""
        height, width = self.size
        scale = (width / self.width / SIDE, height / self.height / SIDE)
        return np.asarray(np.array(points, np.float64).reshape(-1, 2) * scale, np.float32)

    def cell(self, points: Sequence[tuple[float, float]] | Floats) -> tuple[Ints, Ints]:
        """Rows and columns of the logits' cells in which points of the photo lie."""
        place = np.minimum((self.place(points) * LOGITS).astype(np.int64), LOGITS - 1)
        return place[:, 1], place[:, 0]

    @cached_property
    def _shares(self) -> tuple[Single, Single]:
        """How much of each row and of each column of the logits is in the photo's: (H, 256), (W, 256).

        Interpolated to the square's pixels, and from these to the photo's, as by the network's authors.
        """
        square = _interpolated(np.eye(LOGITS, dtype=np.float32), SIDE)
        height, width = self.size
        return _interpolated(square[:height], self.height), _interpolated(square[:width], self.width)

    def mask(self, logits: Single) -> Mask:
        """The photo's pixels (H, W) where logits (256, 256), taken as smooth, are above 0."""
        down, across = self._shares
        wide = product(logits, across.T)
        result = np.empty((self.height, self.width), bool)
        for top in range(0, self.height, ROWS):
            shares = down[top : top + ROWS]
            used = np.flatnonzero(shares.any(0))
            between = slice(used[0], used[-1] + 1)  # which are few of the logits' rows
            np.greater(product(shares[:, between], wide[between]), 0, out=result[top : top + ROWS])
        return result


def _interpolated(values: Single, number: int) -> Single:
    """Rows (n, M) at `number` places between them (number, M)."""
    place = np.clip((np.arange(number) + 0.5) * len(values) / number - 0.5, 0, len(values) - 1)
    first = np.minimum(place.astype(np.int64), max(len(values) - 2, 0))
    share = (place - first).astype(np.float32)[:, None]
    following = values[np.minimum(first + 1, len(values) - 1)]
    return np.asarray(values[first] * (1 - share) + following * share)
