# SPDX-License-Identifier: GPL-3.0-or-later
"""From a mask to a closed mesh: which kind of shape it is, and the shape."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from ..arrays import Mask, Pixels
from ..matching.camera import PhotoCamera
from .box import Box
from .camera import place, usual_camera
from .hull import visual_hull
from .inflation import inflate
from .mask_features import (
    BOXY,
    COMPACT,
    LIMBLESS,
    REVOLVED,
    REVOLVED_BODY,
    ROUGHLY_REVOLVED,
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
from .symmetry import Axis

KINDS = ("revolution", "box", "carved", "organic")

EXPLAINED = 0.85  # least share of the mask that a shape has to show to be plausible
LEGGED_BOX = 0.9  # least overlap of a box with the mask without its legs
HALFWAY = 15.0  # degrees between the plane that faces the front and the one that faces the camera, halfway
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
    features = MaskFeatures(from_mask(mask), camera or usual_camera(mask.shape[1], mask.shape[0]))
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
    if features.yaw == 0:  # found by a box seen straight on, which is symmetric too
        return False
    axis = _axis(features)
    overlap, box = axis.overlap, features.box.overlap
    sure = overlap >= REVOLVED and overlap > box
    # Chunky, and round rather than boxy: a pumpkin.
    rough = overlap >= ROUGHLY_REVOLVED and overlap > box + 0.05 and box >= BOXY and axis.direction[1] > 0
    handled = _has_handle(features)
    if not (sure or rough or handled):
        return False
    try:
        solid = revolve(features.silhouette, features.view, axis, handle=handled)
    except ValueError:
        return False
    return explained(solid, features.silhouette, features.view) >= EXPLAINED


def _has_handle(features: MaskFeatures) -> bool:
    """Whether the mask is a body of revolution about a vertical axis with something thin beside it."""
    return (
        features.upright_body.overlap >= REVOLVED_BODY
        and features.body.inside.sum() >= 0.6 * features.silhouette.inside.sum()
    )


def _axis(features: MaskFeatures) -> Axis:
    """The most plausible axis of revolution."""
    if _has_handle(features):
        return features.upright_body
    lying = features.lying.overlap >= REVOLVED and features.lying.overlap > features.upright.overlap
    return features.lying if lying else features.upright


def _is_furniture(features: MaskFeatures) -> bool:
    """Whether the mask is a flat top or a box on legs: a table, a chair."""
    if features.topped >= TOPPED:
        return True
    return features.legged and MaskFeatures(features.body, features.camera).box.overlap >= LEGGED_BOX


def make_solid(features: MaskFeatures, kind: str, image: Pixels, *, closed: bool = False) -> Solid:
    """The solid of that kind that the mask shows. Raises ValueError where there is none."""
    silhouette, view = features.silhouette, features.view
    if kind == "revolution":
        axis = _axis(features)
        hollow = not closed and axis.direction[1] > 0 and is_open(silhouette, view, axis, image)
        return revolve(silhouette, view, axis, handle=_has_handle(features), hollow=hollow)
    if kind == "box":
        spare = ROOM * (features.box.high - features.box.low)
        room = Box(features.box.low - spare, features.box.high + spare, features.box.overlap)
        return visual_hull(silhouette, view, room, "x")
    if kind == "carved":
        return _carved(features)
    degrees = _facing(features)
    normal = np.array([sin(radians(degrees)), 0.0, cos(radians(degrees))])
    return inflate(silhouette, view, normal, upright=0.5 if degrees == SIDEWAYS else 0.0)


def _carved(features: MaskFeatures) -> Solid:
    """The mask carved out of the box around it, with as many mirror images as leave nearly all of the mask."""
    for mirrors in ("xz", "x", "z"):
        solid = visual_hull(features.silhouette, features.view, features.around, mirrors)
        if explained(solid, features.silhouette, features.view) >= 0.9:
            return solid
    return visual_hull(features.silhouette, features.view, features.around, "x")


def _facing(features: MaskFeatures) -> float:
    """The direction that the middle plane of an organic shape faces, in degrees to the right of the front.

    What stands on legs stands along the longer line of its feet: animals face the viewer, benches show their front.
    Everything else may face the front or the camera, so halfway is never far off.
    """
    if not features.legged:
        return HALFWAY
    across, along = features.stands_along
    return SIDEWAYS if along > 1.5 * across else 0.0
