# SPDX-License-Identifier: GPL-3.0-or-later
"""Points that stand for a stroke, of which the network knows nothing: deep within it, and far from each other."""

from __future__ import annotations

import numpy as np

from ..arrays import Mask, Single
from ..selection.pixel_prompts import Point

SIDE = 160  # cells, at most, along the longest side of the stroke's box
MOST = 5
APART = 2.5  # radii of the stroke, at least, between two points


def stroke_points(stroke: Mask, most: int = MOST) -> tuple[Point, ...]:
    """Up to `most` points (x, y) in pixels on a stroke (H, W), the deepest one first; none where it is empty."""
    rows, columns = np.flatnonzero(stroke.any(1)), np.flatnonzero(stroke.any(0))
    if not len(rows):
        return ()
    top, left = int(rows[0]), int(columns[0])
    step = -(-max(int(rows[-1]) - top, int(columns[-1]) - left, 1) // SIDE)
    depth = _depth(stroke[top : int(rows[-1]) + 1 : step, left : int(columns[-1]) + 1 : step])
    y, x = np.nonzero(depth > 0)
    if not len(x):  # so thin that no sample hits it
        middle = len(rows) // 2
        row = int(rows[middle])
        return ((float(np.flatnonzero(stroke[row])[0]) + 0.5, row + 0.5),)
    depths = depth[y, x]
    chosen = [int(np.argmax(depths))]
    distance = np.full(len(x), np.inf)
    while len(chosen) < most:
        distance = np.minimum(distance, np.hypot(x - x[chosen[-1]], y - y[chosen[-1]]))
        # A point twice as deep may be nearer by half.
        following = int(np.argmax(distance * depths))
        if distance[following] < APART * max(depths.max(), 1):
            break
        chosen.append(following)
    return tuple((left + step * float(x[i]) + 0.5, top + step * float(y[i]) + 0.5) for i in chosen)


def _depth(mask: Mask) -> Single:
    """How many cells each cell of a mask lies from its rim, 1 at it."""
    inner = np.pad(mask, 1)
    depth = inner.astype(np.float32)
    while inner.any():
        across = inner[1:-1, :-2] & inner[1:-1, 1:-1] & inner[1:-1, 2:]
        inner[1:-1, 1:-1] = across & inner[:-2, 1:-1] & inner[2:, 1:-1]
        depth += inner
    return depth[1:-1, 1:-1]
