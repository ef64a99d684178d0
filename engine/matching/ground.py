# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the ground is in a photo: below the things that stand on it, and up to an edge behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import Floats, Mask, Pixels

LEVEL = np.radians(8.0)  # that the ground's edge may be turned in the photo
WIDE = 0.45  # of the photo's width that it spans at least
BESIDE = (4, 12)  # pixels from an edge, between which the sides' colors are compared
DIFFERENT = 8.0  # of 255


def feet(masks: Sequence[Mask]) -> Floats:
    """Where the things of masks (h, w) stand: (N, 2) in pixels, without those that the photo's lower edge cuts."""
    found = []
    for mask in masks:
        rows = np.flatnonzero(mask.any(1))
        if len(rows) and rows[-1] < len(mask) - 2:
            columns = np.flatnonzero(mask[max(0, rows[-1] - 1) :].any(0))
            found.append([columns.mean() + 0.5, rows[-1] + 1.0])
    return np.array(found).reshape(-1, 2)


def ground_edge(picture: Pixels, segments: Floats, standing: Floats) -> Floats:
    """The ends (2, 2) of the lowest edge, or none (0, 2), that may be where the ground ends.

    It lies across the photo, above all feet (N, 2), and its two sides (so it is no joint) have different colors.
    picture: (h, w, 3). segments: (N, 4) of what belongs to no thing.
    """
    width = picture.shape[1]
    ends = segments.reshape(-1, 2, 2)
    ends = np.take_along_axis(ends, ends[..., :1].argsort(1), 1)
    across = ends[:, 1] - ends[:, 0]
    level = (np.abs(across[:, 1]) < np.tan(LEVEL) * across[:, 0]) & (across[:, 0] > WIDE * width)
    highest_foot = standing[:, 1].min() if len(standing) else 0.0
    middle = ends.mean(1)
    for k in np.argsort(-middle[:, 1]):
        if level[k] and middle[k, 1] < highest_foot and _is_between_colors(picture, ends[k]):
            return np.asarray(ends[k])
    return np.zeros((0, 2))


def _is_between_colors(picture: Pixels, ends: Floats) -> bool:
    """Whether the colors above and below a line that lies across the picture differ."""
    height, width = picture.shape[:2]
    at = ends[0] + np.linspace(0.05, 0.95, 60)[:, None] * (ends[1] - ends[0])
    column = np.clip(at[:, 0].astype(np.int64), 0, width - 1)
    sides = []
    for way in (-1, 1):
        row = np.clip(at[:, 1, None] + way * np.arange(*BESIDE), 0, height - 1).astype(np.int64)
        sides.append(np.median(picture[row, column[:, None]].reshape(-1, 3), 0))
    return bool(np.abs(sides[0] - sides[1]).max() > DIFFERENT)
