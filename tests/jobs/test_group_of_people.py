# SPDX-License-Identifier: GPL-3.0-or-later
"""People of one photo in files of their own: one scale, and each in its place."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loopback.people import person_glb

from sam3d.jobs.body_joints import keypoints_of, make_rig
from sam3d.jobs.group_of_people import Standing, stand_together

SIZES = (1.0, 0.6, 0.9)
TALL = 1.8
"""Meters of a person of size 1."""


def written(
    folder: Path, places: list[tuple[float, float, float]] | None = None, scale: float = 1.0, *, rigged: bool = False
) -> list[Path | None]:
    """The files of three people; `places` of each in its file, else all in the middle."""
    files: list[Path | None] = []
    for number, size in enumerate(SIZES):
        file = folder / f"model-{number}.glb"
        file.write_bytes(person_glb(size * scale, places[number] if places else (0, 0, 0)))
        if rigged:
            make_rig(file)
        files.append(file)
    return files


def camera(folder: Path, places: list[tuple[float, float, float]]) -> Path:
    """What the own server tells of where a camera has seen them."""
    people: list[Any] = []
    for place in places:
        matrix = np.eye(4)
        matrix[:3, 3] = place
        people.append({"matrix": matrix.tolist()})
    file = folder / "details.json"
    file.write_text(json.dumps({"people": people}))
    return file


def keypoints(folder: Path, places: list[tuple[float, float, float]]) -> Path:
    """The 70 keypoints of each about a place, y down and z away from the camera."""
    rise = np.linspace(1, -1, 70)[:, None] * (0, 1, 0)
    rise[69] = (0, -1, 0)  # the neck is above the feet
    file = folder / "keypoints.json"
    file.write_text(json.dumps({"people": [{"keypoints_3d": (rise + place).tolist()} for place in places]}))
    return file


def heights(standings: list[Standing]) -> list[float]:
    return [standing.height for standing in standings]


def steps(standings: list[Standing], axis: int = 0) -> list[float]:
    return [right.offset[axis] - left.offset[axis] for left, right in pairwise(standings)]


def test_the_tallest_has_the_height_and_the_others_theirs_beside(tmp_path: Path) -> None:
    standings = stand_together(written(tmp_path), [], 1.2)
    assert heights(standings) == pytest.approx([1.2 * size for size in SIZES], rel=1e-3)
    assert min(steps(standings)) > 0.5 and steps(standings, 1) == steps(standings, 2) == [0, 0]


def test_people_of_a_believable_size_come_as_delivered(tmp_path: Path) -> None:
    assert heights(stand_together(written(tmp_path, rigged=True), [], 0.0)) == [0.0, 0.0, 0.0]


def test_people_in_another_unit_become_life_size_by_one_factor(tmp_path: Path) -> None:
    tall, small, middle = heights(stand_together(written(tmp_path, scale=100.0, rigged=True), [], 0.0))
    assert 1.2 < tall < 3 and small / tall == pytest.approx(0.6, rel=1e-3)
    assert middle == 0.0  # the factor is the one that it gets by itself


def test_places_in_the_files_are_kept(tmp_path: Path) -> None:
    models = written(tmp_path, [(3, 0, -1), (1, 0, 0), (-1, 0.5, 0)])
    standings = stand_together(models, [], 0.0)
    assert steps(standings) == pytest.approx([-2, -2], abs=1e-3)
    assert steps(standings, 1) == pytest.approx([-1, 0], abs=1e-3)  # farther away is along Y
    assert [standing.offset[2] for standing in standings] == pytest.approx([0, 0, 0.5], abs=1e-3)


@pytest.mark.parametrize("told", [camera, keypoints])
def test_places_are_kept_that_a_camera_tells(tmp_path: Path, told: Any) -> None:
    away = -1 if told is camera else 1
    extra = told(tmp_path, [(-2, 0.3, 5 * away), (0, 0, 4 * away), (1.5, 0, 4 * away)])
    standings = stand_together(written(tmp_path), [extra], TALL)
    assert steps(standings) == pytest.approx([2, 1.5], rel=0.02)
    assert steps(standings, 1) == pytest.approx([-1, 0], abs=0.02)
    assert {standing.offset[2] for standing in standings} == {0}


@pytest.mark.parametrize("content", ["", "[]", '{"people": 3}', '{"people": [{"matrix": [1]}, {}, {}]}'])
def test_what_tells_nothing_leaves_a_row(tmp_path: Path, content: str) -> None:
    extra = tmp_path / "details.json"
    extra.write_text(content)
    (tmp_path / "same").mkdir()
    same = camera(tmp_path / "same", [(0, 0, -4)] * 3)
    assert stand_together(written(tmp_path), [extra, same], 1.0) == stand_together(written(tmp_path), [], 1.0)


def test_a_missing_one_has_its_place_in_the_row(tmp_path: Path) -> None:
    models = written(tmp_path)
    all_three = stand_together(models, [], TALL)
    models[1] = None
    with_a_gap = stand_together(models, [], TALL)
    assert heights(with_a_gap)[::2] == heights(all_three)[::2]
    assert min(steps(with_a_gap)) > 0.5
    (tmp_path / "model-0.glb").write_bytes(b"glTF")
    assert len(stand_together(models, [], TALL)) == 3


def test_each_gets_the_keypoints_of_its_number(tmp_path: Path) -> None:
    places: list[tuple[float, float, float]] = [(0, 0, 3), (1, 0, 3), (2, 0, 3)]
    together = keypoints(tmp_path, places)
    (tmp_path / "single").mkdir()
    single = []
    for number, place in enumerate(places):
        single.append(tmp_path / "single" / f"keypoints-{number}.json")
        keypoints(tmp_path / "single", [place]).rename(single[-1])
    for files in ([together], single, [together, *single]):
        for number in range(3):
            (own,) = keypoints_of(files, number, 3)
            assert own[:, 0].mean() == pytest.approx(number)
    assert len(keypoints_of([together])) == 3  # of all in one model
