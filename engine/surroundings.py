# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a large picture around its small subject, so that this is not scaled down with all the rest."""

from __future__ import annotations

ROOM = 0.25  # margin around the subject at least, as a share of its longer side; more where it costs no pixels
GAIN = 0.8  # longer side of the part, as a share of the picture's, above which the part gains too little

Place = tuple[float, float]
Size = tuple[int, int]


def part_around(low: Place, high: Place, size: Size, least: int) -> tuple[Size, Size] | None:
    """Start and extent of the part of a picture around a subject; None where the picture had better stay whole.

    low, high: two corners of the subject's rectangle, in pixels and in the same order of axes as `size`, the picture's.
    least: pixels of the part's longer side, at least.
    """
    side = max((1 + 2 * ROOM) * max(high[0] - low[0], high[1] - low[1]), least)
    if side > GAIN * max(size):
        return None
    first, second = (_placed((low[axis] + high[axis]) / 2, size[axis], side) for axis in range(2))
    return (first[0], second[0]), (first[1], second[1])


def _placed(middle: float, length: int, side: float) -> tuple[int, int]:
    """Start and length of a part of that side, as far as there is so much, its middle there as far as it can be."""
    extent = min(length, round(side))
    return min(max(round(middle - extent / 2), 0), length - extent), extent
