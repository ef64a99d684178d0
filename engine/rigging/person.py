# SPDX-License-Identifier: GPL-3.0-or-later
"""The people of a model file, as they are kept beside it: plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..arrays import Floats, Ints
from .errors import RigError
from .joints import find_joints
from .keypoints import agree, in_frame_of, joints_at
from .people import find_people

STATURES = (0.6, 2.4)
"""Meters between which the standing height of a person is believed."""
USUAL_STATURE = 1.7
UNIT_SIZES, UNIT_SLACK = (1.0, 2.0), 1e-3


@dataclass(frozen=True)
class Person:
    """One person of a mesh: the middle (3,) of the box around it, and its joints (3,) by name, in the mesh's frame.

    Without joints `reason` is a sentence that tells why.
    """

    middle: Floats
    joints: Mapping[str, Floats]
    reason: str = ""


def rig_people(
    vertices: Floats,
    faces: Ints,
    up: str = "Y",
    *,
    front: Floats | None = None,
    keypoints: Sequence[Floats] = (),
) -> list[Person]:
    """Everybody in a mesh (V, 3), (F, 3), from left to right, with what could be found of the joints.

    front: where people look (3,) if that is known, for shapes that do not tell front from back by themselves.
    keypoints: (70, 3) of each person as a service sent them, in any order, for a mesh with y up.
    """
    people = []
    for part in find_people(vertices, faces):
        used, triangles = np.unique(faces[part], return_inverse=True)
        points = vertices[used]
        middle = (points.min(0) + points.max(0)) / 2
        own = next((found for each in keypoints if (found := in_frame_of(each, points)) is not None), None)
        try:
            joints: Mapping[str, Floats] = find_joints(points, triangles.reshape(-1, 3), up)
        except RigError as error:
            joints, reason = ({}, str(error)) if own is None else (joints_at(own), "")
            people.append(Person(middle, joints, reason))
            continue
        if own is not None and not agree(joints, own):
            joints = _swapped(joints)
        people.append(Person(middle, joints if front is None else _turned(joints, up, front)))
    return people


def _turned(joints: Mapping[str, Floats], up: str, front: Floats) -> Mapping[str, Floats]:
    """The joints with left and right as they are for a person who looks to the front."""
    upwards = np.array([0.0, 1.0, 0.0] if up == "Y" else [0.0, 0.0, 1.0])
    if (joints["thigh.L"] - joints["thigh.R"]) @ np.cross(upwards, front) >= 0:
        return joints
    return _swapped(joints)


def _swapped(joints: Mapping[str, Floats]) -> Mapping[str, Floats]:
    other = {".L": ".R", ".R": ".L"}
    return {name: joints[name[:-2] + other[name[-2:]]] if name[-2:] in other else joints[name] for name in joints}


def stature(joints: Mapping[str, Floats]) -> float:
    """How tall a person is when standing upright, whatever the pose, by the lengths of the bones."""
    chain = ("head_top", "head", "neck", "chest", "spine", "hips")
    trunk = sum(_length(joints, *pair) for pair in pairwise(chain))
    legs = [
        _length(joints, f"thigh.{side}", f"shin.{side}") + _length(joints, f"shin.{side}", f"foot.{side}")
        for side in "LR"
    ]
    return trunk + ANKLE * max(legs)


ANKLE = 1.1
"""A leg with its ankle's height, next to thigh and shin alone."""


def life_size(joints: Mapping[str, Floats], extent: float) -> float:
    """The factor that makes a person life-size in meters: 1 where the size can be believed.

    extent: the longest side of the box around the model, by which one that was scaled to unit size is known.
    """
    tall = stature(joints)
    unit = any(abs(extent / size - 1) < UNIT_SLACK for size in UNIT_SIZES)
    return 1.0 if STATURES[0] <= tall <= STATURES[1] and not unit else USUAL_STATURE / max(tall, 1e-12)


def _length(joints: Mapping[str, Floats], start: str, end: str) -> float:
    return float(np.linalg.norm(joints[end] - joints[start]))
