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
from .patch_graph import up_rotation
from .people import AS_TALL, Box, are_side_by_side, box_of, find_groups, find_people

STATURES = (0.6, 2.4)
"""Meters between which the standing height of a person is believed."""
USUAL_STATURE = 1.7
UNIT_SIZES, UNIT_SLACK = (1.0, 2.0), 1e-3


@dataclass(frozen=True)
class Person:
    """One person of a mesh: the middle (3,) of the box around it, and its joints (3,) by name, in the mesh's frame.

    Without joints `reason` is a sentence that tells why; with joints `note` tells what else lies in the mesh.
    """

    middle: Floats
    joints: Mapping[str, Floats]
    reason: str = ""
    note: str = ""


TRIES = 3  # people of a group that may be refused before it is given up
LEFT_OUT = "Something in this mesh is no part of the person's body: it moves with the nearest bones."


def rig_people(
    vertices: Floats,
    faces: Ints,
    up: str = "Y",
    *,
    front: Floats | None = None,
    keypoints: Sequence[Floats] = (),
) -> list[Person]:
    """Everybody in a mesh (V, 3), (F, 3), from left to right, with what could be found of the joints.

    What lies together is one person, of however many pieces; several only where each of them is one by itself, beside
    the others, or where it cannot be one.

    front: where people look (3,) if that is known, for shapes that do not tell front from back by themselves.
    keypoints: (70, 3) of each person as a service sent them, in any order, for a mesh with y up.
    """
    turn = up_rotation(up)
    search = _Search(vertices @ turn.T, faces, None if front is None else turn @ front, keypoints)
    if not np.isfinite(search.vertices[faces]).all():
        return [search.one(np.arange(len(faces)))[0]]
    groups = find_groups(search.vertices, faces)
    if not groups:
        return []
    found = [person for group in groups for person in search.in_group(group)]
    if len(groups) > 1 and not any(person.joints for person, _ in found):
        whole = search.one(np.concatenate(groups))
        found = [whole] if whole[0].joints else found
    tallest = max((tall for person, tall in found if person.joints), default=0.0)
    people = [person for person, tall in found if person.joints or tall >= AS_TALL * tallest]
    note = LEFT_OUT if len(people) < len(found) or sum(map(len, groups)) < len(faces) else ""
    people.sort(key=lambda person: tuple(person.middle[[0, 2]]))
    return [_turned_back(person, turn, note) for person in people]


class _Search:
    """Looks for the people of a mesh with y up."""

    def __init__(self, vertices: Floats, faces: Ints, front: Floats | None, keypoints: Sequence[Floats]) -> None:
        self.vertices, self.faces, self.front, self.keypoints = vertices, faces, front, keypoints

    def in_group(self, group: Ints) -> list[tuple[Person, float]]:
        """Whoever these faces (by their numbers) are, which lie together, and how tall: one person if they can be."""
        parts = [group[part] for part in find_people(self.vertices, self.faces[group])]
        several: list[tuple[Person, float]] | None = None
        if len(parts) > 1 and are_side_by_side([box_of(self.vertices, self.faces[part]) for part in parts]):
            several = self.several(parts)
            if several and all(person.joints for person, _ in several):
                return several
        whole = self.one(group)
        if whole[0].joints or len(parts) < 2:
            return [whole]
        several = self.several(parts) if several is None else several
        return several if any(person.joints for person, _ in several) else [whole]

    def several(self, parts: list[Ints]) -> list[tuple[Person, float]]:
        """Who each of these parts is and how tall, the tallest first; nobody where the first ones are all refused, so
        that clothes in many pieces cost no time."""
        boxes = [box_of(self.vertices, self.faces[part]) for part in parts]
        tall = [float(box.high[1] - box.low[1]) for box in boxes]
        found: list[tuple[Person, float]] = []
        for at in sorted(range(len(parts)), key=lambda at: -tall[at]):
            tallest = max((height for person, height in found if person.joints), default=0.0)
            is_thing = tall[at] < AS_TALL * tallest
            found.append((Person(boxes[at].middle, {}), tall[at]) if is_thing else self.one(parts[at]))
            if len(found) == TRIES and not any(person.joints for person, _ in found):
                return []
        return found

    def one(self, part: Ints) -> tuple[Person, float]:
        """The person that these faces are, with joints if they are one, and how tall they are."""
        used, triangles = np.unique(self.faces[part], return_inverse=True)
        points = self.vertices[used]
        middle, tall = (points.min(0) + points.max(0)) / 2, float(np.ptp(points[:, 1]))
        own = next((found for each in self.keypoints if (found := in_frame_of(each, points)) is not None), None)
        try:
            joints: Mapping[str, Floats] = find_joints(points, triangles.reshape(-1, 3))
        except RigError as error:
            joints, reason = ({}, str(error)) if own is None else (joints_at(own), "")
            return Person(middle, joints, reason), tall
        if own is not None and not agree(joints, own):
            joints = _swapped(joints)
        return Person(middle, joints if self.front is None else _turned(joints, self.front)), tall


def boxes_of(people: Sequence[Person]) -> list[Box]:
    """The box around each person, by the joints; those without get one of the others' size around their middle."""
    reach = [np.abs(np.array(list(one.joints.values())) - one.middle).max(0) for one in people if one.joints]
    usual = np.mean(reach, axis=0) if reach else np.zeros(3)
    known = iter(reach)
    half = [next(known) if one.joints else usual for one in people]
    return [Box(one.middle - each, one.middle + each) for one, each in zip(people, half, strict=True)]


def _turned_back(person: Person, turn: Floats, note: str) -> Person:
    """The person in the mesh's own frame, with a note."""
    joints = {name: place @ turn for name, place in person.joints.items()}
    return Person(person.middle @ turn, joints, person.reason, note if joints else "")


def _turned(joints: Mapping[str, Floats], front: Floats) -> Mapping[str, Floats]:
    """The joints with left and right as they are for a person who looks to the front."""
    upwards = np.array([0.0, 1.0, 0.0])
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
