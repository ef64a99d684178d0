# SPDX-License-Identifier: GPL-3.0-or-later
"""The adapters of Meta's models, with stand-ins of their signatures, shapes and axes: poses hold by projection."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from sam3d_server.engines import EngineRequest, Options, Setup
from sam3d_server.engines.joints import bone_name
from sam3d_server.engines.meshes import limit_faces
from sam3d_server.engines.poses import focal_length, project
from sam3d_server.engines.sam3d_body import BodyEngine
from sam3d_server.engines.sam3d_objects import ObjectsEngine
from sam3d_server.errors import JobError, Refused, Stopped
from standins import FOCAL, NAMES, BodyEstimator, ObjectsPipeline, box_faces, tensor

SIZE = (320, 240)
COMPONENTS = {5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class Glb:
    """A GLB's document and arrays."""

    def __init__(self, content: bytes) -> None:
        magic, version, length, size = struct.unpack("<4sIII", content[:16])
        assert (magic, version, length) == (b"glTF", 2, len(content))
        self.document = json.loads(content[20 : 20 + size])
        self.binary = content[28 + size :]

    def array(self, index: int) -> NDArray[Any]:
        accessor = self.document["accessors"][index]
        view = self.document["bufferViews"][accessor["bufferView"]]
        raw = self.binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
        return np.frombuffer(raw, COMPONENTS[accessor["componentType"]]).reshape(
            accessor["count"], WIDTHS[accessor["type"]]
        )

    def attribute(self, name: str) -> NDArray[Any]:
        return self.array(self.document["meshes"][0]["primitives"][0]["attributes"][name])


def quiet(_fraction: float, _stage: str) -> None:
    """Nobody wants to know."""


def filled(outline: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The mask of a box whose corners appear at these pixels."""
    image = Image.new("L", SIZE, 0)
    draw = ImageDraw.Draw(image)
    for face in box_faces():
        draw.polygon([tuple(outline[corner]) for corner in face], fill=255)
    return np.asarray(image) > 0


def photo() -> NDArray[np.uint8]:
    return np.random.default_rng(2).integers(0, 255, (SIZE[1], SIZE[0], 3), np.uint8)


@pytest.fixture
def pipeline() -> ObjectsPipeline:
    return ObjectsPipeline()


@pytest.fixture
def objects(pipeline: ObjectsPipeline) -> ObjectsEngine:
    return ObjectsEngine(Setup(), load=lambda _path: pipeline)


@pytest.mark.parametrize("seed", range(5))
def test_an_object_covers_its_mask(objects: ObjectsEngine, pipeline: ObjectsPipeline, seed: int) -> None:
    mask = filled(pipeline.silhouette(seed, SIZE))
    made = objects.run(EngineRequest(photo(), (mask,), Options(seed=seed)), quiet)
    glb = Glb(made.files["model.glb"])
    pose = made.details["objects"][0]
    focal = made.details["focal_length"]
    assert focal == pytest.approx(FOCAL, rel=1e-4)
    vertices = glb.attribute("POSITION").astype(np.float64)
    seen = filled(project(vertices, np.array(pose["matrix"]), focal, SIZE))
    assert (seen & mask).sum() / (seen | mask).sum() > 0.99
    mirrored = filled(project(vertices * [-1, 1, 1], np.array(pose["matrix"]), focal, SIZE))
    assert (mirrored & mask).sum() / (mirrored | mask).sum() < 0.99  # so the test can fail


def test_masks_share_one_depth(objects: ObjectsEngine, pipeline: ObjectsPipeline) -> None:
    masks = tuple(filled(pipeline.silhouette(seed, SIZE)) for seed in range(3))
    image = photo()
    made = objects.run(EngineRequest(image, masks, Options(seed=9, gaussian=True)), quiet)
    assert list(made.files) == ["model.glb", "model-2.glb", "model-3.glb", "model.ply", "model-2.ply", "model-3.ply"]
    objects.run(EngineRequest(image, masks[:1], Options()), quiet)
    assert pipeline.depths == 1
    assert pipeline.clip_pointmap_beyond_scale == 5.0
    assert [call["seed"] for call in pipeline.calls] == [9, 9, 9, 0]
    assert all((call["alpha"] == mask * 255).all() for call, mask in zip(pipeline.calls, masks, strict=False))
    objects.run(EngineRequest(photo() // 2, (), Options()), quiet)
    assert pipeline.depths == 2
    assert (pipeline.calls[-1]["alpha"] == 255).all()


def test_colors_are_linear(objects: ObjectsEngine) -> None:
    colors = (
        Glb(objects.run(EngineRequest(photo(), (), Options()), quiet).files["model.glb"]).attribute("COLOR_0") / 65535
    )
    assert colors[0] == pytest.approx([0.5029, 0.2159, 0.0513, 1], abs=1e-3)


def test_texture_and_no_mesh(objects: ObjectsEngine, pipeline: ObjectsPipeline) -> None:
    made = objects.run(EngineRequest(photo(), (), Options(texture=True)), quiet)
    assert made.files["model.glb"] == b"glTF textured"
    pipeline.meshless = True
    with pytest.raises(JobError, match="no mesh"):
        objects.run(EngineRequest(photo(), (), Options()), quiet)


def test_stages_and_stop(objects: ObjectsEngine) -> None:
    stages: list[tuple[float, str]] = []

    def report(fraction: float, stage: str) -> None:
        stages.append((fraction, stage))
        if "2 of 2" in stage:
            raise Stopped

    mask = np.ones((SIZE[1], SIZE[0]), np.bool_)
    with pytest.raises(Stopped):
        objects.run(EngineRequest(photo(), (mask, mask), Options()), report)
    assert [stage for _, stage in stages] == [
        "Estimating depth",
        "Finding the shape (1 of 2)",
        "Finding the shape (2 of 2)",
    ]
    assert sorted(stages) == stages


@pytest.mark.parametrize("most", [20, 100, 500, 10**6])
def test_faces_are_limited(most: int) -> None:
    side = 30
    x, y = np.meshgrid(np.linspace(0, 1, side), np.linspace(0, 1, side))
    vertices = np.stack([x, y, np.sin(x * 3) * 0.2], 2).reshape(-1, 3)
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).reshape(-1)
    faces = np.concatenate(
        [np.stack([corner, corner + 1, corner + side], 1), np.stack([corner + 1, corner + side + 1, corner + side], 1)]
    )
    fewer, triangles, colors = limit_faces(vertices, faces, vertices, most)
    assert min(most, len(faces)) * 0.3 < len(triangles) <= most
    assert np.ptp(fewer, axis=0) == pytest.approx([1, 1, 0.2], abs=0.35)
    assert np.abs(colors - fewer).max() < 1e-9  # each vertex has the mean of its own


def test_focal_length_of_nothing() -> None:
    with pytest.raises(ValueError, match="without points"):
        focal_length(np.full((4, 4, 3), np.nan))


@pytest.fixture(scope="module")
def estimator() -> BodyEstimator:
    return BodyEstimator()


@pytest.fixture(scope="module")
def bodies(estimator: BodyEstimator) -> BodyEngine:
    return BodyEngine(Setup(), load=lambda _path: estimator, tensor=tensor)


def skinned(glb: Glb) -> NDArray[np.float64]:
    """The vertices as a viewer of the file sees them: skinned by the pose in the nodes."""
    nodes, skin = glb.document["nodes"], glb.document["skins"][0]
    frames: dict[int, NDArray[np.float64]] = {}

    def visit(index: int, above: NDArray[np.float64]) -> None:
        x, y, z, w = nodes[index]["rotation"]
        local = np.eye(4)
        local[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
        local[:3, 3] = nodes[index]["translation"]
        frames[index] = above @ local
        for child in nodes[index].get("children", []):
            visit(child, frames[index])

    visit(skin["skeleton"], np.eye(4))
    inverse = glb.array(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
    moves = np.array([frames[joint] @ bind for joint, bind in zip(skin["joints"], inverse, strict=True)])
    points = np.column_stack([glb.attribute("POSITION"), np.ones(len(glb.attribute("POSITION")))])
    total = np.zeros((len(points), 4))
    attributes = glb.document["meshes"][0]["primitives"][0]["attributes"]
    for number in range(sum(name.startswith("JOINTS") for name in attributes)):
        joints, shares = glb.attribute(f"JOINTS_{number}"), glb.attribute(f"WEIGHTS_{number}")
        for k in range(4):
            total += shares[:, k, None] * np.einsum("vab,vb->va", moves[joints[:, k]], points)
    return np.asarray(total[:, :3])


def test_bodies_appear_where_the_model_saw_them(bodies: BodyEngine, estimator: BodyEstimator) -> None:
    boxes = ((10.0, 10.0, 100.0, 200.0), (100.0, 10.0, 400.0, 200.0))
    made = bodies.run(EngineRequest(photo(), (), Options(boxes=boxes)), quiet)
    assert list(made.files) == ["model.glb", "model-2.glb"]
    truth = estimator.process_one_image(photo(), bboxes=np.array(boxes, np.float32))
    for name, details, person in zip(made.files, made.details["people"], truth, strict=True):
        glb = Glb(made.files[name])
        seen = project(skinned(glb), np.array(details["matrix"]), details["focal_length"], SIZE)
        assert np.abs(seen - person["seen_at"]).max() < 0.05  # pixels
        joints = np.array([details["joints"][joint] for joint in NAMES[:70]])
        placed = project(joints, np.array(details["matrix"]), details["focal_length"], SIZE)
        assert np.abs(placed - details["keypoints"]).max() < 0.05


def test_a_body_rests_in_the_models_rest_pose(bodies: BodyEngine, estimator: BodyEstimator) -> None:
    glb = Glb(bodies.run(EngineRequest(photo(), (), Options()), quiet).files["model.glb"])
    assert np.abs(glb.attribute("POSITION") - estimator.rig.rest / 100).max() < 1e-4
    names = {glb.document["nodes"][joint]["name"] for joint in glb.document["skins"][0]["joints"]}
    sided = ("shoulder", "upper_arm", "forearm", "hand", "thigh", "shin", "foot", "toe")
    assert {"hips", "spine", "chest", "neck", "head"} | {f"{name}.{side}" for name in sided for side in "LR"} <= names
    assert np.abs(skinned(glb) - glb.attribute("POSITION")).max() > 0.1  # the photo's pose is another


def test_masks_make_boxes(bodies: BodyEngine, estimator: BodyEstimator) -> None:
    mask = np.zeros((SIZE[1], SIZE[0]), np.bool_)
    mask[20:100, 30:60] = True
    bodies.run(EngineRequest(photo(), (mask, ~mask), Options()), quiet)
    boxes, masks = estimator.calls[-1]
    assert boxes.tolist() == [[30, 20, 60, 100], [0, 0, *SIZE]]
    assert masks.dtype == np.uint8
    with pytest.raises(Refused, match="as many boxes as masks"):
        bodies.run(EngineRequest(photo(), (mask,), Options(boxes=((0, 0, 9, 9), (0, 0, 9, 9)))), quiet)
    with pytest.raises(Refused, match="A box is empty"):
        bodies.run(EngineRequest(photo(), (), Options(boxes=((900, 0, 999, 9),))), quiet)


def test_names_of_bones() -> None:
    assert bone_name("l_uparm") == "upper_arm.L"
    assert bone_name("r_ball") == "toe.R"
    assert bone_name("root") == "hips"
    assert bone_name("r_index1") == "r_index1"
    assert bone_name("c_jaw") == "c_jaw"
