# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera and places of models of blocks, found again in photos taken of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import degrees, log, radians
from pathlib import Path

import numpy as np
import pytest
from photo_of_blocks import BOOK, BOTTLE, CABINET, CHAIR, TRUCK, Block, Standing, mesh, take_photo, write_model

from sam3d.engine.arrays import Floats, Mask
from sam3d.engine.matching.camera import PhotoCamera, focal_of_lens
from sam3d.engine.matching.evidence import CameraGuess, KnownPose, Match, PhotoSubject, Placed, Source
from sam3d.engine.matching.fit import match_photo
from sam3d.engine.matching.stance import carried_over

WIDTH, HEIGHT = 720, 480
TRUE = PhotoCamera(WIDTH, HEIGHT, focal_of_lens(42, WIDTH, HEIGHT), radians(22), radians(-1))
USUAL = CameraGuess(
    PhotoCamera(WIDTH, HEIGHT, focal_of_lens(35, WIDTH, HEIGHT), radians(17)),
    np.diag([0.3**2, radians(10) ** 2, radians(1.5) ** 2]),
    0.0,
    Source.USUAL,
    Source.USUAL,
)
THREE = (
    Standing(TRUCK, (-0.55, 2.2, 0), 0.7, radians(65)),
    Standing(CHAIR, (0.2, 2.9, 0), 0.8, radians(-30)),
    Standing(CABINET, (0.75, 2.3, 0), 0.6, radians(160)),
)


def subjects(folder: Path, standing: Sequence[Standing], masks: Sequence[Mask]) -> list[PhotoSubject]:
    return [
        PhotoSubject(str(number), mask, write_model(folder / f"{number}.glb", one.blocks))
        for number, (one, mask) in enumerate(zip(standing, masks, strict=True))
    ]


def matched(folder: Path, standing: Sequence[Standing], camera: PhotoCamera = TRUE, *, fixed: bool = False) -> Match:
    picture, masks = take_photo(camera, standing)
    guess = CameraGuess(camera, USUAL.spread, 0.0, Source.ARTIST, Source.ARTIST) if fixed else USUAL
    return match_photo(picture, subjects(folder, standing, masks), [guess], fixed=fixed)


def off(placed: Placed, one: Standing) -> tuple[float, float, float]:
    """How far a base is from the true one by its distance, ln of the sizes' ratio, and degrees of the turn."""
    points, _, _ = mesh(one.blocks)
    there = points @ placed.matrix[:3, :3].T + placed.matrix[:3, 3]
    assert placed.base is not None
    assert np.isclose(there[:, 2].min(), placed.base[2], atol=1e-6)
    place = float(np.linalg.norm(np.array(placed.base) - one.base) / np.linalg.norm(one.base))
    size = log(np.cbrt(np.linalg.det(placed.matrix[:3, :3])) / one.size)
    turn = (degrees(placed.yaw - one.yaw) + 180) % 360 - 180
    return place, abs(size), abs(turn)


def test_camera_and_places_are_found_from_the_masks_alone(tmp_path: Path) -> None:
    match = matched(tmp_path, THREE)
    assert abs(degrees(match.camera.pitch - TRUE.pitch)) < 0.7
    assert abs(degrees(match.camera.roll - TRUE.roll)) < 0.5
    assert abs(log(match.camera.focal / TRUE.focal)) < 0.05
    assert match.lens_from is match.horizon_from is Source.SUBJECTS
    assert not match.notes
    for number, one in enumerate(THREE):
        place, size, turn = off(match.placed[str(number)], one)
        assert place < 0.04
        assert size < 0.05
        assert turn < 2
        assert match.placed[str(number)].overlap > 0.95


def test_subjects_correct_lines_that_mislead(tmp_path: Path) -> None:
    picture, masks = take_photo(TRUE, THREE)
    wrong = PhotoCamera(WIDTH, HEIGHT, TRUE.focal, radians(31), radians(-1))
    guess = CameraGuess(wrong, np.diag([0.02, radians(0.4), radians(0.3)]) ** 2, 0.0, Source.LINES, Source.LINES)
    match = match_photo(picture, subjects(tmp_path, THREE, masks), [guess])
    assert abs(degrees(match.camera.pitch - TRUE.pitch)) < 1
    assert match.horizon_from is Source.SUBJECTS


def test_good_lines_are_not_given_up_for_a_bad_model(tmp_path: Path) -> None:
    picture, masks = take_photo(TRUE, THREE)
    bad = Standing([replace(block, high=(*block.high[:2], block.high[2] * 1.3)) for block in CABINET], (0, 0, 0), 1, 0)
    models = subjects(tmp_path, (*THREE[:2], bad), masks)
    guess = CameraGuess(TRUE, np.diag([0.02, radians(0.4), radians(0.3)]) ** 2, 0.0, Source.LINES, Source.LINES)
    match = match_photo(picture, models, [guess])
    assert abs(degrees(match.camera.pitch - TRUE.pitch)) < 0.5
    assert match.horizon_from is Source.LINES


def test_the_artists_camera_is_kept(tmp_path: Path) -> None:
    match = matched(tmp_path, THREE, fixed=True)
    assert match.camera == TRUE
    assert match.lens_from is Source.ARTIST
    for number, one in enumerate(THREE):
        assert np.all(np.array(off(match.placed[str(number)], one)) < (0.006, 0.01, 1.5))


@pytest.mark.parametrize("yaw", range(0, 360, 72))
def test_front_is_told_from_back_by_its_colors(tmp_path: Path, yaw: int) -> None:
    one = Standing(CABINET[:1], (0.1, 2.4, 0), 0.8, radians(yaw))
    assert off(matched(tmp_path, [one], fixed=True).placed["0"], one)[2] < 2.5


def test_what_others_hide_is_not_held_against_the_model(tmp_path: Path) -> None:
    hidden = (Standing(CABINET, (0.3, 3.0, 0), 1.0, radians(20)), Standing(TRUCK, (0.1, 2.1, 0), 0.7, radians(100)))
    match = matched(tmp_path, hidden, fixed=True)
    for number, one in enumerate(hidden):
        assert np.all(np.array(off(match.placed[str(number)], one)) < (0.02, 0.03, 3.0))


def test_the_photos_border_is_no_outline(tmp_path: Path) -> None:
    cut = (Standing(TRUCK, (1.02, 2.4, 0), 0.8, radians(50)),)
    match = matched(tmp_path, cut, fixed=True)
    assert np.all(np.array(off(match.placed["0"], cut[0])) < (0.03, 0.04, 4.0))


def test_a_subject_seen_as_before_through_another_camera(tmp_path: Path) -> None:
    placed = matched(tmp_path, THREE[:1], fixed=True).placed["0"]
    other = PhotoCamera(WIDTH, HEIGHT, TRUE.focal * 1.3, radians(30), radians(2))
    moved = carried_over(placed, TRUE, other)
    points, _, _ = mesh(TRUCK)
    before, after = (
        camera.project(points @ one.matrix[:3, :3].T + one.matrix[:3, 3])[0]
        for camera, one in ((TRUE, placed), (other, moved))
    )
    assert placed.base is not None
    assert moved.base is not None
    bases = [camera.project(np.array([one.base]))[0] for camera, one in ((TRUE, placed), (other, moved))]
    assert np.allclose(bases[0], bases[1], atol=1e-6)
    assert moved.base[2] == pytest.approx(0)
    assert np.abs(np.ptp(after, 0) / np.ptp(before, 0) - 1).max() < 0.12
    back = carried_over(moved, other, TRUE)
    assert np.allclose(back.matrix, placed.matrix)
    assert back.yaw == pytest.approx(placed.yaw)


def pose_of(one: Standing, camera: PhotoCamera, frame: Floats) -> KnownPose:
    """How an engine tells what it has seen: at a scale of its own, of a model that has been moved by `frame`."""
    right, up, forward = camera.axes
    eye = np.eye(4)
    eye[:3, :3] = np.stack([right, up, -forward])
    eye[:3, 3] = -eye[:3, :3] @ (0, 0, 1)
    stand = np.eye(4)
    c, s = np.cos(one.yaw), np.sin(one.yaw)
    stand[:3, :3] = one.size * np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    stand[:3, 3] = one.base
    matrix = np.diag([3.0, 3.0, 3.0, 1.0]) @ eye @ stand @ np.linalg.inv(frame)
    return KnownPose(matrix, camera.focal / max(camera.width, camera.height))


LYING = np.array([[0, 0, -0.5, 0.1], [0, 0.5, 0, 0.2], [0.5, 0, 0, -0.3], [0, 0, 0, 1.0]])


@pytest.mark.parametrize("frame", [np.eye(4), LYING], ids=["upright", "lying in its file"])
def test_a_pose_that_is_told_is_kept(tmp_path: Path, frame: Floats) -> None:
    one = THREE[0]
    model = write_model(tmp_path / "model.glb", one.blocks, frame)
    pose = pose_of(one, TRUE, frame)
    picture, masks = take_photo(TRUE, [one])
    subject = PhotoSubject("a", masks[0], model, pose)
    guess = CameraGuess(TRUE, USUAL.spread, 0.0, Source.ARTIST, Source.ARTIST)
    placed = match_photo(picture, [subject], [guess], fixed=True).placed["a"]
    points, _, _ = mesh(one.blocks)
    moved = points @ frame[:3, :3].T + frame[:3, 3]
    there = moved @ placed.matrix[:3, :3].T + placed.matrix[:3, 3]
    assert np.allclose(there, one.points()[0], atol=1e-5)


def test_poses_that_are_told_lead_to_the_camera(tmp_path: Path) -> None:
    one = THREE[1]
    model = write_model(tmp_path / "model.glb", one.blocks)
    picture, masks = take_photo(TRUE, [one])
    subject = PhotoSubject("a", masks[0], model, pose_of(one, TRUE, np.eye(4)))
    match = match_photo(picture, [subject], [USUAL])
    assert abs(degrees(match.camera.pitch - TRUE.pitch)) < 1
    assert abs(log(match.camera.focal / TRUE.focal)) < 0.05


@pytest.mark.parametrize("told", [None, "0", ""], ids=["seen", "told", "told otherwise"])
def test_what_stands_on_something_else(tmp_path: Path, told: str | None) -> None:
    pile = (Standing(BOOK, (0.1, 2.4, 0), 0.8, radians(30)), Standing(BOTTLE, (0.1, 2.4, 0.24), 0.35, radians(10)))
    picture, masks = take_photo(TRUE, pile)
    book, bottle = subjects(tmp_path, pile, masks)
    guess = CameraGuess(TRUE, USUAL.spread, 0.0, Source.ARTIST, Source.ARTIST)
    match = match_photo(picture, [book, replace(bottle, stands_on=told)], [guess], fixed=True)
    assert match.placed["0"].stands_on == ""
    if told == "":
        assert match.placed["1"].stands_on == ""
        assert match.placed["1"].base is not None
        assert match.placed["1"].base[2] == 0
    else:
        assert match.placed["1"].stands_on == "0"
        place, size, _ = off(match.placed["1"], pile[1])
        assert place < 0.02
        assert size < 0.03


@pytest.mark.parametrize("turn", [((1, 0, 0), (0, 0, 1), (0, -1, 0)), ((0, 0, -1), (0, 1, 0), (1, 0, 0))])
def test_a_model_that_lies_on_its_face_is_stood_up(tmp_path: Path, turn: Floats) -> None:
    one = Standing(BOTTLE, (0.1, 2.4, 0), 0.8, radians(20))
    picture, masks = take_photo(TRUE, [one])
    frame = np.eye(4)
    frame[:3, :3] = turn
    subject = PhotoSubject("a", masks[0], write_model(tmp_path / "model.glb", one.blocks, frame))
    guess = CameraGuess(TRUE, USUAL.spread, 0.0, Source.ARTIST, Source.ARTIST)
    placed = match_photo(picture, [subject], [guess], fixed=True).placed["a"]
    assert placed.overlap > 0.95
    up = placed.matrix[:3, :3] @ frame[:3, 2]
    assert up[2] / np.linalg.norm(up) > 0.99


@pytest.mark.parametrize("size", [(1, 0, 1), (1, 1, 0), (0, 0, 1), (1, 2e-3, 2e-3)])
def test_flat_and_thin_models_get_a_place_or_none(tmp_path: Path, size: tuple[float, float, float]) -> None:
    picture, masks = take_photo(TRUE, THREE[:1])
    model = write_model(tmp_path / "flat.glb", [Block((0, 0, 0), size, (1,) * 6)])
    match = match_photo(picture, [PhotoSubject("flat", masks[0], model)], [USUAL])
    assert all(np.isfinite(placed.matrix).all() for placed in match.placed.values())
    assert set(match.placed) == (set() if size == (0, 0, 1) else {"flat"})


def test_a_subject_without_mask_or_model_is_left_out(tmp_path: Path) -> None:
    picture, masks = take_photo(TRUE, THREE[:1])
    good = subjects(tmp_path, THREE[:1], masks)[0]
    (tmp_path / "bad.glb").write_bytes(b"nothing")
    bad = PhotoSubject("bad", masks[0], tmp_path / "bad.glb")
    empty = PhotoSubject("empty", np.zeros_like(masks[0]), good.model)
    assert set(match_photo(picture, [empty, bad, good], [USUAL]).placed) == {"0"}


@pytest.mark.parametrize("matrix", [np.zeros((4, 4)), np.full((4, 4), np.nan), np.diag([-1.0, 1, 1, 1])])
def test_a_pose_that_can_be_none_is_found_instead(tmp_path: Path, matrix: Floats) -> None:
    one = THREE[0]
    picture, masks = take_photo(TRUE, [one])
    subject = replace(subjects(tmp_path, [one], masks)[0], pose=KnownPose(matrix, 1.2))
    guess = CameraGuess(TRUE, USUAL.spread, 0.0, Source.ARTIST, Source.ARTIST)
    placed = match_photo(picture, [subject], [guess], fixed=True).placed["0"]
    assert np.all(np.array(off(placed, one)) < (0.01, 0.02, 2.0))


def test_nothing_at_all_leaves_the_guess_and_says_so() -> None:
    match = match_photo(np.zeros((HEIGHT, WIDTH, 3), np.uint8), [], [USUAL])
    assert match.camera == USUAL.camera
    assert len(match.notes) == 1


@pytest.mark.parametrize("shape", ["dot", "sky", "all", "stripe"])
def test_odd_masks_get_a_place(tmp_path: Path, shape: str) -> None:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    if shape == "dot":
        mask[300, 200] = True
    elif shape == "sky":
        mask[5:40, 300:420] = True
    elif shape == "all":
        mask[:] = True
    else:
        mask[:, 350:353] = True
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    model = write_model(tmp_path / "model.glb", TRUCK)
    match = match_photo(picture, [PhotoSubject("a", mask, model)], [USUAL])
    placed = match.placed["a"]
    assert np.isfinite(placed.matrix).all()
    assert np.linalg.det(placed.matrix[:3, :3]) > 0
    assert radians(-5) <= match.camera.pitch <= radians(75)
    assert 14 <= match.camera.lens <= 200
