# SPDX-License-Identifier: GPL-3.0-or-later
"""The upright box that a mask shows under the assumed camera."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np

from ..arrays import Floats, Mask
from .camera import View
from .silhouette import Silhouette

STRAIGHT = 0.14  # sine of the yaw below which a box is seen straight on
NEARLY_STRAIGHT = 0.25  # the same below which the depth of a box shows little
DEPTHS = (0.5, 1.0, 0.2)  # of a box seen nearly straight on, in widths, that are tried
LOPSIDED = 0.01  # overlap that it takes to believe in a box e times as long as wide
THINNEST = 0.04  # least side of a box, in its longest


Worth = Callable[[Floats, Floats], float]


@dataclass(frozen=True)
class Box:
    """An upright box.

    low, high: (3,) corners in the eye's frame.
    overlap: intersection over union of the mask and the box's silhouette.
    """

    low: Floats
    high: Floats
    overlap: float


def enclose(silhouette: Silhouette, view: View) -> Box:
    """The box whose silhouette touches the mask on all sides.

    Seen from above and an angle, the outline of a box is a hexagon of two edges along each of its axes. The six planes
    through the eye, along the axes, that just enclose the mask therefore fix the box up to its scale: the lower two
    meet in the nearest corner on the ground, the left and right ones end its base, the upper ones its height.
    """
    rays = view.rays(silhouette.ends())
    forward = view.axes[2]
    near = np.where(forward > 0, -1.0, 1.0)  # the side of the box that faces the eye, along each axis
    bottom_x, top_x = _enclosing(rays, view, 0)
    bottom_z, top_z = _enclosing(rays, view, 2)
    left, right = _enclosing(rays, view, 1)
    straight = abs(forward[0]) < STRAIGHT
    if straight:  # the depth shows little
        corner = _toward(np.cross(bottom_x, right), forward)
        width = float(corner @ left / left[0])
        size = np.array([width, 0.0, width / 2])
    else:
        corner = _toward(np.cross(bottom_x, bottom_z), forward)
        far_x, far_z = (left, right) if near[0] > 0 else (right, left)
        size = np.array([near[0] * (corner @ far_x) / far_x[0], 0.0, near[2] * (corner @ far_z) / far_z[2]])
    size = np.maximum(size, 1e-3)
    back = -near * size * np.array([1.0, 0.0, 1.0])
    heights = []
    for plane, axis in ((top_x, 2), (top_z, 0))[: 1 if straight else 2]:
        offset = np.zeros(3)
        offset[axis] = back[axis]
        # The upper outline is the far edge when the eye is above the top and the near edge when it is below.
        heights.append(max(-(plane @ (corner + offset)) / plane[1], 0.0))
        if corner[1] + heights[-1] > 0:
            heights[-1] = max(-(plane @ corner) / plane[1], -corner[1])
    size[1] = max(*heights, 1e-3)
    low, high = np.minimum(corner, corner + back), np.maximum(corner, corner + back)
    high[1] = low[1] + size[1]
    return Box(low, high, _comparison(silhouette, view)(low, high))


def _enclosing(rays: Floats, view: View, axis: int) -> tuple[Floats, Floats]:
    """The normals of the two planes through the eye and along an axis that enclose the rays.

    The lower one first, and of those along the vertical the left one.
    """
    direction = np.eye(3)[axis]
    middle = view.axes[2] - direction * view.axes[2, axis]
    middle /= np.linalg.norm(middle)
    side = np.cross(direction, middle)
    angle = np.arctan2(rays @ side, rays @ middle)
    across = view.axes[0] if axis == 1 else view.axes[1]
    planes = []
    for extreme in (angle.min(), angle.max()):
        inside = np.cos(extreme) * middle + np.sin(extreme) * side
        planes.append((float(inside @ across), np.cos(extreme) * side - np.sin(extreme) * middle))
    planes.sort(key=lambda plane: plane[0])
    return planes[0][1], planes[1][1]


def _toward(direction: Floats, forward: Floats) -> Floats:
    """The point at depth 1 on a line through the eye."""
    return direction / (direction @ forward)


def fit(silhouette: Silhouette, view: View, start: Box) -> Box:
    """The box whose silhouette has most in common with the mask, found from a first one by trying its sides in turn.

    What sticks out (wheels, handles, a lid's rim) widens the enclosing box but moves this one little. The ground stays
    where it was, as the scale is free. Nearly straight on, little but the top tells the depth: several are tried first,
    and of those that fit alike the one counts whose depth is most like its width.
    """
    overlap = _comparison(silhouette, view)

    def worth(low: Floats, high: Floats) -> float:
        width, _, depth = (high - low).tolist()
        return overlap(low, high) - LOPSIDED * abs(log(depth / width))

    starts = [(start.low, start.high)]
    if abs(view.axes[2, 0]) < NEARLY_STRAIGHT:
        width = float((start.high - start.low)[0])
        starts += [(start.low * [1, 1, 0] + [0, 0, start.high[2] - share * width], start.high) for share in DEPTHS]
    return max((_climb(low, high, worth, overlap) for low, high in starts), key=lambda found: found[1])[0]


def _climb(low: Floats, high: Floats, worth: Worth, overlap: Worth) -> tuple[Box, float]:
    """The box near these corners (3,) that is worth most, and what it is worth."""
    corners = np.array([low, high])
    size = high - low
    thinnest = THINNEST * float(size.max())
    best = worth(low, high)
    step = 0.12
    while step > 0.01:
        better = False
        for axis, side in ((0, 0), (0, 1), (2, 0), (2, 1), (1, 1)):
            for sign in (-1, 1):
                tried = corners.copy()
                tried[side, axis] += sign * step * size[axis]
                if min((tried[1] - tried[0]).tolist()) < thinnest:
                    continue
                new = worth(tried[0], tried[1])
                if new > best + 1e-4:
                    corners, best, better = tried, new, True
        if not better:
            step /= 2
    return Box(corners[0], corners[1], overlap(corners[0], corners[1])), best


def sight_lines(silhouette: Silhouette, view: View, count: int = 2500) -> tuple[Floats, Mask]:
    """About so many lines of sight (N, 3), evenly over the mask and a little around it, and which meet it (N,)."""
    height, width = silhouette.inside.shape
    step = max(1, int(np.sqrt(height * width / count)))
    rows, columns = np.mgrid[-height // 8 : height + height // 8 : step, -width // 8 : width + width // 8 : step]
    pixels = silhouette.to_photo(np.stack([columns.ravel(), rows.ravel()], 1) + 0.5)
    return view.rays(pixels), silhouette.covers(pixels)


def _comparison(silhouette: Silhouette, view: View) -> Callable[[Floats, Floats], float]:
    """The function from a box's corners to intersection over union of the mask and the box's silhouette."""
    rays, inside = sight_lines(silhouette, view)
    count = int(np.count_nonzero(inside))
    ray = rays[np.argsort(~inside, kind="stable")].T  # those first that meet the mask
    slowness = 1 / np.where(np.abs(ray) < 1e-9, 1e-9, ray)

    @functools.lru_cache(maxsize=8)  # of two boxes that are compared, most sides are the same
    def between(axis: int, low: float, high: float) -> tuple[Floats, Floats]:
        """Where each ray enters and leaves the space between two sides of the box."""
        one, other = low * slowness[axis], high * slowness[axis]
        return np.minimum(one, other), np.maximum(one, other)

    def overlap(low: Floats, high: Floats) -> float:
        (x, y, z), (far_x, far_y, far_z) = low.tolist(), high.tolist()
        (enter, leave), (enter_y, leave_y), (enter_z, leave_z) = (
            between(0, x, far_x),
            between(1, y, far_y),
            between(2, z, far_z),
        )
        enter = np.maximum(enter, enter_y)
        leave = np.minimum(leave, leave_y)
        hit = np.maximum(enter, enter_z, out=enter) < np.minimum(leave, leave_z, out=leave)
        return int(np.count_nonzero(hit[:count])) / max(count + int(np.count_nonzero(hit[count:])), 1)

    return overlap
