# SPDX-License-Identifier: GPL-3.0-or-later
"""All objects of a photo: a grid of clicks, of whose readings the good and distinct ones are kept.

After the automatic mask generation of Kirillov et al., "Segment Anything", 2023, section 5 and appendix B; a click on
what was found already is left out, which saves most of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..arrays import Floats
from .numerics import Report
from .readings import Reading

SIDE = 24  # clicks along the photo's longest side
GOOD = 0.88  # quality that the network expects, at least
STABLE = 0.95
SMALLEST, LARGEST = 0.0005, 0.9  # of the photo
SAME = 0.7  # overlap of two masks from which on they are one object
SAME_BOX, ALIKE = 0.8, 0.5  # overlap of two masks' boxes, and of these masks, from which on they are one object, too


def find_everything(
    click: Callable[[float, float], tuple[Reading, ...]], cells: tuple[int, int], report: Report
) -> list[Reading]:
    """The objects of a photo that takes up these rows and columns of a mask, largest first.

    click: gives the readings of a click at x, y (columns, rows).
    """
    settled = np.zeros(cells, bool)
    kept: list[Reading] = []
    clicks = list(_grid(cells))
    for i, (x, y) in enumerate(clicks):
        if not settled[int(y), int(x)]:
            good = [reading for reading in click(x, y) if _is_good(reading)]
            for reading in good:
                kept = _with(reading, kept)
            # The smallest reading is what other clicks on it would find again; larger ones hold other things.
            smallest = min(good, key=lambda reading: int(reading.mask.sum()), default=None)
            if smallest is not None and smallest.mask[int(y), int(x)]:
                settled |= smallest.mask
        report((i + 1) / len(clicks))
    return sorted(kept, key=lambda reading: -int(reading.mask.sum()))


def _grid(cells: tuple[int, int]) -> Iterator[tuple[float, float]]:
    """Clicks in the middles of squares, coarsely spread ones first."""
    step = max(cells) / SIDE
    rows, columns = (max(1, round(side / step)) for side in cells)
    spots = [(row, column) for row in range(rows) for column in range(columns)]
    for spacing in (4, 2, 1):
        some = [(row, column) for row, column in spots if row % spacing == spacing // 2 == column % spacing]
        spots = [spot for spot in spots if spot not in some]
        for row, column in some:
            yield (column + 0.5) * cells[1] / columns, (row + 0.5) * cells[0] / rows


def _is_good(reading: Reading) -> bool:
    share = float(reading.mask.mean())
    return reading.quality >= GOOD and SMALLEST <= share <= LARGEST and reading.stability >= STABLE


def _with(reading: Reading, kept: list[Reading]) -> list[Reading]:
    """Those kept with one more, of which the better one stays where two are the same object."""
    same = [other for other in kept if _same(reading, other)]
    if any(other.quality >= reading.quality for other in same):
        return kept
    return [*(other for other in kept if other not in same), reading]


def _same(one: Reading, other: Reading) -> bool:
    boxes = _box_overlap(_box(one), _box(other))
    if boxes == 0:
        return False
    overlap = one.overlap(other)
    return overlap > SAME or (boxes > SAME_BOX and overlap > ALIKE)


def _box(reading: Reading) -> Floats:
    rows, columns = np.flatnonzero(reading.mask.any(1)), np.flatnonzero(reading.mask.any(0))
    return np.array((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1), np.float64)


def _box_overlap(one: Floats, other: Floats) -> float:
    both = np.prod(np.maximum(np.minimum(one, other)[2:] - np.maximum(one, other)[:2], 0))
    return float(both / (np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]) - both))
