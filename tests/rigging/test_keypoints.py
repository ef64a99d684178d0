# SPDX-License-Identifier: GPL-3.0-or-later
"""Keypoints that come along with a mesh, in the frames in which services send them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from sam3d.engine.rigging.keypoints import COUNT, agree, in_frame_of, joints_at
from sam3d.engine.rigging.person import rig_people
from sam3d.engine.rigging.skeleton import JOINTS
from sam3d.jobs.body_joints import read_keypoints

MHR = Path(__file__).resolve().parents[3] / "shared" / "data" / "mhr"
needs_data = pytest.mark.skipif(not MHR.is_dir(), reason="needs the bodies beside the repository, which are not here")
FRAMES = {"model": (1, 1, 1), "camera": (1, -1, -1)}


def body(name: str) -> dict[str, NDArray[np.float64]]:
    with np.load(MHR / f"{name}.npz") as data:
        return {key: data[key].astype(np.float64) for key in ("v", "f", "keypoints70")}


@needs_data
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("shift", [(0, 0, 0), (0.4, 2.0, 5.0)])
def test_keypoints_find_their_body(frame: str, shift: tuple[float, float, float]) -> None:
    data = body("subj00")
    sent = data["keypoints70"] * FRAMES[frame] + shift
    found = in_frame_of(sent, data["v"])
    assert found is not None
    np.testing.assert_allclose(found, data["keypoints70"], atol=0.01)


@needs_data
def test_keypoints_of_somebody_else_are_not_taken() -> None:
    assert in_frame_of(body("subj01")["keypoints70"], body("subj00")["v"]) is None
    assert in_frame_of(np.full((COUNT, 3), np.nan), body("subj00")["v"]) is None


@needs_data
def test_they_serve_where_the_shape_tells_nothing() -> None:
    data = body("subj00")
    corners = data["v"][ConvexHull(data["v"]).simplices]  # as if arms and legs had grown together
    for _ in range(2):  # each triangle into four
        middles = (corners + np.roll(corners, -1, axis=1)) / 2
        outer = [np.stack([corners[:, i], middles[:, i], middles[:, i - 1]], 1) for i in range(3)]
        corners = np.concatenate([*outer, middles])
    vertices, faces = corners.reshape(-1, 3), np.arange(len(corners) * 3).reshape(-1, 3)
    (plain,) = rig_people(vertices, faces)
    assert plain.reason and not plain.joints
    (helped,) = rig_people(vertices, faces, keypoints=[data["keypoints70"]])
    assert set(helped.joints) == set(JOINTS)


@needs_data
def test_they_tell_left_from_right() -> None:
    points = body("subj01")["keypoints70"]
    joints = joints_at(points)
    other = {".L": ".R", ".R": ".L"}
    swapped = {name[:-2] + other.get(name[-2:], name[-2:]): place for name, place in joints.items()}
    assert agree(joints, points)
    assert not agree(swapped, points)


def test_files_of_other_kinds_hold_none(tmp_path: Path) -> None:
    file = tmp_path / "keypoints.json"
    points = np.zeros((COUNT, 3)).tolist()
    for content, count in (
        ({"num_people": 2, "people": [{"person_id": 0, "keypoints_3d": points}, {"keypoints_3d": points}]}, 2),
        ({"keypoints_3d": points}, 1),
        ([{"keypoints_3d": points}], 1),
        ({"people": [{"keypoints_3d": points[:3]}, {"keypoints_3d": "none"}, None, 5]}, 0),
        ({"people": 3}, 0),
        ("text", 0),
    ):
        file.write_text(json.dumps(content))
        assert len(read_keypoints(file)) == count
    file.write_text("{")
    assert read_keypoints(file) == []
