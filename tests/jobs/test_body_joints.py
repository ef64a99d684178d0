# SPDX-License-Identifier: GPL-3.0-or-later
"""The joints of the people in a result, found from its file and kept beside it."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sam3d.engine.gltf.triangles import Unreadable, read_surface
from sam3d.jobs.body_joints import make_rig, read_rig, rig_file

HUMANS = Path(__file__).resolve().parents[3] / "shared" / "data" / "humans"
CORNERS = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], np.float32)
FACES = np.array([(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)], np.uint16)


def write_glb(
    path: Path, nodes: list[dict[str, Any]], vertices: NDArray[Any] = CORNERS, faces: NDArray[Any] = FACES
) -> Path:
    """A GLB with one mesh; `nodes` as glTF has them, the first in the scene."""
    binary = vertices.astype("<f4").tobytes() + faces.tobytes()
    binary += b"\0" * (-len(binary) % 4)
    kind = {2: 5123, 4: 5125}[faces.itemsize]
    gltf = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": nodes,
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": len(vertices), "type": "VEC3"},
            {"bufferView": 1, "componentType": kind, "count": faces.size, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": vertices.size * 4},
            {"buffer": 0, "byteOffset": vertices.size * 4, "byteLength": faces.nbytes},
        ],
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(gltf).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(binary)) + struct.pack("<I4s", len(text), b"JSON")
    path.write_bytes(head + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary)
    return path


def test_nodes_put_the_surface_where_it_is(tmp_path: Path) -> None:
    half = 2**-0.5
    nodes: list[dict[str, Any]] = [
        {"children": [1, 2], "translation": [10, 0, 0]},
        {"mesh": 0, "rotation": [0, 0, half, half], "scale": [2, 2, 2]},
        {"mesh": 0, "matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 5, 0, 1]},
    ]
    vertices, faces = read_surface(write_glb(tmp_path / "a.glb", nodes))
    turned = 2 * np.stack([-CORNERS[:, 1], CORNERS[:, 0], CORNERS[:, 2]], 1) + (10, 0, 0)
    moved = CORNERS + np.array((10, 5, 0))
    np.testing.assert_allclose(vertices, np.concatenate([turned, moved]), atol=1e-6)
    np.testing.assert_array_equal(faces, np.concatenate([FACES, FACES.astype(int) + 4]))


@pytest.mark.parametrize(
    "nodes",
    [
        [{"mesh": 0, "skin": 0}],
        [{"children": [0]}],
        [*({"children": [below, below]} for below in range(1, 60)), {"mesh": 0}],
        [{"mesh": 7}],
        [{}],
        [{"mesh": 0, "translation": "far"}],
    ],
    ids=["skinned", "its own child", "many ways to one", "no such mesh", "nothing", "no numbers"],
)
def test_what_cannot_be_read_is_left_to_the_importer(tmp_path: Path, nodes: list[dict[str, Any]]) -> None:
    path = write_glb(tmp_path / "a.glb", nodes)
    with pytest.raises(Unreadable):
        read_surface(path)
    assert make_rig(path) == () and not rig_file(path).exists() and read_rig(path) == []


@pytest.mark.parametrize("length", [0, 11, 40, 300])
def test_a_cut_file_is_unreadable(tmp_path: Path, length: int) -> None:
    path = write_glb(tmp_path / "a.glb", [{"mesh": 0}])
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(Unreadable):
        read_surface(path)


def test_what_is_no_person_is_said_and_arrives_as_it_is(tmp_path: Path) -> None:
    path = write_glb(tmp_path / "a.glb", [{"mesh": 0}])
    (note,) = make_rig(path)
    (person,) = read_rig(path)
    assert person.reason == note and not person.joints


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    path = write_glb(tmp_path / "a.glb", [{"mesh": 0}])
    for text in ("", "{", "[]", '{"people": [{}]}', '{"people": 3}'):
        rig_file(path).write_text(text)
        assert read_rig(path) == []


@pytest.mark.skipif(not HUMANS.is_dir(), reason="needs the human meshes beside the repository, which are not here")
def test_joints_are_kept_beside_the_model(tmp_path: Path) -> None:
    with np.load(HUMANS / "avg_walk.npz") as data:
        vertices, faces = data["v"], data["f"].astype(np.uint32)
    path = write_glb(tmp_path / "a.glb", [{"mesh": 0}], vertices, faces)
    assert make_rig(path) == ()
    (person,) = read_rig(path)
    assert person.joints["head"][1] > person.joints["hips"][1] > person.joints["foot.L"][1]
    np.testing.assert_allclose(person.middle, (vertices.min(0) + vertices.max(0)) / 2, atol=1e-5)
