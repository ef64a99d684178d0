# SPDX-License-Identifier: GPL-3.0-or-later
"""The template body in any pose and of any build."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from .rotation import aligning, turning, unit
from .skeleton import JOINTS, NAMES, PARENT, TAIL
from .template import Template

COUNT = len(NAMES)
GROUPS = tuple(dict.fromkeys(name.partition(".")[0] for name in NAMES))
"""Bones that have one length and one thickness: those of left and right."""
GROUP = tuple(GROUPS.index(name.partition(".")[0]) for name in NAMES)
LOWEST_SIZE = 0.1  # of a bone against the template's, whatever joints a start is given


@dataclass
class Body:
    """A pose and a build.

    place: (3,) of the root joint. turn: (bones, 3, 3) each bone's rotation in its parent's frame.
    size: logarithm of the whole size. stretch: (GROUPS, 2) logarithms of the bones' lengths and thicknesses.
    """

    place: Floats
    turn: Floats
    size: float
    stretch: Floats


@dataclass(frozen=True)
class PosedTemplate:
    """The template as a body has it.

    points, normals: (N, 3). joints: (JOINTS, 3). world: (bones, 3, 3) the bones' rotations; linear: these after the
    bones' stretching. shared: (bones, N, 3) what each bone contributes to the points.
    """

    points: Floats
    normals: Floats
    joints: Floats
    world: Floats
    linear: Floats
    shared: Floats


class SkinnedTemplate:
    """The template as something that can be posed: each of its points follows its bones by its weights."""

    def __init__(self, template: Template, step: int = 1) -> None:
        """From every `step`-th point of the template."""
        self.points, self.normals = template.points[::step], template.normals[::step]
        self.weights, self.joints = template.weights[::step], template.joints
        axis = self.joints[list(TAIL)] - self.joints[:COUNT]
        axis /= np.linalg.norm(axis, axis=1)[:, None]
        self.along = axis[:, :, None] * axis[:, None, :]  # projections onto the bones
        self.local = self.points - self.joints[:COUNT, None]  # (bones, N, 3) the points from the bones' heads
        self.below = np.eye(COUNT)  # [a, b]: 1 where b is a or hangs on it
        for bone in reversed(range(1, COUNT)):
            self.below[PARENT[bone]] += self.below[bone]
        self.carried = self.below @ self.weights.T  # (bones, N) the weight of all that hangs on a bone
        self.grouped = (np.arange(len(GROUPS))[:, None] == GROUP).astype(float)  # (GROUPS, bones)

    def start(self, joints: Floats) -> Body:
        """The body of the template's build with its bones turned towards joints (JOINTS, 3)."""
        rest = self.joints
        turn, world = np.empty((COUNT, 3, 3)), np.empty((COUNT, 3, 3))
        for bone, name in enumerate(NAMES):
            parent = world[PARENT[bone]] if PARENT[bone] >= 0 else np.eye(3)
            limb = name.partition(".")[0]
            if limb in ("hips", "spine", "chest"):
                world[bone] = aligning(_trunk(limb, rest), _trunk(limb, joints))
            else:
                before, after = parent @ (rest[TAIL[bone]] - rest[bone]), joints[TAIL[bone]] - joints[bone]
                world[bone] = turning(before, after) @ parent
                if limb in ("upper_arm", "thigh"):  # turned about itself so that elbow or knee bends as it can
                    hinge = world[bone] @ self._hinge(bone)
                    bent = np.cross(unit(after), unit(joints[TAIL[TAIL[bone]]] - joints[TAIL[bone]]))
                    bent = unit(bent + 0.2 * hinge)  # a straight limb tells nothing
                    world[bone] = aligning(np.stack([unit(after), hinge]), np.stack([unit(after), bent])) @ world[bone]
            turn[bone] = parent.T @ world[bone]
        lengths = [np.linalg.norm(places[list(TAIL)] - places[:COUNT], axis=1) for places in (rest, joints)]
        size = float(np.log(max(np.median(lengths[1] / lengths[0]), LOWEST_SIZE)))
        return Body(joints[0].copy(), turn, size, np.zeros((len(GROUPS), 2)))

    def _hinge(self, bone: int) -> Floats:
        """The axis in the template about which the joint at the bone's tail bends."""
        if NAMES[bone].startswith("thigh"):
            return np.array([1.0, 0, 0])
        rest, tail = self.joints, TAIL[bone]
        return unit(np.cross(rest[tail] - rest[bone], rest[TAIL[tail]] - rest[tail]))

    def place(self, body: Body) -> PosedTemplate:
        """The template in the body's pose and build."""
        length, thickness = np.exp(body.size + body.stretch[list(GROUP)]).T[:, :, None, None]
        stretch = length * self.along + thickness * (np.eye(3) - self.along)
        rest = self.joints
        world, linear, joints = np.empty((COUNT, 3, 3)), np.empty((COUNT, 3, 3)), np.empty((len(JOINTS), 3))
        for bone, parent in enumerate(PARENT):
            world[bone] = body.turn[bone] if parent < 0 else world[parent] @ body.turn[bone]
            linear[bone] = world[bone] @ stretch[bone]
            joints[bone] = body.place if parent < 0 else joints[parent] + linear[parent] @ (rest[bone] - rest[parent])
        for joint in range(COUNT, len(JOINTS)):
            bone = TAIL.index(joint)
            joints[joint] = joints[bone] + linear[bone] @ (rest[joint] - rest[bone])
        shared = self.local @ linear.transpose(0, 2, 1) + joints[:COUNT, None]
        shared *= self.weights.T[:, :, None]
        turned = (self.weights @ world.reshape(COUNT, 9)).reshape(-1, 3, 3)
        normals = np.einsum("nij,nj->ni", turned, self.normals)
        normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-9)[:, None]
        return PosedTemplate(shared.sum(0), normals, joints, world, linear, shared)

    def jacobian(self, placed: PosedTemplate) -> Floats:
        """How the points move (N, 3, parameters) with the place, the bones' turns (about axes of the surface's frame,
        all that hangs on the bone with it), the size, the lengths and the thicknesses."""
        count = len(self.points)
        arms = np.tensordot(self.below, placed.shared, 1)
        arms -= self.carried[:, :, None] * placed.joints[:COUNT, None]
        x, y, z = np.moveaxis(arms, 2, 0)
        zero = np.zeros_like(x)
        turned = np.stack([zero, z, -y, -z, zero, x, y, -x, zero]).reshape(3, 3, COUNT, count)
        turns = turned.transpose(3, 0, 2, 1).reshape(count, 3, 3 * COUNT)
        grown = [self._growth(placed, projection) for projection in (self.along, np.eye(3) - self.along)]
        size = (placed.points - placed.joints[0])[:, :, None]
        return np.concatenate([np.broadcast_to(np.eye(3), (count, 3, 3)), turns, size, *grown], axis=2)

    def _growth(self, placed: PosedTemplate, projection: Floats) -> Floats:
        """How the points move (N, 3, GROUPS) when bones grow in the directions that the projection leaves."""
        stretched = placed.linear @ projection
        growth = self.weights.T[:, :, None] * (self.local @ stretched.transpose(0, 2, 1))
        for bone, parent in enumerate(PARENT):
            if parent >= 0:
                moved = stretched[parent] @ (self.joints[bone] - self.joints[parent])
                growth[parent] += self.carried[bone, :, None] * moved
        return np.tensordot(self.grouped, growth, 1).transpose(1, 2, 0)


def _trunk(bone: str, joints: Floats) -> Floats:
    """Directions (2, 3) between joints (JOINTS, 3) that tell how a bone of the trunk is turned."""
    pair = "upper_arm" if bone == "chest" else "thigh"
    ends = (("hips", "neck"), (f"{pair}.R", f"{pair}.L"))
    return np.stack([joints[JOINTS.index(end)] - joints[JOINTS.index(start)] for start, end in ends])
