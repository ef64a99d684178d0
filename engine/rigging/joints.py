# SPDX-License-Identifier: GPL-3.0-or-later
"""The joints of a body mesh in any pose."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from .completeness import check_whole, misfit, missing, missing_limb
from .errors import RigError
from .extremities import Extremities, find_extremities
from .mhr import find_mhr_joints
from .patch_graph import Surface, build_surface, nearest, up_rotation
from .posable_template import PosedTemplate, SkinnedTemplate
from .skeleton import JOINTS, NAMES, PARENT
from .template import Template, load_template, sign
from .template_fit import fit_template

CLOSE = 0.034  # misfit of a bare body on which the template lies as it should
STEP = 2  # every how manieth point of the template is fitted

ENDS = ("head_top", "hand_tip.L", "hand_tip.R", "toe_tip.L", "toe_tip.R")
"""The joints at the tips, in their order."""


def find_joints(vertices: ArrayLike, faces: ArrayLike, up: str = "Y") -> dict[str, Floats]:
    """The places of a person's joints.

    vertices: (V, 3) in any unit. faces: (F, 3) triangles. up: 'Y' or 'Z', the axis that points up.
    Returns for each name of `skeleton.JOINTS` a (3,) position in the vertices' frame and unit; L is the person's own
    left. Raises RigError.
    """
    turn = up_rotation(up)
    points, triangles = np.asarray(vertices, float) @ turn.T, np.asarray(faces, np.int64)
    surface = build_surface(points, triangles)
    places = find_mhr_joints(points, triangles[:, ::-1] if surface.inside_out else triangles)
    if places is None:
        places = locate(surface) / surface.scale + surface.origin
    return dict(zip(JOINTS, places @ turn, strict=True))


def locate(surface: Surface) -> Floats:
    """The joints (JOINTS, 3) of a body's surface, in its frame. Raises RigError."""
    template = load_template()
    skinned = SkinnedTemplate(template, STEP)
    placed = register_template(template, skinned, surface)
    check_whole(surface, placed, skinned.weights)
    return placed.joints


def register_template(template: Template, skinned: SkinnedTemplate, surface: Surface) -> PosedTemplate:
    """The template as it lies on the surface; `skinned` has every STEP-th of its points. Raises RigError.

    Where limbs cross or clothes join them, the distances along the surface leave open which end is which; so the body
    is fitted to each likely reading, and the one counts that comes closest.
    """
    readings = [_sided(template, surface, tips) for tips in find_extremities(surface, template)]
    whole = [reading for reading in readings if not missing_limb(reading[0])]
    if not whole:
        raise RigError(missing(missing_limb(readings[0][0])))
    best, least = None, np.inf
    for tips, joints in whole:
        marks = (template.signature[::STEP], sign(tips.at, tips.distances))
        placed = skinned.place(fit_template(skinned, surface, marks, joints))
        away = misfit(surface, placed)
        if best is None or away < least:
            best, least = placed, away
        if least < CLOSE:
            break
    assert best is not None
    return best


def _sided(template: Template, surface: Surface, tips: Extremities) -> tuple[Extremities, Floats]:
    """The ends with left on the left, and the joints that they lead to."""
    joints = initial_joints(template, surface, tips)
    if left_right(joints) >= 0:
        return tips, joints
    tips = tips.mirrored()
    return tips, initial_joints(template, surface, tips)


def initial_joints(template: Template, surface: Surface, tips: Extremities) -> Floats:
    """Joints (JOINTS, 3) in the middle of where the patches around the template's joints have their likes."""
    places = surface.points[nearest(template.signature, sign(tips.at, tips.distances))[0]]
    joints = np.empty((len(JOINTS), 3))
    for joint, name in enumerate(JOINTS):
        if name in ENDS:
            joints[joint] = surface.points[tips.at[ENDS.index(name)]]
            continue
        ring = template.weights[:, NAMES.index(name)]
        ring = ring**4 if PARENT[joint] < 0 else ring * template.weights[:, PARENT[joint]]
        joints[joint] = ring @ places / ring.sum()
    return joints


def left_right(joints: Floats) -> float:
    """Positive where the hip called left is on the left, told by the feet, which point ahead, and by bent knees."""
    at = dict(zip(JOINTS, joints, strict=True))
    left = np.zeros(3)
    for side in "LR":
        places = [at[f"{name}.{side}"] for name in ("thigh", "shin", "foot", "toe_tip")]
        thigh, shin, foot = (end - start for start, end in pairwise(places))
        for one, other in ((thigh, shin), (foot, shin)):
            left += np.cross(one, other) / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-12)
    return float(left @ (at["thigh.L"] - at["thigh.R"]))
