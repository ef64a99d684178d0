# SPDX-License-Identifier: GPL-3.0-or-later
"""A window of the photo at a resolution that suffices, and the way back to the photo's pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..arrays import Ints, Mask, Pixels, Single
from .pixel_prompts import Box

TAPS = 4  # samples along each side of a cell at most, so that the time does not follow the photo's size
ROWS = 256  # of the photo that are filled at a time


@dataclass(frozen=True)
class Window:
    """Pixels left..right, top..bottom of the photo, looked at in a grid of `height` x `width` cells."""

    left: int
    top: int
    right: int
    bottom: int
    height: int
    width: int

    @staticmethod
    def around(box: Box, margin: float, photo: tuple[int, int], size: int) -> Window:
        """The window around a box with a margin in pixels, cut to the photo (height, width), with cells of one
        pixel or more of which `size` make up the longest side at most.
        """
        left, top = max(0, math.floor(box[0] - margin)), max(0, math.floor(box[1] - margin))
        right, bottom = min(photo[1], math.ceil(box[2] + margin)), min(photo[0], math.ceil(box[3] + margin))
        step = max(1.0, max(right - left, bottom - top) / size)
        return Window(
            left, top, right, bottom, max(1, round((bottom - top) / step)), max(1, round((right - left) / step))
        )

    def finer(self, size: int) -> Window:
        """The same window with `size` cells along its longest side at most."""
        return Window.around(self.box, 0, (self.bottom, self.right), size)

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

    @property
    def step(self) -> tuple[float, float]:
        """Width and height of a cell in pixels."""
        return (self.right - self.left) / self.width, (self.bottom - self.top) / self.height

    def centers(self) -> tuple[Single, Single]:
        """The x (1, width) and y (height, 1) of the cells' middles in the photo."""
        across, down = self.step
        x = self.left + (np.arange(self.width, dtype=np.float32) + 0.5) * across
        y = self.top + (np.arange(self.height, dtype=np.float32) + 0.5) * down
        return x[None, :], y[:, None]

    def holds(self, x: float, y: float) -> bool:
        """Whether a place of the photo lies in the window."""
        return self.left <= x < self.right and self.top <= y < self.bottom

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the cell at a place of the photo, or of the nearest one."""
        across, down = self.step
        row, column = int((y - self.top) / down), int((x - self.left) / across)
        return min(max(row, 0), self.height - 1), min(max(column, 0), self.width - 1)

    def sample(self, picture: Pixels | Mask) -> Single:
        """The means (height, width, ...) of a picture (H, W, ...) in the cells, from a few samples in each."""
        taps = min(TAPS, max(1, round(max(self.step))))
        total = np.zeros((self.height, self.width, *picture.shape[2:]), np.float32)
        shares = (np.arange(taps) + 0.5) / taps
        columns = [(np.arange(self.width) + share) * self.step[0] + self.left for share in shares]
        for share in shares:
            row = ((np.arange(self.height) + share) * self.step[1] + self.top).astype(np.int64)
            for column in columns:
                total += picture[row[:, None], column.astype(np.int64)]
        return np.asarray(total / taps**2, np.float32)

    def rim(self, cells: int, photo: tuple[int, int]) -> Mask:
        """The cells (height, width) along those sides of the window that are not the photo's (height, width) own."""
        rim = np.zeros((self.height, self.width), bool)
        rim[:cells] |= self.top > 0
        rim[self.height - cells :] |= self.bottom < photo[0]
        rim[:, :cells] |= self.left > 0
        rim[:, self.width - cells :] |= self.right < photo[1]
        return rim

    def paint(self, values: Single, picture: Mask) -> None:
        """Sets the window's part of a picture (H, W) to where the values (height, width), taken as smooth, exceed
        one half.
        """
        column, next_column, share = _between(self.left, self.right, self.width)
        rows = _between(self.top, self.bottom, self.height)
        for top in range(self.top, self.bottom, ROWS):
            bottom = min(top + ROWS, self.bottom)
            row, next_row, weight = (part[top - self.top : bottom - self.top] for part in rows)
            low, high = row[0], next_row[-1] + 1
            wide = values[low:high, column] * (1 - share) + values[low:high, next_column] * share
            weight = weight[:, None]
            picture[top:bottom, self.left : self.right] = (
                wide[row - low] * (1 - weight) + wide[next_row - low] * weight > 0.5
            )


def enlarge(values: Single, height: int, width: int) -> Single:
    """Values (h, w) at another size by linear interpolation."""
    row, next_row, down = _between(0, height, values.shape[0])
    column, next_column, across = _between(0, width, values.shape[1])
    tall = values[row] * (1 - down[:, None]) + values[next_row] * down[:, None]
    return np.asarray(tall[:, column] * (1 - across) + tall[:, next_column] * across, np.float32)


def _between(start: int, stop: int, count: int) -> tuple[Ints, Ints, Single]:
    """For each pixel of start..stop the two of `count` cells that it lies between, and how near the second is."""
    place = (np.arange(stop - start) + 0.5) * count / (stop - start) - 0.5
    place = np.clip(place, 0, count - 1)
    first = np.minimum(place.astype(np.int64), max(count - 2, 0))
    return first, np.minimum(first + 1, count - 1), (place - first).astype(np.float32)
