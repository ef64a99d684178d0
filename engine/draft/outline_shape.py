# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the outline of a mask has corners, as that of a box, or bends, as the rims of turned bodies do."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Mask

BASE = 0.4  # of its width, how far above its lowest point the lower outline is looked at
SAME_WAY = 5.0  # degrees between sides of the hull that count as one
NOISE = 0.004  # of the width, by which an outline is off


def bends(inside: Mask) -> tuple[float, float]:
    """How much better an arc than a corner follows the lower and the upper outline of a mask, as logarithms."""
    return _bend(inside), _bend(inside[::-1])


def _bend(inside: Mask) -> float:
    columns = np.flatnonzero(inside.any(0))
    low = inside.shape[0] - inside[::-1, columns].argmax(0).astype(np.float64)
    width = float(np.ptp(columns)) + 1
    near = low > low.max() - BASE * width
    x, y = (columns[near] - columns[near].mean()) / width, low[near] / width
    if len(x) < 8:
        return 0.0
    arc = _off(np.stack([np.ones_like(x), x, x * x], 1), y)
    corner = min(
        _off(np.stack([np.ones_like(x), x, np.abs(x - apex)], 1), y) for apex in np.linspace(x.min(), x.max(), 15)[1:-1]
    )
    return float(np.log((corner + NOISE) / (arc + NOISE)))


def _off(terms: Floats, values: Floats) -> float:
    """The root mean square by which the best sum of terms (N, T) misses values (N,)."""
    found, *_ = np.linalg.lstsq(terms, values, rcond=None)
    return float(np.sqrt(np.mean((terms @ found - values) ** 2)))


def straight_sides(hull: Floats) -> tuple[float, float, float]:
    """Shares of the perimeter of a hull (N, 2), its corners in turn, that its two, four and six longest sides take."""
    step = np.roll(hull, -1, 0) - hull
    length = np.hypot(step[:, 0], step[:, 1])
    step, length = step[length > 0], length[length > 0]
    way = np.degrees(np.arctan2(step[:, 1], step[:, 0]))
    start = int(np.argmax(length))
    sides: list[float] = []
    begun = way[start]
    for along, size in zip(np.roll(way, -start), np.roll(length, -start), strict=True):
        off = abs((along - begun + 180) % 360 - 180)
        if sides and off <= SAME_WAY:
            sides[-1] += size
        else:
            sides.append(size)
            begun = along
    longest = np.sort(sides)[::-1] / length.sum()
    return float(longest[:2].sum()), float(longest[:4].sum()), float(longest[:6].sum())
