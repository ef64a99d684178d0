# SPDX-License-Identifier: GPL-3.0-or-later
"""The joints of a body mesh in any pose."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from .completeness import Fit, judge, missing_limb
from .errors import RigError
from .extremities import Extremities, find_extremities
from .mhr import find_mhr_joints
from .patch_graph import Surface, build_surface, nearest, up_rotation
from .posable_template import PosedTemplate, SkinnedTemplate
from .skeleton import JOINTS, NAMES, PARENT
from .template import Template, load_template, sign
from .template_fit import fit_template

CLOSE = 0.034  # misfit of a bare body on which the template lies as it should
TALL = 0.5  # least height of who stands, where the area is 1; bare it is about 1, and clothes add area
TRUNK = (0.5, 0.8)  # heights of a person, between which the middle of the body is told
LOWERED = (0.0, 0.7, 1.3)  # angles of arms
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
    return register_template(template, SkinnedTemplate(template, STEP), surface).joints


@dataclass(frozen=True)
class _Attempt:
    """The template as it was fitted from one guess, how well it lies, and the limb that would be missing."""

    placed: PosedTemplate
    fit: Fit
    limb: str = ""


def register_template(template: Template, skinned: SkinnedTemplate, surface: Surface) -> PosedTemplate:
    """The template as it lies on the surface; `skinned` has every STEP-th of its points. Raises RigError.

    Where limbs cross or clothes join them, the distances along the surface leave open which end is which; so the body
    is fitted to each likely reading, and the one counts that comes closest. Where none is beyond doubt, as pieces of
    clothes may lead astray, it is fitted from usual poses as well, and must leave none where no reading led to anybody.
    """
    try:
        readings = [_sided(template, surface, tips) for tips in find_extremities(surface, template)]
    except RigError as error:
        readings, refusal = [], error
    attempts: list[_Attempt] = []

    def attempt(joints: Floats, tips: Extremities | None = None, limb: str = "") -> Fit:
        marks = None if tips is None else (template.signature[::STEP], sign(tips.at, tips.distances))
        placed = skinned.place(fit_template(skinned, surface, marks, joints))
        attempts.append(_Attempt(placed, judge(surface, placed, skinned.weights), limb))
        return attempts[-1].fit

    limbs = [missing_limb(tips) for tips, _ in readings]
    for (tips, joints), limb in zip(readings, limbs, strict=True):
        if not limb and attempt(joints, tips).misfit < CLOSE:
            break
    whole = _closest(attempts)
    if whole and not whole.fit.is_whole:
        whole = None
    if whole and whole.fit.is_certain:
        return whole.placed
    for (tips, joints), limb in zip(readings, limbs, strict=True):
        if limb:
            attempt(joints, tips, limb)
    for ahead, back in usual_poses(template, surface):
        attempt(ahead)
        if left_right(attempts[-1].placed.joints) <= 0:
            attempt(back)
    believed = [each for each in attempts if each.fit.is_certain or (whole and each.fit.is_whole)]
    found = _closest([each for each in believed if left_right(each.placed.joints) > 0]) or whole
    if found:
        return found.placed
    closest = _closest(attempts)
    raise closest.fit.refusal(closest.limb) if readings and closest else refusal


def _closest(attempts: list[_Attempt]) -> _Attempt | None:
    return min(attempts, key=lambda attempt: attempt.fit.misfit, default=None)


def usual_poses(template: Template, surface: Surface) -> list[tuple[Floats, Floats]]:
    """Joints (JOINTS, 3) of the template as it stands upright in the surface's place, its arms stretched out, half
    lowered and hanging, in pairs that face ahead and back; none where the surface is too crumpled for who stands."""
    low, high = surface.points.min(0), surface.points.max(0)
    if high[1] - low[1] < TALL:
        return []
    height = (surface.points[:, 1] - low[1]) / (high[1] - low[1])
    foot = np.median(surface.points[(height > TRUNK[0]) & (height < TRUNK[1])], axis=0)
    foot[1] = low[1]
    bottom, top = template.points[:, 1].min(), template.points[:, 1].max()
    poses = []
    for lowered in LOWERED:
        joints = template.joints - [0, bottom, 0]
        for side, letter in ((1, "L"), (-1, "R")):
            arm = [JOINTS.index(f"{name}.{letter}") for name in ("upper_arm", "forearm", "hand", "hand_tip")]
            along = np.array([side * np.cos(lowered), -np.sin(lowered), 0])
            lengths = np.linalg.norm(np.diff(joints[arm], axis=0), axis=1)
            joints[arm[1:]] = joints[arm[0]] + np.cumsum(lengths)[:, None] * along
        joints *= (high[1] - low[1]) / (top - bottom)
        poses.append((joints + foot, joints * [-1, 1, -1] + foot))
    return poses


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
