# SPDX-License-Identifier: GPL-3.0-or-later
"""From a mask to a closed mesh: which kind of shape it is, and the shape."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from ..arrays import Mask, Pixels
from ..matching.camera import PhotoCamera
from .box import NEARLY_STRAIGHT, Box
from .camera import place, usual_camera
from .hull import visual_hull
from .inflation import inflate
from .mask_features import (
    BOXY,
    COMPACT,
    LIMBLESS,
    REVOLVED,
    REVOLVED_BODY,
    TOPPED,
    MaskFeatures,
    explained,
)
from .meshing import mesh
from .opening import is_open
from .posed_shape import Shape
from .revolution import revolve
from .sdf import Solid
from .silhouette import from_mask
from .straight import runs_straight
from .symmetry import Axis

KINDS = ("revolution", "box", "carved", "organic")

HANDLED = 0.93  # least share of the mask that a body of revolution with a handle shows
TIE = 0.03  # share of the mask: what shows so little more or less of it is as plausible
LYING = 0.92  # least share of the mask that a lying body of revolution shows
END_ON = 0.4  # cosine between the view and the axis of a lying body of revolution that is seen for one
STRAIGHT_ON = 6.0  # degrees within which a box is seen from its front
EXPLAINED = 0.85  # least share of the mask that a shape has to show to be plausible
CARVED = 0.9  # share of the mask that is nearly all of it
LEGGED_BOX = 0.9  # least overlap of a box with the mask without its legs
SIDEWAYS = 90.0  # degrees
ROOM = 0.04  # by which the best fitting box is widened, in its sides, so that it cuts off little of the mask


def build_shape(
    mask: NDArray[np.floating] | Mask,
    image: Pixels,
    camera: PhotoCamera | None = None,
    *,
    kind: str | None = None,
    alternative: int = 0,
    closed: bool = False,
) -> Shape:
    """The shape that a photo most likely shows.

    mask: (H, W) coverage 0..1 of the object. image: (H, W, 3), the photo. camera: a level one that has the object in
    its middle; the usual one without.
    kind: one of KINDS to force it; None to choose. alternative: 0 for the best guess, n for the n-th next plausible
    one, from the start again after the last. closed: whether it is known to have no opening.
    Raises ValueError, with a sentence for the user, for an empty or too thin mask or an unknown kind.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"There is no kind of shape called {kind}. Choose one of {', '.join(KINDS)}.")
    features = MaskFeatures(from_mask(mask), camera or usual_camera(mask.shape[1], mask.shape[0]), image)
    chosen = kind or rank(features)[0]
    if alternative and not kind:
        readings = plausible(features, image, closed=closed)
        chosen = readings[alternative % len(readings)]
    try:
        solid = make_solid(features, chosen, image, closed=closed)
        vertices, faces = mesh(solid)
    except ValueError:
        if chosen == "organic":
            raise
        chosen = "organic"  # nothing of the other kinds fits into the mask: no body of revolution into a ring
        solid = make_solid(features, chosen, image, closed=closed)
        vertices, faces = mesh(solid)
    placed, seen, origin, scale = place(vertices, features.view)
    mirror = None
    if solid.mirror is not None:
        normal = np.array(solid.mirror[:3])
        mirror = (*solid.mirror[:3], float(solid.mirror[3] - normal @ origin) * scale)
    axis = None if solid.axis is None else ((solid.axis[0] - origin) * scale, solid.axis[1])
    return Shape(placed.astype(np.float32), faces.astype(np.int32), seen, chosen, mirror, axis)


def rank(features: MaskFeatures) -> tuple[str, ...]:
    """KINDS, the most plausible one first."""
    if features.in_pieces:
        return ("organic", "carved", "box", "revolution")
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
    axis, box = _axis(features), features.box.overlap
    if _has_handle(features):
        return True
    if axis.overlap < REVOLVED:
        return False
    straight_on = abs(features.yaw) < STRAIGHT_ON  # so is every body of revolution, for a box
    upright = axis is features.upright
    least = max(EXPLAINED, box - TIE * straight_on) if upright else max(LYING, box + TIE / 2)
    if _shown_turned(features, axis) < least:
        return False
    return not upright or not runs_straight(features.silhouette, features.view, axis, features.picture)


def _shown_turned(features: MaskFeatures, axis: Axis, *, handle: bool = False) -> float:
    """The share of the mask that a body of revolution about that axis shows."""
    try:
        solid = revolve(features.silhouette, features.view, axis, handle=handle)
    except ValueError:
        return 0.0
    return explained(solid, features.silhouette, features.view)


def _has_handle(features: MaskFeatures) -> bool:
    """Whether the mask is a body of revolution about a vertical axis with something thin beside it."""
    whole, body = features.upright, features.upright_body
    if body.overlap < max(REVOLVED_BODY, whole.overlap + TIE / 2):
        return False
    if features.body.inside.sum() < 0.6 * features.silhouette.inside.sum():
        return False
    least = max(HANDLED, features.box.overlap + TIE, _shown_turned(features, whole) + TIE / 2)
    return _shown_turned(features, body, handle=True) >= least


def _axis(features: MaskFeatures) -> Axis:
    """The most plausible axis of revolution."""
    if _has_handle(features):
        return features.upright_body
    lying = [axis for axis in features.lying if abs(axis.direction @ features.view.axes[2]) > END_ON]
    likeliest = max(lying, key=lambda axis: axis.overlap)
    return likeliest if likeliest.overlap >= max(REVOLVED, features.upright.overlap + TIE / 2) else features.upright


def _is_furniture(features: MaskFeatures) -> bool:
    """Whether the mask is a flat top or a box on legs: a table, a chair."""
    if features.topped >= TOPPED:
        return True
    return features.legged and MaskFeatures(features.body, features.camera, features.picture).box.overlap >= LEGGED_BOX


def make_solid(features: MaskFeatures, kind: str, image: Pixels, *, closed: bool = False) -> Solid:
    """The solid of that kind that the mask shows. Raises ValueError where there is none."""
    silhouette, view = features.silhouette, features.view
    if kind == "revolution":
        axis = _axis(features)
        hollow = not closed and axis.direction[1] > 0 and is_open(silhouette, view, axis, image)
        return revolve(silhouette, view, axis, handle=_has_handle(features), hollow=hollow)
    if kind == "box":
        return _hull(features, _roomy(features.box), ("x", "z"))
    if kind == "carved":
        # Nearly straight on, what encloses the mask does not tell how deep it is.
        straight_on = abs(view.axes[2, 0]) < NEARLY_STRAIGHT
        return _hull(features, _roomy(features.box) if straight_on else features.around, ("xz", "x", "z"))
    degrees = _facing(features)
    normal = np.array([sin(radians(degrees)), 0.0, cos(radians(degrees))])
    return inflate(silhouette, view, normal)


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
