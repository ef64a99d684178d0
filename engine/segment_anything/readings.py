# SPDX-License-Identifier: GPL-3.0-or-later
"""What is common to masks as the network gives them: 256 x 256 logits, above 0 where the object is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Ints, Mask, Single
from ..graph import components

SPECK = 0.01  # of a mask; smaller parts and holes are dropped
SURE = 1.0  # how far logits are from 0 where small changes do not matter


@dataclass(frozen=True, eq=False)
class Reading:
    """One mask that a prompt may mean. logits: (256, 256). mask: (h, w), where they are above 0 in the photo.

    quality: the overlap with the object that the network expects.
    """

    logits: Single
    mask: Mask
    quality: float

    @property
    def stability(self) -> float:
        """How little the mask changes when all logits do (overlap, 0..1)."""
        within = self.logits[: self.mask.shape[0], : self.mask.shape[1]]
        most = int((within > -SURE).sum())
        return int((within > SURE).sum()) / most if most else 0.0

    def share(self, rows: Ints, columns: Ints) -> float:
        """How much of some cells is in the mask, 0..1; 1 where there are none."""
        return float(self.mask[rows, columns].mean()) if len(rows) else 1.0

    def overlap(self, other: Reading) -> float:
        """Intersection over union of the masks."""
        either = int((self.mask | other.mask).sum())
        return int((self.mask & other.mask).sum()) / either if either else 1.0


def read(logits: Single, cells: tuple[int, int], quality: float) -> Reading:
    """A reading of a photo that takes up these rows and columns."""
    return Reading(logits, logits[: cells[0], : cells[1]] > 0, quality)


def tidy(reading: Reading, inside: tuple[Ints, Ints], outside: tuple[Ints, Ints]) -> Single:
    """The logits without specks and pinholes; a part with a cell `inside` stays, as does a hole with one `outside`."""
    logits = reading.logits.copy()
    within = logits[: reading.mask.shape[0], : reading.mask.shape[1]]
    area = int(reading.mask.sum())
    for region, shown, sign in ((reading.mask, inside, -1), (~reading.mask, outside, 1)):
        labels, sizes = components(region)
        small = sizes < max(SPECK * area, 2)
        small[0] = False
        small[labels[shown]] = False
        if sign < 0 and len(sizes) > 1:
            small[1 + int(np.argmax(sizes[1:]))] = False  # something always stays
        wrong = small[labels]
        within[wrong] = sign * np.maximum(np.abs(within[wrong]), SURE)
    return logits


def distinct(readings: Sequence[Reading], most: float) -> list[Reading]:
    """Those that do not overlap an earlier one by more than `most`."""
    found: list[Reading] = []
    for reading in readings:
        if all(reading.overlap(earlier) <= most for earlier in found):
            found.append(reading)
    return found
