# SPDX-License-Identifier: GPL-3.0-or-later
"""A mask inflated to both sides of an upright plane, as thick as it is wide."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Single
from .camera import View
from .sdf import Function, Solid, cone
from .silhouette import Silhouette, blur

LEAST_HEIGHT = 0.5  # of what the mask shows: how much of it may be taken for depth that is seen from above


def inflate(silhouette: Silhouette, view: View, normal: Floats) -> Solid:
    """The mask on the plane with that normal (3,) through the middle of the object, as thick as it is wide.

    Both flanks are mirror images in the plane. Seen from above, a thick body shows more than its height: an ellipsoid
    of half the height b and half the depth c shows a half height of sqrt(b^2 cos^2 + c^2 sin^2) of the pitch. The plane
    is as much lower as lets the body show the mask again.
    """
    rays = view.rays(silhouette.pixels())
    center = rays.mean(0)
    on_plane = rays * ((center @ normal) / (rays @ normal))[:, None]
    thickness = half_thickness(silhouette)
    most = float(thickness.max()) / silhouette.scale / view.focal
    low, high = on_plane.min(0), on_plane.max(0)
    squeeze = _squeeze(view, float(high[1] - low[1]) / 2, most)
    middle = float(low[1] + high[1]) / 2
    sheet = swell(silhouette, view, thickness, center, normal)

    def field(points: Floats) -> Floats:
        points = points.copy()
        points[:, 1] = middle + (points[:, 1] - middle) / squeeze
        return sheet(points)

    low[1], high[1] = middle + (low[1] - middle) * squeeze, middle + (high[1] - middle) * squeeze
    plane = (float(normal[0]), float(normal[1]), float(normal[2]), float(normal @ center))
    return Solid(field, low - 1.5 * most, high + 1.5 * most, plane)


def _squeeze(view: View, half_height: float, half_depth: float) -> float:
    """The height of a body that shows a half height on its middle plane, as a share of it."""
    down = abs(float(view.axes[2, 1]))
    return float(np.sqrt(max(1 - (half_depth * down / half_height) ** 2, LEAST_HEIGHT**2)))


def swell(silhouette: Silhouette, view: View, thickness: Single, point: Floats, normal: Floats) -> Function:
    """The field within half a thickness of the plane through a point, both flanks mirror images in it; the thickness is
    an image in working pixels, negative outside of the mask."""
    sheet = cone(silhouette, view, thickness)

    def field(points: Floats) -> Floats:
        away = (points - point) @ normal
        return sheet(points - away[:, None] * normal) - np.abs(away)

    return field


def half_thickness(silhouette: Silhouette) -> Single:
    """Half the thickness (h, w) in working pixels of the union of the balls that fit in the mask.

    The depth of the union is the square root of the largest r^2 - |x - p|^2 over the inscribed balls, which the
    largest one about every pixel decides: two passes, as for a distance. Outside it goes on as the distance to the
    outline, below 0.
    """
    distance = silhouette.distance
    square = np.where(distance > 0, distance * distance, -1e6).astype(np.float32)
    reach = int(distance.max()) + 1
    for axis in (0, 1):
        best = square.copy()
        for shift in range(1, reach + 1):
            ahead = [slice(None), slice(None)]
            behind = [slice(None), slice(None)]
            ahead[axis], behind[axis] = slice(shift, None), slice(0, -shift)
            to, of = tuple(ahead), tuple(behind)
            loss = np.float32(shift * shift)
            np.maximum(best[to], square[of] - loss, out=best[to])
            np.maximum(best[of], square[to] - loss, out=best[of])
        square = best
    depth = blur(np.sqrt(np.maximum(square, 0)), 2)
    return np.where(distance > 0, depth, distance).astype(np.float32)
