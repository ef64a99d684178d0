# SPDX-License-Identifier: GPL-3.0-or-later
"""Solids as fields: a function of points that is about the distance to the surface, positive inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from ..arrays import Floats, Single
from .camera import View
from .lathe import Lathe
from .silhouette import Silhouette

Function = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Solid:
    """A solid in the eye's frame.

    field: takes points (N, 3) to values (N,), about the distance to the surface, positive inside.
    low, high: (3,) corners of a box that holds the solid.
    mirror: the plane (nx, ny, nz, d), n.x = d, of the symmetry that was assumed.
    axis: a point and a direction of the axis of revolution.
    lathe: what the body is turned from, which is finer than the field.
    beside: what stands beside a turned body, with roots that reach into it; the field holds it, too.
    bend: takes pixels (N, 2) to how much farther from the eye (N,) what is seen there is than in the symmetric body.
    """

    field: Function
    low: Floats
    high: Floats
    mirror: tuple[float, float, float, float] | None = None
    axis: tuple[Floats, Floats] | None = None
    lathe: Lathe | None = None
    beside: Solid | None = None
    bend: Function | None = None

    def moved(self, origin: Floats, scale: float) -> Solid:
        """The solid in the frame where points are s (p - o): what it is made of there, but for its lathe."""
        mirror, axis = self.mirror, self.axis
        if mirror is not None:
            mirror = (*mirror[:3], float(mirror[3] - np.array(mirror[:3]) @ origin) * scale)
        if axis is not None:
            axis = ((axis[0] - origin) * scale, axis[1])
        return Solid(
            lambda points: self.field(points / scale + origin) * scale,
            (self.low - origin) * scale,
            (self.high - origin) * scale,
            mirror,
            axis,
            beside=None if self.beside is None else self.beside.moved(origin, scale),
        )


def cone(silhouette: Silhouette, view: View, values: Single | None = None) -> Function:
    """The field of all points that the photo shows within the mask.

    `values`, an image of the silhouette's working size in its pixels, replaces the distance to the outline.
    """
    if values is not None:
        silhouette = replace(silhouette, distance=values)

    def field(points: Floats) -> Floats:
        pixels, depth = view.project(points)
        return silhouette.sample(pixels) * depth / view.focal

    return field


def smooth_min(one: Floats, other: Floats, size: float) -> Floats:
    """The lesser of two fields' values, lowered by up to a quarter of `size` where they come within it of each other.

    It rounds the edge where the two surfaces meet (Quilez' polynomial smooth minimum).
    """
    blend = np.maximum(size - np.abs(one - other), 0) / size
    return np.asarray(np.minimum(one, other) - blend * blend * size / 4)


def intersection(fields: Sequence[Function], size: float) -> Function:
    """The field of what lies in all solids, edges rounded over `size`."""
    return lambda points: reduce(lambda a, b: smooth_min(a, b, size), (field(points) for field in fields))


def union(*fields: Function) -> Function:
    """The field of what lies in any solid."""
    return lambda points: np.maximum.reduce([field(points) for field in fields])


def mirrored(field: Function, axis: int, at: float) -> Function:
    """The field reflected in the plane where coordinate `axis` is `at`."""

    def reflected(points: Floats) -> Floats:
        points = points.copy()
        points[:, axis] = 2 * at - points[:, axis]
        return field(points)

    return reflected


def block(low: Floats, high: Floats, size: float) -> Function:
    """The field of an upright box with these corners (3,), edges rounded over `size`."""

    def field(points: Floats) -> Floats:
        x, y, z = np.minimum(points - low, high - points).T
        return smooth_min(smooth_min(x, y, size), z, size)

    return field
