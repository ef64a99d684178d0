# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights that move each part of a body with its own bones."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from bodies import POSES, Person, Pose, make_person
from numpy.typing import NDArray

from sam3d.engine.arrays import Floats
from sam3d.engine.rigging import find_joints, find_weights
from sam3d.engine.rigging.skeleton import NAMES
from sam3d.engine.rigging.weights import without_tears

AT_REST = Pose(upper_arm=(0.25, -1, 0), forearm=(0.0, -1, 0.05))
"""The hands hang beside the thighs."""


@cache
def weighed(pose: str) -> tuple[Person, Floats]:
    one = make_person(POSES.get(pose, AT_REST))
    return one, find_weights(one.vertices, one.faces, one_joints(one))


def one_joints(one: Person) -> dict[str, Floats]:
    return find_joints(one.vertices, one.faces)


def near(one: Person, joint: str, reach: float) -> NDArray[np.bool_]:
    """The vertices near a joint."""
    distances: Floats = np.linalg.norm(one.vertices - one.joints[joint], axis=1)
    return distances < reach


@pytest.mark.parametrize("pose", [*POSES, "rests"])
def test_every_vertex_follows_at_most_four_bones(pose: str) -> None:
    one, weights = weighed(pose)
    assert weights.shape == (len(one.vertices), len(NAMES))
    assert (weights >= 0).all()
    assert np.allclose(weights.sum(1), 1)
    assert (weights > 0).sum(1).max() <= 4


@pytest.mark.parametrize("pose", [*POSES, "rests"])
def test_a_limb_follows_its_own_bone(pose: str) -> None:
    one, weights = weighed(pose)
    for limb, end in (("upper_arm", "forearm"), ("forearm", "hand"), ("thigh", "shin"), ("shin", "foot")):
        for side in "LR":
            start, stop = one.joints[f"{limb}.{side}"], one.joints[f"{end}.{side}"]
            along = stop - start
            share = (one.vertices - start) @ along / (along @ along)
            away = np.linalg.norm(one.vertices - start - share[:, None] * along, axis=1)
            middle = (np.abs(share - 0.5) < 0.15) & (away < (0.12 if limb == "thigh" else 0.07))
            mean = weights[middle].mean(0)
            assert NAMES[mean.argmax()] == f"{limb}.{side}"
            assert mean.max() > 0.7


def test_a_hand_moves_no_thigh() -> None:
    one, weights = weighed("rests")
    hand = weights[:, [NAMES.index(f"{name}.L") for name in ("hand", "forearm")]].sum(1)
    leg = weights[:, [NAMES.index(f"{name}.L") for name in ("thigh", "shin")]].sum(1)
    wrist, hip, knee = (one.joints[name] for name in ("hand.L", "thigh.L", "shin.L"))
    along = knee - hip
    share = np.clip((one.vertices - hip) @ along / (along @ along), 0, 1)
    on_thigh = np.linalg.norm(one.vertices - hip - share[:, None] * along, axis=1) < 0.095
    close = np.linalg.norm(one.vertices - wrist, axis=1) < 0.25
    assert (on_thigh & close).sum() > 20
    assert hand[on_thigh].max() < 0.01
    on_hand = close & ~on_thigh & (np.abs(one.vertices[:, 0]) > wrist[0] - 0.03)
    assert on_hand.sum() > 20
    assert leg[on_hand].max() < 0.01


def test_neighbors_have_similar_weights() -> None:
    one, weights = weighed("stands")
    edges = np.concatenate([one.faces[:, [0, 1]], one.faces[:, [1, 2]]])
    assert np.abs(weights[edges[:, 0]] - weights[edges[:, 1]]).max() < 0.5


def test_unused_vertices_have_weights_too() -> None:
    one = make_person(POSES["stands"])
    vertices = np.concatenate([one.vertices, [[0.0, 1.2, 0.5]]])
    weights = find_weights(vertices, one.faces, one_joints(one))
    assert np.allclose(weights.sum(1), 1)


def test_pieces_that_hang_together_nowhere() -> None:
    """As bone heat cannot solve."""
    one = make_person(POSES["stands"])
    random = np.random.default_rng(0).permutation(len(one.faces))[: len(one.faces) * 9 // 10]
    vertices = one.vertices[one.faces[random]].reshape(-1, 3)
    faces = np.arange(len(vertices)).reshape(-1, 3)
    weights = find_weights(vertices, faces, one_joints(one))
    assert np.allclose(weights.sum(1), 1)
    head = NAMES.index("head")
    assert weights[vertices[:, 1] > 1.7][:, head].min() > 0.9


def test_vertices_at_one_place_have_one_and_the_same_weights() -> None:
    """As where a file splits them along a seam of its texture."""
    one = make_person(POSES["stands"])
    vertices, faces = one.vertices[one.faces].reshape(-1, 3), np.arange(one.faces.size).reshape(-1, 3)
    vertices = vertices.astype(np.float32) * (1 + 1e-7 * (np.arange(len(vertices)) % 2))[:, None]
    weights = find_weights(vertices, faces, one_joints(one))
    first = np.unique(one.faces.ravel(), return_index=True)[1]
    np.testing.assert_array_equal(weights, weights[first][one.faces.ravel()])


def test_weights_that_differ_along_a_seam_are_made_one() -> None:
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [1, 0, 0]])
    weights = np.array([[1.0, 0, 0, 0, 0], [0.4, 0.3, 0.2, 0.1, 0], [0, 0.3, 0.2, 0.1, 0.4]])
    shut = without_tears(weights, vertices)
    np.testing.assert_array_equal(shut[1], shut[2])
    assert shut[1].sum() == pytest.approx(1)
    assert (shut > 0).sum(1).max() <= 4
