# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a mesh is one whole person, told by its limbs and by how well the template lies on it."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats
from .errors import RigError
from .extremities import Extremities
from .patch_graph import Surface, nearest
from .posable_template import PosedTemplate
from .skeleton import NAMES

REACH = 0.05  # distance at which a patch and a point of the template are the same place
FAR = 0.1  # distance beyond which it does not matter how far
TURNED = 0.03  # what the difference of two normals counts in it
ALONE = 0.7  # least share of the surface that one person explains
SEEN = 0.3  # least share of a part of the body that is found on the surface
LOPSIDED = 0.2  # logarithm of the distances of a left tip against those of a right one

PARTS = {
    "head": ("head",),
    "left hand": ("hand.L",),
    "right hand": ("hand.R",),
    "left foot": ("foot.L", "toe.L"),
    "right foot": ("foot.R", "toe.R"),
}


def missing_limb(tips: Extremities) -> str:
    """The hand or foot of an arm or a leg that is far shorter than the other, so that a part of it is not there."""
    head, left_hand, right_hand, left_foot, right_foot = range(5)
    between = tips.distances[tips.at]
    for name, left, right, others in (
        ("hand", left_hand, right_hand, [head, left_foot, right_foot]),
        ("foot", left_foot, right_foot, [head, left_hand, right_hand]),
    ):
        longer = float(np.log(between[left, others].sum() / between[right, others].sum()))
        if abs(longer) > LOPSIDED:
            return f"{'right' if longer > 0 else 'left'} {name}"
    return ""


def missing(part: str) -> str:
    """The sentence on a part that is not there."""
    return (
        f"The {part} is missing from this mesh. Choose the mesh of a whole person, "
        "made from a photo that shows head, hands and feet."
    )


def misfit(surface: Surface, placed: PosedTemplate) -> float:
    """How far the surface is from the fitted template and this from the surface, on the average; far is far enough."""
    one, other = _away(surface, placed)
    return float(surface.areas @ np.minimum(one, FAR) + np.minimum(other, FAR).mean())


def _away(surface: Surface, placed: PosedTemplate) -> tuple[Floats, Floats]:
    """The distances of the patches to the template's points and of these to the patches."""
    body = np.concatenate([placed.points, TURNED * placed.normals], axis=1)
    mesh = np.concatenate([surface.points, TURNED * surface.normals], axis=1)
    return nearest(mesh, body)[1], nearest(body, mesh)[1]


def check_whole(surface: Surface, placed: PosedTemplate, weights: Floats) -> None:
    """Raises RigError where the surface is more than the fitted template, or less.

    weights: (N, bones) of the template's points.
    """
    one, other = _away(surface, placed)
    explained = float(surface.areas @ (one < REACH))
    if explained < ALONE:
        raise RigError(
            "This mesh is more than one person, or none. Choose the mesh of one person alone, "
            "made from a photo whose mask shows nobody else."
        )
    seen = other < REACH
    for part, bones in PARTS.items():
        weight = weights[:, [NAMES.index(bone) for bone in bones]].sum(1)
        if weight @ seen < SEEN * weight.sum():
            raise RigError(missing(part))
