# SPDX-License-Identifier: GPL-3.0-or-later
"""The neutral pose: a person standing upright, legs a little apart, arms half lowered (an A-pose)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..arrays import Floats
from .bones import Bone
from .rotation import turning, unit

# directions with x to the person's left, y to the back and z up; mirrored for the right
CENTRAL = dict.fromkeys(("spine", "chest", "neck", "head"), (0.0, 0.0, 1.0))
SIDED = {
    "upper_arm": (1.0, 0.0, -1.0),
    # elbows and knees a little bent, which tells the solvers of inverse kinematics which way they go
    **dict.fromkeys(("forearm", "hand"), (1.0, -0.2, -1.0)),
    "thigh": (0.06, -0.03, -1.0),
    "shin": (0.06, 0.05, -1.0),
    "foot": (0.1, -1.0, -0.6),
    "toe": (0.1, -1.0, 0.0),
}
"""Where bones point. Shoulders, fingers and all others keep their place on the bone above."""


def neutral_pose(bones: Mapping[str, Bone]) -> dict[str, Floats]:
    """How each bone moves (4, 4) from its rest to the neutral pose, in the frame of the bones with z up.

    The person looks to -Y afterwards, with the hips where they were. Parents must come before their children.
    Each bone swings to its direction without turning about itself, so that the skin is twisted as little as can be.
    """
    motions: dict[str, Floats] = {}
    for name, bone in bones.items():
        before = motions[bone.parent] if bone.parent else np.eye(4)
        turn = before[:3, :3]
        if bone.parent is None:
            turn = _upright(bones)
        direction = _direction(name)
        if direction is not None:
            turn = turning(turn @ (bone.tail - bone.head), direction) @ turn
        motion = np.eye(4)
        motion[:3, :3] = turn
        motion[:3, 3] = (before @ np.append(bone.head, 1.0))[:3] - turn @ bone.head
        motions[name] = motion
    return motions


def _direction(name: str) -> Floats | None:
    kind, _, side = name.partition(".")
    if name in CENTRAL:
        return np.array(CENTRAL[name])
    if side not in ("L", "R") or kind not in SIDED:
        return None
    x, y, z = SIDED[kind]
    return unit(np.array([x if side == "L" else -x, y, z]))


def _upright(bones: Mapping[str, Bone]) -> Floats:
    """The turn (3, 3) of the hips that makes the person stand upright and look to -Y; none where it has no hips."""
    if not {"hips", "thigh.L", "thigh.R"} <= set(bones):
        return np.eye(3)
    left = unit(bones["thigh.L"].head - bones["thigh.R"].head)
    trunk = bones["hips"].tail - bones["hips"].head
    up = unit(trunk - (trunk @ left) * left)
    # rows: the person's own left, back and up
    return np.stack([left, np.cross(up, left), up])
