# SPDX-License-Identifier: GPL-3.0-or-later
"""What a photo shows of one subject: its mask as a field of distances, and where others may hide it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Mask
from ..draft.silhouette import resample, signed_distance

WORK_SIZE = 128
"""Pixels along the longer side of a mask's box, at most: a larger one is reduced."""
MARGIN = 0.35
"""Of the box's longer side, looked at around it."""
MOST_POINTS = 140
"""Of the contour."""
HIDDEN_NOISE = 0.05
"""Of the mask's extent: how far a rim that is hidden may be from where it should be, for all that is known."""


@dataclass(frozen=True)
class Shown:
    """A subject in its window of the photo, in working pixels, each `1 / scale` of the photo's wide.

    mask (h, w); hidden (h, w): where another subject or the photo's border may hide it. distance (h, w): signed, to
    the mask's outline, positive inside. contour (C, 2) and normals (C, 2): points of the outline that are the subject's
    own, in pixels of the photo, and the directions outwards. corner (2,): of the window, in the photo. box (4,): left,
    top, right and bottom of the mask in the photo. extent: the square root of the mask's area in the photo.
    """

    mask: Mask
    hidden: Mask
    distance: Floats
    contour: Floats
    normals: Floats
    corner: Floats
    scale: float
    box: Floats
    extent: float

    def distance_at(self, pixels: Floats) -> tuple[Floats, Floats, Mask]:
        """Of pixels (..., 2) of the photo: the signed distance, its gradient (..., 2), and whether they are hidden."""
        height, width = self.mask.shape
        at = (pixels - self.corner) * self.scale - 0.5
        x, y = np.clip(at[..., 0], 0, width - 1.001), np.clip(at[..., 1], 0, height - 1.001)
        beyond = at - np.stack([x, y], -1)
        far = np.hypot(beyond[..., 0], beyond[..., 1])
        column, row = x.astype(np.int64), y.astype(np.int64)
        fx, fy = x - column, y - row
        index = row * width + column
        flat = self.distance.ravel()
        a, b, c, d = flat[index], flat[index + 1], flat[index + width], flat[index + width + 1]
        value = (a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy
        slope = np.stack([(b - a) * (1 - fy) + (d - c) * fy, (c - a) * (1 - fx) + (d - b) * fx], -1)
        slope -= beyond / np.maximum(far, 1e-9)[..., None]
        nearest = np.rint(y).astype(np.int64) * width + np.rint(x).astype(np.int64)
        return (value - far) / self.scale, slope, self.hidden.ravel()[nearest]


def shown_in(mask: Mask, others: Mask) -> Shown:
    """What a photo shows of a subject with this mask (H, W), which must not be empty, beside all the others' (H, W)."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    side = int(max(box[2] - box[0], box[3] - box[1]))
    pad = max(6, round(MARGIN * side))
    own = _window(mask, box, pad, outside=False)
    hidden = _window(others & ~mask, box, pad, outside=True)
    scale = min(1.0, WORK_SIZE / side)
    height, width = (max(8, round(n * scale)) for n in own.shape)
    coverage = resample(own.astype(np.float32), height, width)
    coverage /= max(float(coverage.max()), 0.5)  # what is thinner than a pixel everywhere is seen all the same
    small = coverage > 0.5
    veiled = (resample(hidden.astype(np.float32), height, width) > 0.4) & ~small
    distance = signed_distance(coverage).astype(np.float64)
    contour, normals = _contour(small, veiled, distance)
    corner = box[:2] - pad
    return Shown(
        small, veiled, distance, contour / scale + corner, normals, corner.astype(np.float64), scale,
        box.astype(np.float64), float(np.sqrt(mask.sum())),
    )  # fmt: skip


def _window(field: Mask, box: Floats, pad: int, *, outside: bool) -> Mask:
    left, top, right, bottom = (int(side) for side in box)
    padded = np.pad(field[max(top - pad, 0) : bottom + pad, max(left - pad, 0) : right + pad], 0)
    missing = (
        (max(pad - top, 0), max(bottom + pad - field.shape[0], 0)),
        (max(pad - left, 0), max(right + pad - field.shape[1], 0)),
    )
    return np.pad(padded, missing, constant_values=outside)


def _contour(mask: Mask, veiled: Mask, distance: Floats) -> tuple[Floats, Floats]:
    """Points between the mask's pixels and free ones beside them, and the directions outwards."""
    free = ~mask & ~_widened(veiled)
    found = []
    for axis, step in ((0, np.array([0.0, 0.5])), (1, np.array([0.5, 0.0]))):
        for one, other in ((mask, free), (free, mask)):
            first, second = (one[:-1], other[1:]) if axis == 0 else (one[:, :-1], other[:, 1:])
            rows, columns = np.nonzero(first & second)
            found.append(np.stack([columns, rows], 1) + 0.5 + step)
    points = np.concatenate(found)
    points = points[np.lexsort((points[:, 0], points[:, 1]))]
    points = points[:: max(1, -(-len(points) // MOST_POINTS))]
    gy, gx = np.asarray(np.gradient(distance))
    row = np.clip(points[:, 1].astype(np.int64), 0, mask.shape[0] - 1)
    column = np.clip(points[:, 0].astype(np.int64), 0, mask.shape[1] - 1)
    outwards = -np.stack([gx[row, column], gy[row, column]], 1)
    return points, outwards / np.maximum(np.linalg.norm(outwards, axis=1), 1e-6)[:, None]


def _widened(part: Mask) -> Mask:
    """With two pixels more around it."""
    wide = np.pad(part, 2)
    wide = wide[:, 2:-2] | wide[:, 1:-3] | wide[:, 3:-1] | wide[:, :-4] | wide[:, 4:]
    return np.asarray(wide[2:-2] | wide[1:-3] | wide[3:-1] | wide[:-4] | wide[4:])
