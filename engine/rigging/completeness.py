# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a mesh is one whole person, told by its limbs and by how well the template lies on it."""

from __future__ import annotations

from dataclasses import dataclass

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
SEEN_WELL, CERTAIN = 0.8, 0.045  # least share of each part, and misfit, that leave no doubt
SURE = 0.026  # distance of the surface from the template up to which its other parts lie as they should
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


@dataclass(frozen=True)
class Fit:
    """How well a placed template and a surface lie on each other.

    misfit: how far the surface is from the template and this from the surface, on the average; far is far enough.
    outside: the part of it that the surface has. explained: the share of the surface that is near the template.
    seen: the least share of a part of the body that is near the surface, and which part.
    """

    misfit: float
    outside: float
    explained: float
    seen: float
    part: str

    @property
    def is_whole(self) -> bool:
        """Whether the surface is one person with all parts."""
        return self.explained >= ALONE and self.seen >= SEEN

    @property
    def is_certain(self) -> bool:
        """Whether that is so beyond doubt, however the template came to lie there."""
        return self.misfit < CERTAIN and self.seen >= SEEN_WELL

    def refusal(self, limb: str = "") -> RigError:
        """Why the surface is no whole person's; a part is called missing only where all the rest lies as it should.

        limb: the part that is missing by the lengths of the limbs.
        """
        part = limb or (self.part if self.seen < SEEN else "")
        return RigError(missing(part) if part and self.outside < SURE else NO_FIT)


NO_FIT = (
    "A person's bones do not fit this mesh. Choose the mesh of one person alone and whole, of natural proportions, "
    "with hands and feet free of the body."
)


def judge(surface: Surface, placed: PosedTemplate, weights: Floats) -> Fit:
    """How well the template as it is placed, with the weights (N, bones) of its points, lies on a surface."""
    body = np.concatenate([placed.points, TURNED * placed.normals], axis=1)
    mesh = np.concatenate([surface.points, TURNED * surface.normals], axis=1)
    outside, inside = nearest(mesh, body)[1], nearest(body, mesh)[1]
    shares = {}
    for part, bones in PARTS.items():
        weight = weights[:, [NAMES.index(bone) for bone in bones]].sum(1)
        shares[part] = float(weight @ (inside < REACH) / weight.sum())
    part = min(shares, key=lambda name: shares[name])
    away = float(surface.areas @ np.minimum(outside, FAR))
    explained = float(surface.areas @ (outside < REACH))
    return Fit(away + float(np.minimum(inside, FAR).mean()), away, explained, shares[part], part)
