# SPDX-License-Identifier: GPL-3.0-or-later
"""The solid of each kind that a mask shows."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np

from ..arrays import Pixels
from .box import NEARLY_STRAIGHT, Box
from .explained import explained
from .hull import visual_hull
from .inflation import inflate
from .mask_features import MaskFeatures
from .opening import is_open
from .revolution import revolve
from .sdf import Solid

KINDS = ("revolution", "box", "carved", "organic", "furniture", "vehicle")

CARVED = 0.9  # share of the mask that is nearly all of it
SIDEWAYS = 90.0  # degrees
ROOM = 0.04  # by which the best fitting box is widened, in its sides, so that it cuts off little of the mask


def make_solid(
    features: MaskFeatures, kind: str, image: Pixels, *, closed: bool = False, opened: bool = False
) -> Solid:
    """The solid of that kind that the mask shows. Raises ValueError where there is none.

    closed: whether it is known to have no opening; opened: whether a turned one is known to have one at its top.
    """
    silhouette, view = features.silhouette, features.view
    if kind == "revolution":
        hollow = not closed and features.axis.direction[1] > 0 and (opened or shows_opening(features, image))
        return revolve(silhouette, view, features.axis, handle=features.has_handle, hollow=hollow)
    if kind == "box":
        return _hull(features, _roomy(features.box), ("x", "z"))
    if kind == "carved":
        # Nearly straight on, what encloses the mask does not tell how deep it is.
        straight_on = abs(view.axes[2, 0]) < NEARLY_STRAIGHT
        return _hull(features, _roomy(features.box) if straight_on else features.around, ("xz", "x", "z"))
    if kind == "furniture":
        return features.furniture.solid(silhouette, view)
    if kind == "vehicle":
        return features.vehicle.solid(silhouette, view)
    degrees = _facing(features)
    normal = np.array([sin(radians(degrees)), 0.0, cos(radians(degrees))])
    return inflate(silhouette, view, normal)


def shows_opening(features: MaskFeatures, image: Pixels) -> bool:
    """Whether what the photo shows looks like an upright turned body that is open at its top."""
    axis = features.axis
    return axis.direction[1] > 0 and is_open(features.silhouette, features.view, axis, image)


def _roomy(box: Box) -> Box:
    """A box a little larger, which cuts off little of what it fits."""
    spare = ROOM * (box.high - box.low)
    return Box(box.low - spare, box.high + spare, box.overlap)


def _hull(features: MaskFeatures, box: Box, symmetries: tuple[str, ...]) -> Solid:
    """The mask carved out of a box, by the first symmetry that leaves nearly all of the mask, or the one that leaves
    most of it."""
    best, most = None, -1.0
    for mirrors in symmetries:
        solid = visual_hull(features.silhouette, features.view, box, mirrors)
        shown = explained(solid, features.silhouette, features.view)
        if shown > most:
            best, most = solid, shown
        if shown >= CARVED:
            break
    assert best is not None
    return best


def _facing(features: MaskFeatures) -> float:
    """The direction that the middle plane of an organic shape faces, in degrees to the right of the front.

    What stands on legs stands along the longer line of its feet: animals face the viewer, benches show their front.
    Of everything else the camera is taken to see the broad side.
    """
    if not features.legged:
        return features.yaw
    across, along = features.stands_along
    return SIDEWAYS if along > 1.5 * across else 0.0
