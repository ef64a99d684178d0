# SPDX-License-Identifier: GPL-3.0-or-later
"""Vertices at one place: a file splits them along the seams of textures and normals, and where pieces touch."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Ints
from ..graph import connected

CLOSE = 1e-6


def weld(points: Floats, close: float = CLOSE) -> Ints:
    """The number of its place, 0.., of each of some points (N, 3); those at one place have the same.

    close: of the longest side, within which two points are at one place.
    """
    if not len(points):
        return np.zeros(0, np.int64)
    unit = max(float(np.ptp(points, axis=0).max()), 1e-300) * 2 * close
    place = (points - points.min(0)) / unit
    pairs = []
    for shift in np.ndindex(2, 2, 2):  # a border between two cells of one grid is in the middle of a cell of another
        cell = np.floor(place + np.array(shift) / 2).astype(np.int64)
        key = (cell[:, 0] << 42) ^ (cell[:, 1] << 21) ^ cell[:, 2]
        order = np.argsort(key, kind="stable")
        same = np.flatnonzero(key[order[1:]] == key[order[:-1]])
        pairs.append(np.stack([order[same], order[same + 1]], 1))
    return connected(len(points), np.concatenate(pairs))
