# SPDX-License-Identifier: GPL-3.0-or-later
"""Several people in one mesh, what they wear, and what is none of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bodies import POSES, Person, make_person
from numpy.typing import NDArray

from sam3d.engine.arrays import Floats, Ints
from sam3d.engine.rigging.people import divide, find_people
from sam3d.engine.rigging.person import boxes_of, rig_people

Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]

HUMANS = Path(__file__).resolve().parents[3] / "shared" / "data" / "humans"


def ball(middle: tuple[float, float, float], size: tuple[float, float, float] | float) -> Mesh:
    """An ellipsoid with half axes `size`, as a grid with a seam."""
    around, down = np.meshgrid(np.linspace(0, 2 * np.pi, 13), np.linspace(0, np.pi, 9))
    points = np.stack([np.sin(down) * np.cos(around), np.cos(down), np.sin(down) * np.sin(around)], -1)
    index = np.arange(points[..., 0].size).reshape(points.shape[:2])
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return points.reshape(-1, 3) * size + middle, faces


def joined(*parts: Mesh) -> tuple[Mesh, list[range]]:
    """One mesh, and the faces of each part."""
    vertices: list[Floats] = []
    faces: list[Ints] = []
    ranges: list[range] = []
    for points, triangles in parts:
        start = sum(map(len, faces))
        faces.append(triangles + sum(map(len, vertices)))
        vertices.append(points)
        ranges.append(range(start, start + len(triangles)))
    return (np.concatenate(vertices), np.concatenate(faces)), ranges


def person(x: float, height: float = 1.8) -> Mesh:
    return ball((x, height / 2, 0), (0.25, height / 2, 0.15))


def test_people_are_told_apart_and_come_from_left_to_right() -> None:
    mesh, parts = joined(person(2), person(0), person(1, height=1.1))
    found = find_people(*mesh)
    assert [list(faces) for faces in found] == [list(parts[1]), list(parts[2]), list(parts[0])]


def test_what_a_person_wears_goes_with_it_and_strays_with_nobody() -> None:
    hat = ball((0, 1.82, 0), (0.2, 0.05, 0.2))
    coat = ball((0, 0.95, 0), (0.27, 0.6, 0.17))
    stray = ball((5, 0.1, 0), (0.1, 0.1, 0.2))
    mesh, parts = joined(person(0), hat, coat, stray)
    (found,) = find_people(*mesh)
    assert set(found) == set(parts[0]) | set(parts[1]) | set(parts[2])


def test_balls_on_keypoints_are_left_out_but_not_two_eyes() -> None:
    eyes = [ball((x, 1.6, 0.1), 0.02) for x in (-0.05, 0.05)]
    markers = [ball((0.1, y, 0.1), 0.015) for y in np.linspace(0.2, 1.7, 17)]
    mesh, parts = joined(person(0), *eyes, *markers)
    (found,) = find_people(*mesh)
    assert set(found) == set(parts[0]) | set(parts[1]) | set(parts[2])


def test_a_mesh_without_faces_has_nobody() -> None:
    assert find_people(np.zeros((3, 3)), np.zeros((0, 3), np.int64)) == []


@pytest.mark.skipif(not HUMANS.is_dir(), reason="needs the human meshes beside the repository, which are not here")
def test_a_real_body_is_one_person() -> None:
    for path in sorted(HUMANS.glob("*.npz")):
        with np.load(path) as data:
            vertices, faces = data["v"].astype(np.float64), data["f"].astype(np.int64)
        (found,) = find_people(vertices, faces)
        assert len(found) > 0.95 * len(faces), path.name


def in_pieces(one: Person) -> tuple[Floats, Ints]:
    """The person in a shirt, trousers, shoes and hair, each an island of its own with some space around the body, and
    with eyes; under the clothes is nothing."""
    vertices, faces = one.vertices, one.faces
    normals = np.zeros_like(vertices)
    corners = vertices[faces]
    np.add.at(normals, faces, np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, None])
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    middle, at = corners.mean(1), one.joints
    arm = np.abs(middle[:, 0]) - np.abs(at["hand.L"][0])
    belt, ankle, neck = at["thigh.L"][1] + 0.12, at["foot.L"][1] + 0.03, at["neck"][1] + 0.02
    shirt = (middle[:, 1] > belt) & (middle[:, 1] < neck) & (arm < -0.03)
    cuts = [
        (shirt, 0.012),
        ((middle[:, 1] <= belt) & (middle[:, 1] > ankle) & (arm < -0.2), 0.015),
        (middle[:, 1] <= ankle, 0.01),
        ((middle[:, 1] > at["head"][1] + 0.14) | ((middle[:, 1] > neck + 0.1) & (middle[:, 2] < -0.02)), 0.02),
        (middle[:, 1] >= neck, 0.0),
        (~shirt & (arm >= -0.03) & (middle[:, 1] > ankle), 0.0),
    ]
    parts = [(vertices + away * normals, faces[where]) for where, away in cuts]
    eyes = [ball((x, 1.68, 0.06), 0.015) for x in (-0.035, 0.035)]
    (points, triangles), _ = joined(*parts, *eyes)
    return points, triangles


@pytest.mark.parametrize("pose", ["stands", "as a T", "walks"])
def test_a_person_in_clothes_is_one_with_all_that_is_worn(pose: str) -> None:
    one = make_person(POSES[pose])
    vertices, faces = in_pieces(one)
    (found,) = rig_people(vertices, faces)
    assert not found.reason and not found.note
    errors = [float(np.linalg.norm(found.joints[name] - place)) for name, place in one.joints.items()]
    assert np.mean(errors) < 0.03 * one.size


@pytest.mark.parametrize("pose", ["stands", "as a T", "walks"])
def test_pieces_that_were_mirrored_are_inside_out_and_make_no_difference(pose: str) -> None:
    """A program that mirrors an arm, a leg or a shoe may leave its faces clockwise from outside."""
    one = make_person(POSES[pose])
    vertices, faces = in_pieces(one)
    mirrored = np.flatnonzero((vertices[faces].mean(1)[:, 0] > 0.2) | (vertices[faces].mean(1)[:, 1] < 0.8))
    faces[mirrored] = faces[mirrored][:, ::-1]
    (found,) = rig_people(vertices, faces)
    assert not found.reason
    errors = [float(np.linalg.norm(found.joints[name] - place)) for name, place in one.joints.items()]
    assert np.mean(errors) < 0.03 * one.size


def test_two_in_clothes_are_two_and_every_face_is_somebodys() -> None:
    one, other = (in_pieces(make_person(POSES[pose])) for pose in ("stands", "walks"))
    stray = ball((4.0, 0.05, 0), 0.05)
    (vertices, faces), parts = joined(one, (other[0] + (1.4, 0, 0), other[1]), stray)
    people = rig_people(vertices, faces)
    assert [bool(person.joints) for person in people] == [True, True]
    assert all("no part of the person" in person.note for person in people)
    mine, theirs = divide(vertices, faces, boxes_of(people))
    assert set(mine) == set(parts[0])
    assert set(theirs) == {*parts[1], *parts[2]}


def test_a_person_and_a_thing_is_one_person() -> None:
    one = make_person(POSES["stands"])
    (vertices, faces), _ = joined((one.vertices, one.faces), ball((2.5, 0.3, 0), (0.8, 0.3, 0.4)))
    (found,) = rig_people(vertices, faces)
    assert found.joints and "no part of the person" in found.note


def test_z_up_changes_nothing() -> None:
    one = make_person(POSES["walks"])
    (alone,) = rig_people(one.vertices, one.faces)
    (turned,) = rig_people(one.vertices[:, [0, 2, 1]] * (1, -1, 1), one.faces, "Z")
    np.testing.assert_allclose(turned.middle, alone.middle[[0, 2, 1]] * (1, -1, 1))
    for name, place in alone.joints.items():
        np.testing.assert_allclose(turned.joints[name], place[[0, 2, 1]] * (1, -1, 1), atol=1e-6)


def test_places_that_are_no_numbers_are_refused_with_a_sentence() -> None:
    one = make_person(POSES["stands"])
    vertices = one.vertices.copy()
    vertices[one.faces[0, 0]] = np.nan
    (found,) = rig_people(vertices, one.faces)
    assert not found.joints and "no surface to rig" in found.reason
