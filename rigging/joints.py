# SPDX-License-Identifier: GPL-3.0-or-later
"""The joints of a body mesh in any pose."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .fit import Fit
from .mhr import find_mhr_joints
from .skeleton import JOINTS, NAMES, PARENT
from .surface import Y_UP, Surface, build_surface, nearest
from .template import Template, load_template, sign
from .tips import Tips, find_tips

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def find_joints(vertices: ArrayLike, faces: ArrayLike, up: str = "Y") -> dict[str, Floats]:
    """The places of a person's joints.

    vertices: (V, 3) in any unit. faces: (F, 3) triangles. up: 'Y' or 'Z', the axis that points up.
    Returns for each name of `skeleton.JOINTS` a (3,) position in the vertices' frame and unit; L is the person's own
    left. Raises RigError.
    """
    turn = Y_UP[up]
    points, triangles = np.asarray(vertices, float) @ turn.T, np.asarray(faces, np.int64)
    surface = build_surface(points, triangles)
    places = find_mhr_joints(points, triangles[:, ::-1] if surface.inside_out else triangles)
    if places is None:
        places = locate(surface) / surface.scale + surface.origin
    return dict(zip(JOINTS, places @ turn, strict=True))


def locate(surface: Surface) -> Floats:
    """The joints (JOINTS, 3) of a body's surface, in its frame. Raises RigError."""
    template = load_template()
    tips = find_tips(surface, template)
    joints = guess(template, surface, tips)
    if left_right(joints) < 0:
        tips = tips.mirrored()
        joints = guess(template, surface, tips)
    fit = Fit(template, surface, sign(tips.at, tips.distances))
    body = fit.run(joints)
    return fit.pose(body)[2]


def guess(template: Template, surface: Surface, tips: Tips) -> Floats:
    """Joints (JOINTS, 3) in the middle of where the patches around the template's joints have their likes."""
    match, _ = nearest(template.signature, sign(tips.at, tips.distances))
    places = surface.points[match]
    joints = np.empty((len(JOINTS), 3))
    for joint, name in enumerate(JOINTS):
        if joint < len(NAMES) and PARENT[joint] >= 0:
            ring = template.weights[:, joint] * template.weights[:, PARENT[joint]]
        elif name == "hips":
            ring = template.weights[:, 0] ** 4
        else:
            end = {"head_top": 0, "hand_tip.L": 1, "hand_tip.R": 2, "toe_tip.L": 3, "toe_tip.R": 4}[name]
            joints[joint] = surface.points[tips.at[end]]
            continue
        joints[joint] = ring @ places / ring.sum()
    return joints


def left_right(joints: Floats) -> float:
    """Positive where the hip called left is on the left, told by the feet, which point ahead, and by bent knees."""
    at = {name: joints[row] for row, name in enumerate(JOINTS)}
    left = np.zeros(3)
    for side in "LR":
        thigh, shin, foot = (
            (at[b] - at[a]) / np.linalg.norm(at[b] - at[a])
            for a, b in (
                (f"thigh.{side}", f"shin.{side}"),
                (f"shin.{side}", f"foot.{side}"),
                (f"foot.{side}", f"toe_tip.{side}"),
            )
        )
        left += np.cross(thigh, shin) + np.cross(foot, shin)
    return float(left @ (at["thigh.L"] - at["thigh.R"]))
