# SPDX-License-Identifier: GPL-3.0-or-later
"""From a mask to a closed mesh: which kind of shape it is, and the shape."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from ..arrays import Mask, Pixels
from .box import Box
from .camera import place
from .hull import carve
from .inflation import inflate
from .mask_features import BOXY, COMPACT, LIMBLESS, ROUGHLY_TURNED, TOPPED, TURNED, TURNED_BODY, Evidence, explained
from .meshing import mesh
from .model import Shape
from .opening import is_open
from .revolution import turn
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
    *,
    kind: str | None = None,
    alternative: int = 0,
) -> Shape:
    """The shape that a photo most likely shows.

    mask: (H, W) coverage 0..1 of the object. image: (H, W, 3), the photo.
    kind: one of KINDS to force it; None to choose. alternative: 0 for the best guess, n for the n-th next plausible
    one, from the start again after the last.
    Raises ValueError, with a sentence for the user, for an empty or too thin mask or an unknown kind.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"There is no kind of shape called {kind}. Choose one of {', '.join(KINDS)}.")
    evidence = Evidence(from_mask(mask), (mask.shape[1], mask.shape[0]))
    chosen = kind or rank(evidence)[0]
    if alternative and not kind:
        readings = plausible(evidence, image)
        chosen = readings[alternative % len(readings)]
    try:
        solid = make_solid(evidence, chosen, image)
        vertices, faces = mesh(solid)
    except ValueError:
        if chosen == "organic":
            raise
        chosen = "organic"  # nothing of the other kinds fits into the mask: no turned body into a ring
        solid = make_solid(evidence, chosen, image)
        vertices, faces = mesh(solid)
    placed, camera, origin, scale = place(vertices, evidence.view)
    mirror = None
    if solid.mirror is not None:
        normal = np.array(solid.mirror[:3])
        mirror = (*solid.mirror[:3], float(solid.mirror[3] - normal @ origin) * scale)
    axis = None if solid.axis is None else ((solid.axis[0] - origin) * scale, solid.axis[1])
    return Shape(placed.astype(np.float32), faces.astype(np.int32), camera, chosen, mirror, axis)


def rank(evidence: Evidence) -> tuple[str, ...]:
    """KINDS, the most plausible one first."""
    if evidence.in_pieces:
        return ("organic", "carved", "box", "revolution")
    if _is_turned(evidence):
        return ("revolution", "organic", "box", "carved")
    if evidence.box.overlap >= BOXY and evidence.solidity >= COMPACT:
        return ("box", "carved", "revolution", "organic")
    if _is_furniture(evidence) or evidence.solidity >= LIMBLESS:
        return ("carved", "organic", "box", "revolution")
    return ("organic", "carved", "revolution", "box")


def plausible(evidence: Evidence, image: Pixels) -> tuple[str, ...]:
    """The kinds that show nearly all of the mask, the most plausible one first."""

    def shows(kind: str) -> bool:
        try:
            solid = make_solid(evidence, kind, image)
        except ValueError:
            return False
        return explained(solid, evidence.silhouette, evidence.view) >= EXPLAINED

    first, *others = rank(evidence)
    return (first, *filter(shows, others))


def _is_turned(evidence: Evidence) -> bool:
    """Whether the mask is that of a turned body, and of no box."""
    if evidence.yaw == 0:  # found by a box seen straight on, which is symmetric too
        return False
    axis = _axis(evidence)
    overlap, box = axis.overlap, evidence.box.overlap
    sure = overlap >= TURNED and overlap > box
    # Chunky, and round rather than boxy: a pumpkin.
    rough = overlap >= ROUGHLY_TURNED and overlap > box + 0.05 and box >= BOXY and axis.direction[1] > 0
    handled = _has_handle(evidence)
    if not (sure or rough or handled):
        return False
    try:
        solid = turn(evidence.silhouette, evidence.view, axis, handle=handled)
    except ValueError:
        return False
    return explained(solid, evidence.silhouette, evidence.view) >= EXPLAINED


def _has_handle(evidence: Evidence) -> bool:
    """Whether the mask is a turned body about a vertical axis with something thin beside it."""
    return (
        evidence.upright_body.overlap >= TURNED_BODY
        and evidence.body.inside.sum() >= 0.6 * evidence.silhouette.inside.sum()
    )


def _axis(evidence: Evidence) -> Axis:
    """The most plausible axis of revolution."""
    if _has_handle(evidence):
        return evidence.upright_body
    lying = evidence.lying.overlap >= TURNED and evidence.lying.overlap > evidence.upright.overlap
    return evidence.lying if lying else evidence.upright


def _is_furniture(evidence: Evidence) -> bool:
    """Whether the mask is a flat top or a box on legs: a table, a chair."""
    if evidence.topped >= TOPPED:
        return True
    return evidence.legged and Evidence(evidence.body, evidence.size).box.overlap >= LEGGED_BOX


def make_solid(evidence: Evidence, kind: str, image: Pixels) -> Solid:
    """The solid of that kind that the mask shows. Raises ValueError where there is none."""
    silhouette, view = evidence.silhouette, evidence.view
    if kind == "revolution":
        axis = _axis(evidence)
        hollow = axis.direction[1] > 0 and is_open(silhouette, view, axis, image)
        return turn(silhouette, view, axis, handle=_has_handle(evidence), hollow=hollow)
    if kind == "box":
        spare = ROOM * (evidence.box.high - evidence.box.low)
        room = Box(evidence.box.low - spare, evidence.box.high + spare, evidence.box.overlap)
        return carve(silhouette, view, room, "x")
    if kind == "carved":
        return _carved(evidence)
    degrees = _facing(evidence)
    normal = np.array([sin(radians(degrees)), 0.0, cos(radians(degrees))])
    return inflate(silhouette, view, normal, upright=0.5 if degrees == SIDEWAYS else 0.0)


def _carved(evidence: Evidence) -> Solid:
    """The mask carved out of the box around it, with as many mirror images as leave nearly all of the mask."""
    for mirrors in ("xz", "x", "z"):
        solid = carve(evidence.silhouette, evidence.view, evidence.around, mirrors)
        if explained(solid, evidence.silhouette, evidence.view) >= 0.9:
            return solid
    return carve(evidence.silhouette, evidence.view, evidence.around, "x")


def _facing(evidence: Evidence) -> float:
    """The direction that the middle plane of an organic shape faces, in degrees to the right of the front.

    What stands on legs stands along the longer line of its feet: animals face the viewer, benches show their front.
    Everything else may face the front or the camera, so halfway is never far off.
    """
    if not evidence.legged:
        return HALFWAY
    across, along = evidence.stands_along
    return SIDEWAYS if along > 1.5 * across else 0.0
