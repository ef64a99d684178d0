# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a mesh is one whole person, told by how well the template lies on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .body import Placed
from .errors import RigError
from .skeleton import NAMES
from .surface import Surface, nearest

Floats = NDArray[np.float64]

REACH = 0.05  # distance at which a patch and a point of the template are the same place
TURNED = 0.03  # what the difference of two normals counts in it
ALONE = 0.7  # least share of the surface that one person explains
SEEN = 0.3  # least share of a part of the body that is found on the surface

PARTS = {
    "head": ("head",),
    "left hand": ("hand.L",),
    "right hand": ("hand.R",),
    "left foot": ("foot.L", "toe.L"),
    "right foot": ("foot.R", "toe.R"),
}


def check_whole(surface: Surface, placed: Placed, weights: Floats) -> None:
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
            raise RigError(
                f"The {part} is missing from this mesh. Choose the mesh of a whole person, "
                "made from a photo that shows head, hands and feet."
            )
