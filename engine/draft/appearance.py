# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what a picture shows looks painted by a turn about an axis: in bands, alike to both sides."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Pixels
from .camera import View
from .revolution import profile
from .silhouette import Silhouette
from .symmetry import Axis

REACH = 62.0  # degrees to both sides of the eye's direction, in which a turned body is looked at
COLUMNS = 31
ROWS = 40
EVEN = 0.03  # standard deviation of colors, 0..1, below which all of them count as one: that agrees with any shape
NOISE = 0.012  # standard deviation of a gray that is even, 0..1


def appearance_about(axis: Axis, silhouette: Silhouette, view: View, picture: Pixels) -> tuple[float, ...]:
    """How far the colors of a picture (H, W, 3) agree with a turn about an upright axis.

    Gives the share of the colors' variance that the place along the axis and an even light explain, the standard
    deviation of what is left (0..1), the correlation of that with its mirror image, and the logarithm of how much
    steeper colors change around the axis than along it. All but the second are not a number where the colors are even.
    (0, 0, 0, 0) where nothing can be turned about it.
    """
    height, radius = profile(silhouette, view, axis)
    body = np.flatnonzero(radius > 0)
    if len(body) < 4:
        return 0.0, 0.0, 0.0, 0.0
    at = np.linspace(height[body[0]], height[body[-1]], ROWS + 2)[1:-1]
    wide = np.interp(at, height[body], radius[body])
    turn = np.radians(np.linspace(-REACH, REACH, COLUMNS))
    around = np.sin(turn)[:, None] * axis.side - np.cos(turn)[:, None] * axis.toward
    points = axis.point + at[:, None, None] * axis.direction + wide[:, None, None] * around
    pixels, _ = view.project(points.reshape(-1, 3))
    known = silhouette.covers(pixels).reshape(ROWS, COLUMNS)
    if known.mean() < 0.3:
        return 0.0, 0.0, 0.0, 0.0
    column = np.clip(pixels[:, 0].astype(int), 0, picture.shape[1] - 1)
    row = np.clip(pixels[:, 1].astype(int), 0, picture.shape[0] - 1)
    color = picture[row, column, :3].reshape(ROWS, COLUMNS, 3).astype(np.float64) / 255
    seen = known[..., None].astype(np.float64)
    bands = _mean(color, seen, 1)
    left = (color - bands - _mean(color - bands, seen, 0)) * seen
    spread = float(_mean((color - _mean(color, seen, (0, 1))) ** 2, seen, (0, 1)).mean())
    rest = float(_mean(left**2, seen, (0, 1)).mean())
    both = seen * seen[:, ::-1]
    mirrored = float((left * left[:, ::-1] * both).sum() / max(float((left**2 * both).sum()), 1e-9))
    # Steps along the axis and around it in the same unit of length.
    ring, line = wide * np.radians(2 * REACH) / (COLUMNS - 1), abs(at[1] - at[0])
    around_it = np.abs(np.diff(color, axis=1)) / ring[:, None, None]
    along_it = np.abs(np.diff(color, axis=0)) / line
    steep_around = float(_mean(around_it, seen[:, 1:] * seen[:, :-1], (0, 1)).mean())
    steep_along = float(_mean(along_it, seen[1:] * seen[:-1], (0, 1)).mean())
    if spread < EVEN**2:
        return np.nan, rest**0.5, np.nan, np.nan
    crossed = float(np.log((steep_around + NOISE) / (steep_along + NOISE)))
    return 1 - (rest + NOISE**2) / (spread + NOISE**2), rest**0.5, mirrored, crossed


def _mean(values: Floats, weight: Floats, axis: int | tuple[int, int]) -> Floats:
    """The mean of values (R, C, 3) along an axis, by weights (R, C, 1), 0 where there are none."""
    total = weight.sum(axis, keepdims=True)
    return np.asarray((values * weight).sum(axis, keepdims=True) / np.maximum(total, 1))
