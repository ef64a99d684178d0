# SPDX-License-Identifier: GPL-3.0-or-later
"""What a click may have meant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Mask
from .pixel_prompts import Box
from .window import Window


@dataclass(frozen=True)
class Candidate:
    """What the subject may be: a mask (height, width), not empty, in a window."""

    window: Window
    mask: Mask

    @property
    def box(self) -> Box:
        """Around the mask, in pixels of the photo."""
        across, down = self.window.step
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        left, top = self.window.left, self.window.top
        return (
            left + float(columns[0]) * across,
            top + float(rows[0]) * down,
            left + float(columns[-1] + 1) * across,
            top + float(rows[-1] + 1) * down,
        )

    @property
    def area(self) -> float:
        """In pixels of the photo."""
        across, down = self.window.step
        return float(self.mask.sum()) * across * down

    def at(self, window: Window) -> Mask:
        """The mask at the middles of another window's cells."""
        x, y = window.centers()
        across, down = self.window.step
        column = np.floor((x - self.window.left) / across).astype(np.int64)
        row = np.floor((y - self.window.top) / down).astype(np.int64)
        known = (row >= 0) & (row < self.window.height) & (column >= 0) & (column < self.window.width)
        inner = self.mask[np.clip(row, 0, self.window.height - 1), np.clip(column, 0, self.window.width - 1)]
        return np.asarray(known & inner)

    def overlap(self, larger: Candidate) -> float:
        """Intersection over union with a candidate of a larger window."""
        across, down = self.window.step
        common = float((self.mask & larger.at(self.window)).sum()) * across * down
        return common / (self.area + larger.area - common)
