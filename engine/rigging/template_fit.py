# SPDX-License-Identifier: GPL-3.0-or-later
"""The template body bent and stretched until it lies on a mesh's surface, by iterative closest points (ICP)."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Ints
from .patch_graph import Surface, nearest, sums
from .posable_template import COUNT, GROUPS, Body, PosedTemplate, SkinnedTemplate
from .rotation import rotation, rotation_vector
from .skeleton import NAMES, PARENT

STEPS = 24  # at most
SETTLED = 5e-4  # movement of the joints in a step, below which they are where they belong
BY_PLACE = 12  # steps after which patches are matched as much by place as they ever are
SIGNATURE, NORMAL = 0.05, 0.08  # what signatures and normals then count in a match, against places
FAR, NEAR = 0.25, 0.06  # distances at which matches are doubted, first and at last
SLIDE = 0.1  # what a distance along the surface then counts, against one out of it

# How firmly what is known of bodies is held, against a patch's mean square distance:
STIFF = {  # joints that bend little
    "spine": 2e-4,
    "chest": 2e-4,
    "neck": 2e-4,
    "head": 5e-5,
    "shoulder": 5e-4,
    "hand": 1e-5,
    "foot": 1e-5,
    "toe": 1e-4,
}
LENGTH, THICKNESS = 3e-4, 3e-4  # the usual proportions

USUAL = {"hips": -0.1, "spine": -0.1, "upper_arm": -0.1}
"""Logarithms of the lengths of bones next to the template's, where nothing else tells them, as under wide clothes: who
wears such is mostly a character, drawn with a shorter trunk than people have. Bare bodies tell their own."""
DAMPING = 1e-5  # of the joints' turns in a step
MOST_TURN, MOST_GROWTH = 0.5, 0.1  # in a step


def fit_template(
    skinned: SkinnedTemplate, surface: Surface, marks: tuple[Floats, Floats] | None, joints: Floats
) -> Body:
    """The body whose surface lies on that of the mesh.

    marks: the signatures (N, 5) of the skinned template's points and of the surface's patches, or None where they tell
    nothing. joints: (JOINTS, 3) a first guess.

    Iterative closest points, each time with a step of Gauss and Newton: matched at first by signature, which tells
    limbs apart in every pose, and then more and more by place; without signatures by place from the first.
    """
    body, before = skinned.start(joints), joints
    for step in range(STEPS):
        progress = min(1.0, step / BY_PLACE)
        placed = skinned.place(body)
        if progress == 1 and np.abs(placed.joints - before).max() < SETTLED:
            break
        before = placed.joints
        pairs = _match(placed, surface, marks, progress)
        square, right = _equations(placed, surface, skinned.jacobian(placed), pairs, progress)
        _hold(body, placed, square, right)
        _move(body, placed, np.asarray(np.linalg.solve(square, right), float))
    return body


def _match(
    placed: PosedTemplate, surface: Surface, marks: tuple[Floats, Floats] | None, progress: float
) -> tuple[Ints, Ints]:
    """Which points of the body go with which patches: the likest of the other side for each of both sides."""
    scales = np.sqrt([progress, 1 - progress * (1 - SIGNATURE)]).tolist()
    if marks is None:
        marks, scales, progress = (placed.points[:, :0], surface.points[:, :0]), [1.0, 0.0], 1.0
    sides = ((placed.points, marks[0], placed.normals), (surface.points, marks[1], surface.normals))
    mine, theirs = (
        np.concatenate([scales[0] * points, scales[1] * mark, progress * NORMAL * normals], axis=1)
        for points, mark, normals in sides
    )
    return (
        np.concatenate([np.arange(len(mine)), nearest(theirs, mine)[0]]),
        np.concatenate([nearest(mine, theirs)[0], np.arange(len(theirs))]),
    )


def _equations(
    placed: PosedTemplate, surface: Surface, jacobian: Floats, pairs: tuple[Ints, Ints], progress: float
) -> tuple[Floats, Floats]:
    """The normal equations (parameters, parameters), (parameters,) by which the points would come to their patches."""
    one, other = pairs
    error, normal = surface.points[other] - placed.points[one], surface.normals[other]
    facing = (1 + (placed.normals[one] * normal).sum(1)) / 2
    doubt = np.linalg.norm(error, axis=1) / (FAR + progress * (NEAR - FAR))
    trust = (1 + progress * (facing * facing - 1)) / (1 + doubt * doubt) ** 2
    slide = 1 + progress * (SLIDE - 1)
    metric = slide * np.eye(3) + (1 - slide) * normal[:, :, None] * normal[:, None, :]
    metric *= trust[:, None, None] / len(one)
    # A point's pairs share its rows of the Jacobian, so they are summed before these are multiplied.
    metrics = sums(one, metric.reshape(-1, 9)).reshape(-1, 3, 3)
    pulls = sums(one, np.einsum("nij,nj->ni", metric, error))
    rows = jacobian.reshape(-1, jacobian.shape[2])
    return rows.T @ (metrics @ jacobian).reshape(rows.shape), rows.T @ pulls.reshape(-1)


def _hold(body: Body, placed: PosedTemplate, square: Floats, right: Floats) -> None:
    """Adds to the normal equations what is known of bodies before one is seen."""
    for bone, name in enumerate(NAMES):
        at = slice(3 + 3 * bone, 6 + 3 * bone)
        square[at, at] += DAMPING * np.eye(3)
        stiff = STIFF.get(name.partition(".")[0], 0.0)
        if PARENT[bone] >= 0 and stiff:
            square[at, at] += stiff * np.eye(3)
            right[at] -= stiff * placed.world[PARENT[bone]] @ rotation_vector(body.turn[bone])
    first = 4 + 3 * COUNT
    usual = np.array([(USUAL.get(group, 0.0), 0.0) for group in GROUPS])
    for kind, firm in enumerate((LENGTH, THICKNESS)):
        own = first + kind * len(GROUPS) + np.arange(len(GROUPS))
        square[own, own] += firm
        right[own] -= firm * (body.stretch[:, kind] - usual[:, kind])


def _move(body: Body, placed: PosedTemplate, step: Floats) -> None:
    """Changes the body by the parameters' step, or by as much of it as can be trusted."""
    body.place += step[:3]
    for bone, turn in enumerate(step[3 : 3 + 3 * COUNT].reshape(COUNT, 3)):
        angle = float(np.linalg.norm(turn))
        turned = rotation(turn * min(1.0, MOST_TURN / max(angle, 1e-9))) @ placed.world[bone]
        body.turn[bone] = turned if PARENT[bone] < 0 else placed.world[PARENT[bone]].T @ turned
    body.size += float(np.clip(step[3 + 3 * COUNT], -MOST_GROWTH, MOST_GROWTH))
    body.stretch += np.clip(step[4 + 3 * COUNT :].reshape(2, -1).T, -MOST_GROWTH, MOST_GROWTH)
