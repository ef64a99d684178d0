# SPDX-License-Identifier: GPL-3.0-or-later
"""Scan conversion of triangles with numpy, and averages and fillings of pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import Ints, Single


def scan(corners: NDArray[np.floating], width: int, height: int) -> tuple[Ints, Ints, Ints]:
    """The pixels whose centers lie in each triangle.

    corners: (F, 3, 2) x right, y down, in pixels; the center of the first pixel is at (0.5, 0.5).
    Returns (face, column, row), one entry for each covered pixel of each triangle, in the triangles' order.
    Intervals are half open, so a pixel on an edge that two triangles share belongs to one of them.
    """
    x, y = corners[..., 0], corners[..., 1]
    top = np.clip(np.ceil(y.min(1) - 0.5), 0, height).astype(np.int64)
    bottom = np.clip(np.ceil(y.max(1) - 0.5), 0, height).astype(np.int64)
    face, row = _ranges(top, bottom)
    level = row + 0.5
    left = np.full(len(row), np.inf)
    right = np.full(len(row), -np.inf)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        ya, yb = y[face, a], y[face, b]
        crosses = (np.minimum(ya, yb) <= level) & (level < np.maximum(ya, yb))
        xa = x[face, a]
        at = xa + (level - ya) * (x[face, b] - xa) / np.where(crosses, yb - ya, 1)
        left = np.where(crosses, np.minimum(left, at), left)
        right = np.where(crosses, np.maximum(right, at), right)
    hit = right > left
    face, row, left, right = face[hit], row[hit], left[hit], right[hit]
    span, column = _ranges(
        np.clip(np.ceil(left - 0.5), 0, width).astype(np.int64),
        np.clip(np.ceil(right - 0.5), 0, width).astype(np.int64),
    )
    return face[span], column, row[span]


def _ranges(start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """(index, value) for every value of every half-open range start[index]..stop[index]."""
    count = np.maximum(stop - start, 0)
    index = np.repeat(np.arange(len(start)), count)
    return index, np.arange(len(index)) - np.repeat(np.cumsum(count) - count - start, count)


def planes(corners: NDArray[np.floating], values: NDArray[np.floating]) -> Single:
    """The affine functions that take given values at the corners of triangles.

    corners (F, 3, 2), values (F, 3, C) -> (F, 3, C): the value at (x, y) is p[0] * x + p[1] * y + p[2].
    Triangles without area get the value of their first corner.
    """
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    du, dv = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    inverse = np.where(np.abs(area) > 1e-12, 1 / np.where(area == 0, 1, area), 0)[:, None]
    gx = (du * v[:, 1:] - dv * u[:, 1:]) * inverse
    gy = (dv * u[:, :1] - du * v[:, :1]) * inverse
    base = values[:, 0] - gx * corners[:, 0, :1] - gy * corners[:, 0, 1:]
    return np.stack([gx, gy, base], 1).astype(np.float32)


def pull_push(values: Single) -> Single:
    """Fills the empty parts of an image or a volume from their surroundings.

    values: (H, W, C + 1) or (D, H, W, C + 1); the last channel is a weight by which the others are already
    multiplied. Returns (..., C): where the weight is 1 or more the mean stays as it is, elsewhere it is
    blended with the means of ever wider surroundings. After Gortler et al., "The Lumigraph", SIGGRAPH 1996.
    """
    weight = values[..., -1:]
    mean = values[..., :-1] / np.maximum(weight, 1e-6)
    if max(values.shape[:-1]) == 1:
        return np.asarray(mean, np.float32)
    axes = range(values.ndim - 1)
    coarse = np.pad(values, [(0, values.shape[a] % 2) for a in axes] + [(0, 0)])
    for axis in axes:
        flat = np.moveaxis(coarse, axis, 0)
        coarse = np.moveaxis(flat[0::2] + flat[1::2], 0, axis)
    fill = pull_push(coarse)
    for axis in axes:
        fill = _double(fill, axis, values.shape[axis])
    return np.asarray(fill + np.minimum(weight, 1) * (mean - fill), np.float32)


def _double(values: Single, axis: int, size: int) -> Single:
    """Linear interpolation to twice the size along one axis, cut to `size`."""
    values = np.moveaxis(values, axis, 0)
    before, after = np.concatenate([values[:1], values[:-1]]), np.concatenate([values[1:], values[-1:]])
    fine = np.empty((2 * len(values), *values.shape[1:]), np.float32)
    fine[0::2] = 0.75 * values + 0.25 * before
    fine[1::2] = 0.75 * values + 0.25 * after
    return np.moveaxis(fine[:size], 0, axis)


def box_mean(values: Single, radius: int) -> Single:
    """The mean over a square of 2 * radius + 1 pixels; outside counts as 0."""
    span = 2 * radius + 1
    for _ in range(2):
        total = np.cumsum(np.pad(values, [(radius + 1, radius), (0, 0)]), 0)
        values = np.asarray((total[span:] - total[:-span]).T / span, np.float32)
    return values
