# SPDX-License-Identifier: GPL-3.0-or-later
"""A mask inflated to both sides of an upright plane, as thick as it is wide."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Mask, Single
from .camera import View
from .sdf import Function, Solid, cone
from .silhouette import Silhouette, blur, signed_distance


def inflate(silhouette: Silhouette, view: View, normal: Floats, upright: float = 0.0) -> Solid:
    """The mask on the plane with that normal (3,) through the middle of the object, as thick as it is wide.

    upright: from 0, where the flanks slant along the lines of sight, so that the silhouette is the mask, to 1, where
    both flanks are mirror images in the plane; what is between leaves the mask a little where the plane is seen
    at a flat angle.
    """
    rays = view.rays(silhouette.pixels())
    center = rays.mean(0)
    on_plane = rays * ((center @ normal) / (rays @ normal))[:, None]
    thickness = half_thickness(silhouette)
    most = float(thickness.max()) / silhouette.scale / view.focal * 1.5
    field = swell(silhouette, view, thickness, center, normal, upright=upright)
    plane = (float(normal[0]), float(normal[1]), float(normal[2]), float(normal @ center))
    return Solid(field, on_plane.min(0) - most, on_plane.max(0) + most, plane)


def swell(
    silhouette: Silhouette, view: View, thickness: Single, point: Floats, normal: Floats, *, upright: float = 0.0
) -> Function:
    """The field within half a thickness of the plane through a point; the thickness is an image in working pixels,
    negative outside of the mask."""
    sheet = cone(silhouette, view, thickness)

    def field(points: Floats) -> Floats:
        away = (points - point) @ normal
        return sheet(points - upright * away[:, None] * normal) - np.abs(away)

    return field


def half_thickness(silhouette: Silhouette, part: Mask | None = None) -> Single:
    """Half the thickness (h, w) in working pixels of the union of the balls that fit in the mask, or in a part of it.

    The depth of the union is the square root of the largest r^2 - |x - p|^2 over the inscribed balls, which the
    largest one about every pixel decides: two passes, as for a distance. Outside it goes on as the distance to the
    outline, below 0.
    """
    distance = silhouette.distance if part is None else signed_distance(part.astype(np.float32))
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
