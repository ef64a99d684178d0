# SPDX-License-Identifier: GPL-3.0-or-later
"""Joints of real meshes, where ../shared/data is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

from sam3d.engine.rigging import RigError, find_joints
from sam3d.engine.rigging.mhr import find_mhr_joints
from sam3d.engine.rigging.skeleton import JOINTS

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="../shared/data, the meshes with known joints, is not here")

SCORED = {
    "hips": "Hips",
    "chest": "Spine2",
    "neck": "Neck",
    "head": "Head",
    "head_top": "HeadTop",
    "upper_arm.L": "LeftArm",
    "forearm.L": "LeftForeArm",
    "hand.L": "LeftHand",
    "thigh.L": "LeftUpLeg",
    "shin.L": "LeftLeg",
    "foot.L": "LeftFoot",
}
SCORED |= {name.replace(".L", ".R"): known.replace("Left", "Right") for name, known in SCORED.items()}


def errors(case: Path, found: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]) -> list[float]:
    """The joints' distances from the known ones, as shares of the body's size."""
    data = np.load(case)
    known = dict(zip(map(str, data["jn"]), data["jp"], strict=True))
    size = np.linalg.norm(np.ptp(np.array([known[name] for name in SCORED.values()]), axis=0))
    return [float(np.linalg.norm(found[name] - known[other]) / size) for name, other in SCORED.items()]


@needs_data
def test_humans() -> None:
    found = []
    for case in sorted((DATA / "humans").glob("*.npz")):
        data = np.load(case)
        found.append(errors(case, find_joints(data["v"], data["f"])))
    assert np.mean(found) < 0.03
    assert np.mean(np.array(found) < 0.05) > 0.9


@needs_data
def test_mhr_in_any_order() -> None:
    random = np.random.default_rng(0)
    for case in sorted((DATA / "mhr").glob("*.npz")):
        data = np.load(case)
        vertices, faces = data["v"].astype(float), data["f"].astype(np.int64)
        known = find_mhr_joints(vertices, faces)
        assert known is not None
        assert np.mean(errors(case, dict(zip(JOINTS, known, strict=True)))) < 0.015
        order = random.permutation(len(vertices))
        shuffled = find_mhr_joints(vertices[order], random.permutation(np.argsort(order)[faces]))
        assert shuffled is not None
        assert np.allclose(shuffled, known)
        assert find_mhr_joints(vertices, faces[:-1000, [0, 2, 1]]) is not None
        assert find_mhr_joints(vertices[:-1], faces[:-6]) is None


@needs_data
def test_mhr_by_its_surface() -> None:
    """As where a service has changed the mesh."""
    for case in sorted((DATA / "mhr").glob("*.npz")):
        data = np.load(case)
        vertices, faces = data["v"].astype(float), data["f"].astype(np.int64)[1:]
        order = np.random.default_rng(0).permutation(len(vertices))
        assert np.mean(errors(case, find_joints(vertices[order], np.argsort(order)[faces]))) < 0.03


@needs_data
@pytest.mark.parametrize("prop", sorted(path.name for path in (DATA / "props").glob("*")))
def test_props_are_refused(prop: str) -> None:
    mesh = trimesh.load(DATA / "props" / prop / "truth.glb", force="mesh")
    assert isinstance(mesh, trimesh.Trimesh)
    with pytest.raises(RigError, match="Choose"):
        find_joints(np.array(mesh.vertices), np.array(mesh.faces))
