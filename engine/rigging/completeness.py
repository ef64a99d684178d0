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


def check_limbs(tips: Extremities) -> None:
    """Raises RigError where an arm or a leg is far shorter than the other: a part of it is not there."""
    head, left_hand, right_hand, left_foot, right_foot = range(5)
    between = tips.distances[tips.at]
    for name, left, right, others in (
        ("hand", left_hand, right_hand, [head, left_foot, right_foot]),
        ("foot", left_foot, right_foot, [head, left_hand, right_hand]),
    ):
        longer = float(np.log(between[left, others].sum() / between[right, others].sum()))
        if abs(longer) > LOPSIDED:
            raise RigError(_missing(f"{'right' if longer > 0 else 'left'} {name}"))


def _missing(part: str) -> str:
    return (
        f"The {part} is missing from this mesh. Choose the mesh of a whole person, "
        "made from a photo that shows head, hands and feet."
    )


def check_whole(surface: Surface, placed: PosedTemplate, weights: Floats) -> None:
    """Raises RigError where the surface is more than the fitted template, or less.

    weights: (N, bones) of the template's points.
    """
    body = np.concatenate([placed.points, TURNED * placed.normals], axis=1)
    mesh = np.concatenate([surface.points, TURNED * surface.normals], axis=1)
    explained = float(surface.areas @ (nearest(mesh, body)[1] < REACH))
    if explained < ALONE:
        raise RigError(
            "This mesh is more than one person, or none. Choose the mesh of one person alone, "
            "made from a photo whose mask shows nobody else."
        )
    seen = nearest(body, mesh)[1] < REACH
    for part, bones in PARTS.items():
        weight = weights[:, [NAMES.index(bone) for bone in bones]].sum(1)
        if weight @ seen < SEEN * weight.sum():
            raise RigError(_missing(part))
