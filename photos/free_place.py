# SPDX-License-Identifier: GPL-3.0-or-later
"""Where there is room for what arrives: the nearest free place beside what is in the way. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .layout import GAP

ROW = 10
"""So many times its own size a thing is moved at most before another row is looked at."""
ROWS = 20
"""Rows that are looked at."""

SLACK = 0.05
"""By so much of its size a thing may reach into another: what stands on a rug, or close to a wall, stands free."""

Boxes = NDArray[np.float64]
"""The lowest and the highest corner of boxes along the axes of the world: (n, 2, 3)."""
Direction = tuple[int, int]
"""One of the four along X or Y: (1, 0) is to the right in the front view."""


@dataclass(frozen=True)
class Ways:
    """Where to look first for a free place, and where the next row is."""

    aside: Direction = (1, 0)
    to_next_row: Direction = (0, -1)


def ways_of(right: Sequence[float], toward: Sequence[float]) -> Ways:
    """The ways for one who looks at the scene: to the right and, where that is as good, nearer to the eye.

    `right` and `toward` the eye are directions in the world, of which what is horizontal counts.
    """

    def rank(way: Direction) -> float:
        return way[0] * right[0] + way[1] * right[1] + (way[0] * toward[0] + way[1] * toward[1]) / 2

    def nearer(way: Direction) -> float:
        return way[0] * toward[0] + way[1] * toward[1]

    aside = max(((1, 0), (0, 1), (-1, 0), (0, -1)), key=rank)
    return Ways(aside, max(((-aside[1], -aside[0]), (aside[1], aside[0])), key=nearer))


def free_place(box: Boxes, others: Boxes, ways: Ways) -> tuple[float, float]:
    """How far along X and Y a box (1, 2, 3) is to be moved so that it stands in none of the others.

    It stays where it is if it is free. What it stands on is not in its way.
    """
    low, high = box[0]
    size = high - low
    slack = SLACK * size
    in_height = (others[:, 1, 2] > low[2] + slack[2]) & (others[:, 0, 2] < high[2] - slack[2])
    solid = others[in_height, :, :2]
    rectangle = np.array([low + slack, high - slack])[:, :2]
    along = 0 if ways.aside[0] else 1
    gap = float(slack[along]) + GAP * float(size[:2].max())
    step = np.zeros(2)
    step[1 - along] = sum(ways.to_next_row) * (1 + GAP) * size[1 - along]
    most = ROW * float(size[:2].max())
    for row in range(ROWS):
        place = row * step
        moved = _slide(rectangle + place, solid, along, sum(ways.aside), gap=gap, most=most)
        if moved is not None:
            place[along] = moved
            return float(place[0]), float(place[1])
    place = np.zeros(2)
    place[along] = _slide(rectangle, solid, along, sum(ways.aside), gap=gap, most=np.inf)
    return float(place[0]), float(place[1])


def _slide(rectangle: Boxes, solid: Boxes, along: int, sign: int, *, gap: float, most: float) -> float | None:
    """How far along an axis a rectangle (2, 2) is to be moved until it stands in no other (n, 2, 2).

    None where that is more than `most` beyond what is in its way at first.
    """
    across = 1 - along
    beside = (solid[:, 0, across] < rectangle[1, across]) & (solid[:, 1, across] > rectangle[0, across])
    low, high = solid[beside, :, along].T
    begin, end = rectangle[:, along]
    moved, limit = 0.0, None
    while True:
        inside = (low < end + moved) & (high > begin + moved)
        if not inside.any():
            return moved
        if limit is not None and abs(moved) > limit:
            return None
        moved = float(high[inside].max() - begin + gap) if sign > 0 else float(low[inside].min() - end - gap)
        limit = abs(moved) + most if limit is None else limit
