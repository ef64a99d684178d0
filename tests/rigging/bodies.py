# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies made of capsules, with known joints, for the tests of the rigging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sam3d.engine.arrays import Floats, Ints
from sam3d.engine.draft.surface_nets import extract

CELL = 0.02  # meters


@dataclass(frozen=True)
class Person:
    """A mesh of a person: vertices (V, 3) in meters, y up, triangles (F, 3), and the known joints."""

    vertices: Floats
    faces: Ints
    joints: dict[str, Floats]

    @property
    def size(self) -> float:
        """The diagonal of the joints' bounding box."""
        return float(np.linalg.norm(np.ptp(np.array(list(self.joints.values())), axis=0)))


@dataclass(frozen=True)
class Pose:
    """Directions of the person's limbs; x towards the person's left, y up, z ahead. Right limbs mirror the left unless
    they have their own."""

    upper_arm: tuple[float, float, float] = (0.7, -0.7, 0)
    forearm: tuple[float, float, float] = (0.7, -0.7, 0.2)
    thigh: tuple[float, float, float] = (0.1, -1, 0)
    shin: tuple[float, float, float] = (0.05, -1, -0.03)
    foot: tuple[float, float, float] = (0.1, -0.25, 1)
    right: Pose | None = None


POSES = {
    "stands": Pose(),
    "as a T": Pose(upper_arm=(1, 0, 0), forearm=(1, 0, 0.1)),
    "sits": Pose(upper_arm=(0.5, -0.8, 0.2), forearm=(0.3, 0, 1), thigh=(0.15, -0.05, 1), shin=(0, -1, 0)),
    "cheers": Pose(upper_arm=(0.7, 0.7, 0.1), forearm=(0.2, 1, 0.2)),
    "walks": Pose(
        upper_arm=(0.4, -0.9, -0.4),
        forearm=(0.3, -0.8, 0.3),
        thigh=(0.1, -1, 0.5),
        shin=(0, -1, 0.1),
        right=Pose(
            upper_arm=(0.4, -0.9, 0.5),
            forearm=(0.2, -0.3, 1),
            thigh=(0.1, -1, -0.3),
            shin=(0, -0.7, -0.7),
            foot=(0.1, -0.9, 0.4),
        ),
    ),
    "kneels": Pose(thigh=(0.15, -1, 0.1), shin=(0.05, -0.15, -1), foot=(0.05, -0.4, -1)),
}


def direction(vector: tuple[float, float, float], side: int) -> Floats:
    """The unit vector; for side -1 mirrored."""
    along: Floats = np.array(vector, np.float64) * [side, 1, 1]
    return along / np.linalg.norm(along)


Capsule = tuple[Floats, Floats, float, float]
"""From, to, radius at either end."""

CLOTHES: dict[str, list[Capsule]] = {
    "a skirt": [(np.array([0, 1.0, 0]), np.array([0, 0.55, 0]), 0.15, 0.27)],
    "a ponytail": [(np.array([0, 1.68, -0.08]), np.array([0, 1.4, -0.24]), 0.045, 0.03)],
    "a hat": [(np.array([0, 1.74, 0]), np.array([0, 1.86, 0]), 0.12, 0.1)],
    "a backpack": [(np.array([0, 1.4, -0.2]), np.array([0, 1.1, -0.2]), 0.13, 0.13)],
}


def make_person(pose: Pose, build: float = 1.0, clothes: Sequence[Capsule] = ()) -> Person:
    """The person in a pose; `build` makes the limbs thicker."""
    joints = {
        "hips": np.array([0, 0.98, 0.0]),
        "neck": np.array([0, 1.5, -0.02]),
        "head": np.array([0, 1.58, 0.0]),
        "head_top": np.array([0, 1.79, 0.0]),
    }
    parts: list[Capsule] = [
        *clothes,
        (joints["hips"], np.array([0, 1.1, 0.01]), 0.135, 0.12),
        (np.array([0, 1.1, 0.01]), np.array([0, 1.34, 0]), 0.12, 0.13),
        (np.array([0, 1.35, 0]), joints["neck"], 0.1, 0.055),
        (joints["neck"], joints["head"], 0.055, 0.055),
        (np.array([0, 1.65, 0.03]), np.array([0, 1.7, 0.0]), 0.085, 0.09),
    ]
    for letter, side in (("L", 1), ("R", -1)):
        own = pose.right if side < 0 and pose.right else pose
        shoulder, hip = np.array([side * 0.18, 1.43, -0.02]), np.array([side * 0.095, 0.93, 0])
        elbow = shoulder + 0.28 * direction(own.upper_arm, side)
        wrist = elbow + 0.25 * direction(own.forearm, side)
        knee = hip + 0.42 * direction(own.thigh, side)
        ankle = knee + 0.42 * direction(own.shin, side)
        ball = ankle + 0.13 * direction(own.foot, side)
        places = {"upper_arm": shoulder, "forearm": elbow, "hand": wrist, "thigh": hip, "shin": knee, "foot": ankle}
        joints |= {f"{name}.{letter}": place for name, place in places.items()}
        heel = ankle + 0.06 * direction(own.shin, side) - 0.03 * direction(own.foot, side)
        parts += [
            (np.array([side * 0.06, 1.4, -0.01]), shoulder, 0.1, 0.062),
            (shoulder, elbow, 0.055, 0.045),
            (elbow, wrist, 0.043, 0.03),
            (wrist, wrist + 0.15 * direction(own.forearm, side), 0.032, 0.028),
            (hip, knee, 0.085, 0.055),
            (knee, ankle, 0.052, 0.038),
            (ankle, heel, 0.036, 0.034),
            (heel, ball + 0.05 * direction(own.foot, side), 0.034, 0.03),
        ]
    ends = np.array([end for part in parts for end in part[:2]])
    low, high = ends.min(0) - 0.2, ends.max(0) + 0.2
    count = np.ceil((high - low) / CELL).astype(int)
    grid = low + CELL * np.stack(np.meshgrid(*map(np.arange, count), indexing="ij"), -1)
    field = np.full(count, -1.0)
    for start, end, thick, thin in parts:
        reach = build * max(thick, thin) + 2 * CELL  # farther away it does not shape the surface
        first = ((np.minimum(start, end) - reach - low) / CELL).astype(int).clip(0)
        last = ((np.maximum(start, end) + reach - low) / CELL).astype(int) + 1
        around = tuple(map(slice, first, last))
        along, away = end - start, grid[around] - start
        share = np.clip(away @ along / (along @ along), 0, 1)
        distance = np.linalg.norm(away - share[..., None] * along, axis=-1)
        field[around] = np.maximum(field[around], build * (thick + share * (thin - thick)) - distance)
    vertices, faces = extract(field.astype(np.float32))
    return Person(low + CELL * vertices, faces.astype(np.int64), joints)
