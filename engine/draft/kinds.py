# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kind of shape a mask most likely shows."""

from __future__ import annotations

from ..arrays import Pixels
from .likeliest_axis import TIE, has_handle, likeliest_axis, shown_turned
from .mask_features import BOXY, COMPACT, LIMBLESS, REVOLVED, TOPPED, MaskFeatures, explained
from .solids import make_solid
from .straight import runs_straight

LYING = 0.92  # least share of the mask that a lying body of revolution shows
STRAIGHT_ON = 6.0  # degrees within which a box is seen from its front
EXPLAINED = 0.85  # least share of the mask that a shape has to show to be plausible
LEGGED_BOX = 0.9  # least overlap of a box with the mask without its legs


def rank(features: MaskFeatures) -> tuple[str, ...]:
    """The kinds that come into question, the most plausible one first."""
    if features.in_pieces:
        return ("organic", "carved", "box", "revolution")
    if features.is_furniture or features.is_vehicle:
        return ("furniture" if features.is_furniture else "vehicle", "carved", "organic", "box", "revolution")
    if _is_revolved(features):
        return ("revolution", "organic", "box", "carved")
    if features.box.overlap >= BOXY and features.solidity >= COMPACT:
        return ("box", "carved", "revolution", "organic")
    if _is_furniture(features) or features.solidity >= LIMBLESS:
        return ("carved", "organic", "box", "revolution")
    return ("organic", "carved", "revolution", "box")


def plausible(features: MaskFeatures, image: Pixels, *, closed: bool = False) -> tuple[str, ...]:
    """The kinds that show nearly all of the mask, the most plausible one first."""

    def shows(kind: str) -> bool:
        try:
            solid = make_solid(features, kind, image, closed=closed)
        except ValueError:
            return False
        return explained(solid, features.silhouette, features.view) >= EXPLAINED

    first, *others = rank(features)
    return (first, *filter(shows, others))


def _is_revolved(features: MaskFeatures) -> bool:
    """Whether the mask is that of a body of revolution, and of no box."""
    axis, box = likeliest_axis(features), features.box.overlap
    if has_handle(features):
        return True
    if axis.overlap < REVOLVED:
        return False
    straight_on = abs(features.yaw) < STRAIGHT_ON  # so is every body of revolution, for a box
    upright = axis is features.upright
    least = max(EXPLAINED, box - TIE * straight_on) if upright else max(LYING, box + TIE / 2)
    if shown_turned(features, axis) < least:
        return False
    return not upright or not runs_straight(features.silhouette, features.view, axis, features.picture)


def _is_furniture(features: MaskFeatures) -> bool:
    """Whether the mask is a flat top or a box on legs: a table, a chair."""
    if features.topped >= TOPPED:
        return True
    return features.legged and MaskFeatures(features.body, features.camera, features.picture).box.overlap >= LEGGED_BOX
