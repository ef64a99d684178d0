# SPDX-License-Identifier: GPL-3.0-or-later
"""The mask carved out of its box, and its mirror images with it."""

from __future__ import annotations

import numpy as np

from .box import Box
from .camera import View
from .sdf import Solid, block, cone, intersection, mirrored
from .silhouette import Silhouette

# Sizes of the rounding of edges, in the longest side: of the box, and of where the views meet, which may be thin.
EDGE, CREASE = 0.02, 0.006


def visual_hull(silhouette: Silhouette, view: View, box: Box, mirrors: str = "x") -> Solid:
    """The part of the box that the photo shows within the mask.

    `mirrors` names the axes ("x", "z", "xz", "") along which the object is taken to be symmetric: the mirrored photo is
    then a second view of it, which carves too (the visual hull, Laurentini 1994).
    """
    seen = cone(silhouette, view)
    middle = (box.low + box.high) / 2
    views = [seen]
    for name in mirrors:
        axis = "xyz".index(name)
        views += [mirrored(view_, axis, float(middle[axis])) for view_ in views]
    plane = None
    if mirrors:
        axis = "xyz".index(mirrors[0])
        normal = np.eye(3)[axis]
        plane = (float(normal[0]), float(normal[1]), float(normal[2]), float(middle[axis]))
    size = float((box.high - box.low).max())
    carved = intersection(views, CREASE * size)
    return Solid(intersection([block(box.low, box.high, EDGE * size), carved], EDGE * size), box.low, box.high, plane)
