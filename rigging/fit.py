# SPDX-License-Identifier: GPL-3.0-or-later
"""The template body bent and stretched until it lies on a mesh's surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rotation import aligning, rotation, rotation_vector, turning, unit
from .skeleton import JOINTS, NAMES, PARENT, TAIL
from .surface import Surface
from .template import Template

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GROUPS = tuple(dict.fromkeys(name.partition(".")[0] for name in NAMES))
"""Bones that have one length and one thickness: those of left and right."""
GROUP = tuple(GROUPS.index(name.partition(".")[0]) for name in NAMES)


@dataclass
class Body:
    """A template in a pose and of a build.

    place: (3,) of the root joint. turn: (bones, 3, 3) each bone's rotation in its parent's frame.
    size: logarithm of the whole size. stretch: (GROUPS, 2) logarithms of the bones' lengths and thicknesses.
    """

    place: Floats
    turn: Floats
    size: float
    stretch: Floats


class Fit:
    """A template being fitted to a surface."""

    def __init__(self, template: Template, surface: Surface, signature: Floats, step: int = 2) -> None:
        self.template, self.surface, self.signature = template, surface, signature
        self.part = np.arange(0, len(template.points), step)
        self.rest = template.points[self.part]
        self.weights = template.weights[self.part]
        heads = template.joints[: len(NAMES)]
        tails = template.joints[list(TAIL)]
        axis = (tails - heads) / np.linalg.norm(tails - heads, axis=1)[:, None]
        self.along = axis[:, :, None] * axis[:, None, :]  # projections onto the bones
        self.owner = [*PARENT]  # of each joint, the bone that carries it
        self.owner += [TAIL.index(joint) for joint in range(len(NAMES), len(JOINTS))]
        self.under = np.zeros((len(NAMES), len(NAMES)), bool)  # [b, c]: c is b or hangs on b
        for bone in range(len(NAMES)):
            up = bone
            while up >= 0:
                self.under[up, bone] = True
                up = PARENT[up]
        self.carried = self.weights @ self.under.T  # (N, bones) weight of all that hangs on a bone

    def start(self, joints: Floats) -> Body:
        """The body of the template's build with its bones turned towards joints (JOINTS, 3)."""
        rest = self.template.joints
        turn = np.empty((len(NAMES), 3, 3))
        world = np.empty_like(turn)
        for bone, name in enumerate(NAMES):
            parent = world[PARENT[bone]] if PARENT[bone] >= 0 else np.eye(3)
            limb = name.partition(".")[0]
            if limb in ("hips", "spine", "chest"):
                world[bone] = aligning(*(self._frame(limb, places) for places in (rest, joints)))
            else:
                before, after = (places[TAIL[bone]] - places[bone] for places in (rest, joints))
                world[bone] = turning(parent @ before, after) @ parent
                if limb in ("upper_arm", "thigh"):  # turned about itself so that elbow or knee bends as it can
                    hinge = world[bone] @ self._hinge(bone)
                    bent = np.cross(unit(after), unit(joints[TAIL[TAIL[bone]]] - joints[TAIL[bone]]))
                    bent = bent + 0.2 * hinge  # a straight one tells nothing
                    world[bone] = (
                        aligning(np.stack([unit(after), hinge]), np.stack([unit(after), unit(bent)])) @ world[bone]
                    )
            turn[bone] = parent.T @ world[bone]
        lengths = [np.linalg.norm(p[list(TAIL)] - p[: len(NAMES)], axis=1) for p in (rest, joints)]
        size = float(np.log(np.median(lengths[1] / lengths[0])))
        return Body(joints[0].copy(), turn, size, np.zeros((len(GROUPS), 2)))

    @staticmethod
    def _frame(bone: str, joints: Floats) -> Floats:
        """Directions (2, 3) that tell how a bone of the trunk is turned."""
        pair = "upper_arm" if bone == "chest" else "thigh"
        ends = (("hips", "neck"), (f"{pair}.R", f"{pair}.L"))
        return np.stack([joints[JOINTS.index(end)] - joints[JOINTS.index(start)] for start, end in ends])

    def _hinge(self, bone: int) -> Floats:
        """The axis in the template about which the joint at the bone's tail bends."""
        if NAMES[bone].startswith("thigh"):
            return np.array([1.0, 0, 0])
        rest, tail = self.template.joints, TAIL[bone]
        return unit(np.cross(rest[tail] - rest[bone], rest[TAIL[tail]] - rest[tail]))

    def pose(self, body: Body) -> tuple[Floats, Floats, Floats]:
        """The bones' rotations (bones, 3, 3), their maps with stretching (bones, 3, 3), and the joints (JOINTS, 3)."""
        length, thickness = np.exp(body.size + body.stretch[list(GROUP)]).T[:, :, None, None]
        stretch = length * self.along + thickness * (np.eye(3) - self.along)
        world, joints = np.empty_like(body.turn), np.empty((len(JOINTS), 3))
        rest = self.template.joints
        linear = np.empty_like(world)
        for bone in range(len(NAMES)):
            parent = PARENT[bone]
            world[bone] = body.turn[bone] if parent < 0 else world[parent] @ body.turn[bone]
            linear[bone] = world[bone] @ stretch[bone]
            joints[bone] = body.place if parent < 0 else joints[parent] + linear[parent] @ (rest[bone] - rest[parent])
        for joint in range(len(NAMES), len(JOINTS)):
            bone = self.owner[joint]
            joints[joint] = joints[bone] + linear[bone] @ (rest[joint] - rest[bone])
        return world, linear, joints

    def run(self, joints: Floats, iterations: int = 24) -> Body:
        """Fits by Gauss and Newton, matching anew in each step: first by signature, then more and more by place."""
        body = self.start(joints)
        for number in range(iterations):
            progress = number / (iterations - 1)
            self._step(body, min(1.0, 2 * progress))
        return body

    def _step(self, body: Body, progress: float) -> None:
        """One step; `progress` 0..1."""
        world, linear, joints = self.pose(body)
        local = self.rest[:, None] - self.template.joints[None, : len(NAMES)]  # (N, bones, 3)
        placed = np.einsum("bij,nbj->nbi", linear, local) + joints[: len(NAMES)]
        shared = self.weights[:, :, None] * placed
        points = shared.sum(1)
        normals = np.einsum("nb,bij,nj->ni", self.weights, world, self.template.normals[self.part])
        normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-9)[:, None]

        one, other = self._match(points, normals, progress)
        jacobian = self._jacobian(world, linear, joints, shared, points)

        error = self.surface.points[other] - points[one]
        distance = np.linalg.norm(error, axis=1)
        reach = 0.25 * (1 - progress) + 0.06 * progress
        agree = 0.5 + 0.5 * (normals[one] * self.surface.normals[other]).sum(1)
        agree = 1 - progress + progress * agree * agree
        trust = agree / (1 + (distance / reach) ** 2) ** 2
        slide = 1 - 0.9 * progress  # weight of moving along the surface, against moving out of it
        normal = self.surface.normals[other]
        bend = np.sqrt(slide) * np.eye(3) + (1 - np.sqrt(slide)) * normal[:, :, None] * normal[:, None, :]
        bend *= np.sqrt(trust)[:, None, None]
        rows = np.einsum("nij,njp->nip", bend, jacobian[one]).reshape(3 * len(one), -1)
        goal = np.einsum("nij,nj->ni", bend, error).reshape(-1)

        square, right = rows.T @ rows / len(one), rows.T @ goal / len(one)
        self._priors(body, world, square, right)
        self._move(body, world, np.linalg.solve(square, right))

    def _match(self, points: Floats, normals: Floats, progress: float) -> tuple[Ints, Ints]:
        """Which point of the body goes with which patch: for each the best of the other side."""
        mark = np.sqrt(1.0 - 0.8 * progress)
        near = np.sqrt(progress)
        turned = 0.08 * progress
        mine = np.concatenate([near * points, mark * self.template.signature[self.part], turned * normals], 1)
        theirs = np.concatenate([near * self.surface.points, mark * self.signature, turned * self.surface.normals], 1)
        cost = (mine * mine).sum(1)[:, None] + (theirs * theirs).sum(1) - 2 * mine @ theirs.T
        return (
            np.concatenate([np.arange(len(mine)), cost.argmin(0)]),
            np.concatenate([cost.argmin(1), np.arange(len(theirs))]),
        )

    def _jacobian(self, world: Floats, linear: Floats, joints: Floats, shared: Floats, points: Floats) -> Floats:
        """How the points move (N, 3, parameters): place, the bones' turns, size, lengths, thicknesses."""
        count = len(NAMES)
        parts = [np.broadcast_to(np.eye(3), (len(points), 3, 3))]
        moved = np.einsum("bc,nci->nbi", self.under.astype(float), shared) - self.carried[:, :, None] * joints[:count]
        for bone in range(count):
            arm = moved[:, bone]
            zero = np.zeros(len(arm))
            x, y, z = arm.T
            parts.append(np.stack([zero, z, -y, -z, zero, x, y, -x, zero], 1).reshape(-1, 3, 3))
        parts.append((points - joints[0])[:, :, None])
        rest = self.template.joints
        for projection in (self.along, np.eye(3) - self.along):
            stretched = np.einsum("bij,bjk->bik", linear, projection)
            grown = np.zeros((len(points), 3, len(GROUPS)))
            for bone in range(count):
                own = self.weights[:, bone, None] * ((self.rest - rest[bone]) @ stretched[bone].T)
                for child in range(count):
                    if PARENT[child] == bone:
                        own = own + self.carried[:, child, None] * (stretched[bone] @ (rest[child] - rest[bone]))
                grown[:, :, GROUP[bone]] += own
            parts.append(grown)
        return np.concatenate(parts, axis=2)

    def _priors(self, body: Body, world: Floats, square: Floats, right: Floats) -> None:
        """Adds what is known of bodies before one is seen: how far joints turn and builds differ."""
        for bone, name in enumerate(NAMES):
            at = slice(3 + 3 * bone, 6 + 3 * bone)
            square[at, at] += 1e-5 * np.eye(3)
            if PARENT[bone] >= 0:
                stiff = STIFF.get(name.partition(".")[0], 0.0)
                bent = world[PARENT[bone]] @ rotation_vector(body.turn[bone])
                square[at, at] += stiff * np.eye(3)
                right[at] -= stiff * bent
        first = 3 + 3 * len(NAMES) + 1
        for kind, firm in enumerate((LENGTH, THICKNESS)):
            at = first + kind * len(GROUPS) + np.arange(len(GROUPS))
            square[at, at] += firm
            right[at] -= firm * body.stretch[:, kind]

    @staticmethod
    def _move(body: Body, world: Floats, step: Floats) -> None:
        count = len(NAMES)
        body.place += step[:3]
        turns = step[3 : 3 + 3 * count].reshape(count, 3)
        for bone in range(count):
            angle = float(np.linalg.norm(turns[bone]))
            turn = rotation(turns[bone] * min(1.0, 0.5 / max(angle, 1e-9)))
            before = world[PARENT[bone]].T if PARENT[bone] >= 0 else np.eye(3)
            body.turn[bone] = before @ turn @ world[bone]
        body.size += float(np.clip(step[3 + 3 * count], -0.1, 0.1))
        body.stretch += np.clip(step[4 + 3 * count :].reshape(2, -1).T, -0.1, 0.1)


STIFF = {
    "spine": 1e-3,
    "chest": 1e-3,
    "neck": 1e-3,
    "head": 3e-4,
    "shoulder": 1e-3,
    "hand": 1e-4,
    "foot": 1e-4,
    "toe": 3e-4,
}
LENGTH, THICKNESS = 1e-3, 3e-4
