# SPDX-License-Identifier: GPL-3.0-or-later
"""Points that stand for a stroke, of which the network knows nothing: deep within it, and far from each other."""

from __future__ import annotations

import numpy as np

from ..arrays import Ints, Mask, Single
from ..graph import components
from ..selection.pixel_prompts import Point

SIDE = 160  # cells, at most, along the longest side of the stroke's box
MOST = 5
SPECK = 0.02  # of a stroke; smaller parts of it get no point of their own
SHALLOW = 0.15  # of the greatest depth; bumps of the rim are less deep
APART = 2.5  # of a point's depth, at least, to the next point


def stroke_points(stroke: Mask, most: int = MOST) -> tuple[Point, ...]:
    """Up to `most` points (x, y) in pixels on a stroke (H, W), those of its parts first; none where it is empty."""
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
    chosen = _deepest_of_parts(depths, components(depth > 0)[0][y, x])[:most]
    distance = np.full(len(x), np.inf)
    for one in chosen:
        distance = np.minimum(distance, np.hypot(x - x[one], y - y[one]))
    along = _is_ridge(depth)[y, x] & (depths > SHALLOW * depths.max())
    while len(chosen) < most:
        worth = np.where(along & (distance >= APART * depths), distance * np.sqrt(depths), 0)
        following = int(np.argmax(worth))
        if not worth[following]:
            break
        chosen.append(following)
        distance = np.minimum(distance, np.hypot(x - x[following], y - y[following]))
    return tuple((left + step * float(x[i]) + 0.5, top + step * float(y[i]) + 0.5) for i in chosen)


def _deepest_of_parts(depths: Single, labels: Ints) -> list[int]:
    """Which cell is the deepest of each part of a stroke, of the largest part first, without specks.

    depths, labels: of each of the stroke's cells (N,), the latter from 1.
    """
    sizes = np.bincount(labels)
    order = [label for label in np.argsort(-sizes, kind="stable") if sizes[label] > SPECK * len(labels)]
    return [int(np.argmax(np.where(labels == label, depths, 0))) for label in order]


def _depth(mask: Mask) -> Single:
    """How many cells each cell of a mask lies from its rim, 1 at it."""
    inner = np.pad(mask, 1)
    depth = inner.astype(np.float32)
    while inner.any():
        across = inner[1:-1, :-2] & inner[1:-1, 1:-1] & inner[1:-1, 2:]
        inner[1:-1, 1:-1] = across & inner[:-2, 1:-1] & inner[2:, 1:-1]
        depth += inner
    return depth[1:-1, 1:-1]


def _is_ridge(depth: Single) -> Mask:
    """Where no cell beside is deeper."""
    padded = np.pad(depth, 1)
    height, width = depth.shape
    around = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.asarray(depth >= np.max(around, axis=0))
