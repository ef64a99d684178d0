# SPDX-License-Identifier: GPL-3.0-or-later
"""Joints found in bodies whose joints are known."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from bodies import CLOTHES, POSES, Person, Pose, make_person
from numpy.typing import NDArray

from sam3d.engine.arrays import Floats, Ints
from sam3d.engine.rigging import RigError, find_joints
from sam3d.engine.rigging.skeleton import JOINTS


@cache
def person(pose: str, build: float = 1.0) -> Person:
    return make_person(POSES[pose], build)


def check(found: dict[str, Floats], person: Person, most: float = 0.03) -> None:
    """Every joint is there, near where it is, and on its side."""
    assert set(found) == set(JOINTS)
    assert all(place.shape == (3,) and np.isfinite(place).all() for place in found.values())
    errors = {name: float(np.linalg.norm(found[name] - place)) / person.size for name, place in person.joints.items()}
    assert np.mean(list(errors.values())) < most, errors
    assert max(errors.values()) < 0.08, errors


def cut(person: Person, keep: NDArray[np.bool_]) -> tuple[Floats, Ints]:
    """The person's mesh with those faces alone."""
    used, number = np.unique(person.faces[keep], return_inverse=True)
    return person.vertices[used], number.reshape(-1, 3)


@pytest.mark.parametrize("pose", POSES)
def test_every_pose(pose: str) -> None:
    one = person(pose)
    check(find_joints(one.vertices, one.faces), one)


def test_a_heavy_build() -> None:
    one = person("stands", 1.25)
    check(find_joints(one.vertices, one.faces), one)


@pytest.mark.parametrize("clothes", CLOTHES)
def test_clothes(clothes: str) -> None:
    one = make_person(POSES["stands"], clothes=CLOTHES[clothes])
    check(find_joints(one.vertices, one.faces), one)


@pytest.mark.parametrize("scale", [0.001, 100.0])
@pytest.mark.parametrize("degrees", [0.0, 100.0, 215.0])
def test_any_size_place_and_direction(scale: float, degrees: float) -> None:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]) * scale
    one = person("walks")
    away = scale * np.array([10.0, -4, 3])
    moved = Person(one.vertices @ turn.T + away, one.faces, {k: turn @ v + away for k, v in one.joints.items()})
    check(find_joints(moved.vertices, moved.faces), moved)


def test_z_up() -> None:
    one = person("walks")
    turn = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    moved = Person(one.vertices @ turn.T, one.faces, {name: turn @ place for name, place in one.joints.items()})
    check(find_joints(moved.vertices, moved.faces, up="Z"), moved)


def test_the_order_of_vertices_and_faces_does_not_matter() -> None:
    one, random = person("sits"), np.random.default_rng(3)
    order = random.permutation(len(one.vertices))
    faces = random.permutation(np.argsort(order)[one.faces])
    check(find_joints(one.vertices[order], faces), one)


def test_a_mesh_inside_out() -> None:
    one = person("walks")
    check(find_joints(one.vertices, one.faces[:, ::-1]), one)


def test_faces_with_vertices_of_their_own() -> None:
    one = person("stands")
    vertices = one.vertices[one.faces].reshape(-1, 3)
    check(find_joints(vertices, np.arange(len(vertices)).reshape(-1, 3)), one)


def test_a_rough_surface() -> None:
    one = person("stands")
    noise = np.random.default_rng(1).normal(0, 0.009, one.vertices.shape)
    check(find_joints(one.vertices + noise, one.faces), one)


def test_a_head_cut_off() -> None:
    one = person("stands")
    height = one.vertices[one.faces].mean(1)[:, 1]
    vertices, faces = cut(one, (height < 1.52) | (height > 1.56))
    check(find_joints(vertices, faces), one)


def test_a_speck_far_away_and_unused_vertices() -> None:
    one = person("stands")
    speck = np.array([[5.0, 0, 0], [5.01, 0, 0], [5, 0.01, 0]])
    vertices = np.concatenate([one.vertices, speck, [[np.nan] * 3, [99.0, 99, 99]]])
    faces = np.concatenate([one.faces, len(one.vertices) + np.array([[0, 1, 2]])])
    check(find_joints(vertices, faces), one)


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (1.0, 9.0, "were found|missing"),  # no legs
        (0.3, 9.0, "foot is missing"),
        (-1.0, 1.55, "head is missing"),
    ],
)
def test_a_part_of_a_person_is_refused(low: float, high: float, message: str) -> None:
    one = person("stands")
    height = one.vertices[one.faces].mean(1)[:, 1]
    with pytest.raises(RigError, match=message):
        find_joints(*cut(one, (height > low) & (height < high)))


@pytest.mark.parametrize(("name", "sign"), [("left", 1), ("right", -1)])
def test_an_arm_cut_off_is_refused(name: str, sign: int) -> None:
    one = person("sits")
    side = sign * one.vertices[one.faces].mean(1)[:, 0]
    with pytest.raises(RigError, match=f"The {name} hand is missing from this mesh"):
        find_joints(*cut(one, side < 0.26))


def test_two_persons_are_refused() -> None:
    one, other = person("stands"), person("walks")
    vertices = np.concatenate([one.vertices, other.vertices * [-1, 1, -1] + [0.1, 0, 0.25]])
    faces = np.concatenate([one.faces, other.faces + len(one.vertices)])
    with pytest.raises(RigError):
        find_joints(vertices, faces)


def tetrahedron(size: float) -> tuple[Floats, Ints]:
    corners = size * np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    return corners, np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])


@pytest.mark.parametrize(
    "mesh",
    [
        tetrahedron(1.0),
        (np.zeros((0, 3)), np.zeros((0, 3), np.int64)),
        (np.zeros((3, 3)), np.array([[0, 1, 2]])),
        (np.full((3, 3), np.nan), np.array([[0, 1, 2]])),
        (np.eye(3), np.array([[0, 1, 2]])),
        (np.eye(3), np.array([[0, 1, 7]])),
        (np.random.default_rng(0).normal(size=(300, 3)), np.random.default_rng(1).integers(0, 300, (900, 3))),
    ],
    ids=["tetrahedron", "empty", "a point", "no numbers", "one triangle", "damaged", "confetti"],
)
def test_what_is_no_body_is_refused(mesh: tuple[Floats, Ints]) -> None:
    with pytest.raises(RigError, match=r"(Choose|Import).*\.$"):
        find_joints(*mesh)


def test_what_is_there_is_not_called_missing() -> None:
    """A toy's proportions: a large head, short legs."""
    one = person("stands")
    neck, hip = one.joints["head"][1], one.joints["thigh.L"][1]
    height, vertices = one.vertices[:, 1:2], one.vertices.copy()
    vertices = np.where(height > neck, one.joints["head"] + 4 * (vertices - one.joints["head"]), vertices)
    vertices[:, 1:2] = np.where(height < hip, hip + 0.45 * (height - hip), vertices[:, 1:2])
    try:
        found = find_joints(vertices, one.faces)
    except RigError as refusal:
        assert "missing" not in str(refusal)
        assert "natural proportions" in str(refusal) or "were found" in str(refusal)
    else:
        assert found["foot.L"][1] < found["shin.L"][1] < found["thigh.L"][1] < found["head"][1]


@pytest.mark.parametrize("gap", [0.04, 0.07])
def test_a_forearm_that_hangs_together_with_the_thigh_alone(gap: float) -> None:
    """As where a sleeve ends above a bracelet: the ways along the surface go from the hand to the thigh."""
    one = make_person(Pose(upper_arm=(0.3, -1, 0), forearm=(0.05, -1, 0.05)))
    middle, keep = one.vertices[one.faces].mean(1), np.ones(len(one.faces), bool)
    for side in "LR":
        keep &= np.linalg.norm(middle - one.joints[f"forearm.{side}"], axis=1) > 0.045 + gap / 2
    check(find_joints(*cut(one, keep)), one)
