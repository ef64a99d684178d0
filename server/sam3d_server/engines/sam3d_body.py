# SPDX-License-Identifier: GPL-3.0-or-later
"""Meta's SAM 3D Body: from a photo to people, each with the skeleton and the weights of the model itself.

The estimator is used as it is at the commit that docs/server.md names. Of its answers only `mhr_model_params` is
believed for the pose: its rotations are in other axes than its points, and those of the fingers are from before the
hands were refined, as are the hands in `body_pose_params`. So the body is made anew from these parameters, once in the
photo's pose and once at rest.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sam3d_engine.arrays import Floats

from ..errors import Refused
from .base import BODY, EngineRequest, EngineResult, Report, Setup
from .joints import bone_name
from .meshes import Skeleton, skinned_glb
from .poses import body_matrix, rotation_of

POSE = slice(0, 136)
"""The part of `mhr_model_params` that is place, direction and pose; behind it are the lengths of the bones."""
CM = 0.01
FLIP = np.array([1.0, -1.0, -1.0])
"""The estimator's points have y down and z forward; the model's own, and glTF's, y up."""


def load_estimator(checkpoint: Path) -> Any:
    """The estimator of a `model.ckpt`, on the GPU."""
    os.environ["MOMENTUM_ENABLED"] = (
        "0"  # any value: it makes the package use the model's file, which holds the weights
    )
    from sam_3d_body import SAM3DBodyEstimator, load_sam_3d_body

    model, settings = load_sam_3d_body(
        str(checkpoint), device="cuda", mhr_path=str(checkpoint.parent / "assets" / "mhr_model.pt")
    )
    return SAM3DBodyEstimator(model, settings)


def to_tensor(array: NDArray[np.float32], like: Any) -> Any:
    """An array as a tensor on the device of another."""
    import torch

    return torch.from_numpy(array).to(like.device)


class BodyEngine:
    """The loaded estimator."""

    def __init__(
        self,
        setup: Setup,
        load: Callable[[Path], Any] = load_estimator,
        tensor: Callable[[NDArray[np.float32], Any], Any] = to_tensor,
    ) -> None:
        """May take minutes, and gigabytes of the GPU."""
        self._estimator, self._tensor = load(Path(setup.body_checkpoint)), tensor
        self._mhr = self._estimator.model.head_pose.mhr
        character = self._mhr.character_torch
        self._faces = np.asarray(self._estimator.faces, np.int64)
        self._names = [str(name) for name in character.skeleton.joint_names]
        self._parents = [int(parent) for parent in _array(character.skeleton.joint_parents)]
        self._weights = _weights(character.linear_blend_skinning, self._faces.max() + 1, len(self._names))

    def run(self, order: EngineRequest, report: Report) -> EngineResult:
        """One skinned GLB for each mask or box; without either the whole photo is one person. See `Engine.run`."""
        image, options = np.ascontiguousarray(order.image[..., :3]), order.options
        boxes, masks = _places(order)
        report(0.1, "Finding the pose")
        people = self._estimator.process_one_image(image, bboxes=boxes, masks=masks, inference_type="full")
        if not people:
            raise Refused("Nobody was found in the photo: draw a mask for each person.")
        files: dict[str, bytes] = {}
        told = []
        for index, person in enumerate(people):
            report(0.7 + 0.3 * index / len(people), "Making the skeleton")
            glb, details = self._person(person)
            files[f"model-{index + 1}.glb" if index else "model.glb"] = glb
            told.append(details)
        size = [image.shape[1], image.shape[0]]
        notes = ["A body keeps its faces: its skeleton fits them alone."] if options.faces else []
        return EngineResult(files, {"engine": BODY, "size": size, "people": told, "notes": notes})

    def _person(self, person: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
        parameters = np.asarray(person["mhr_model_params"], np.float32)
        rest = parameters.copy()
        rest[POSE] = 0
        shape, face = (np.asarray(person[name], np.float32) for name in ("shape_params", "expr_params"))
        _, posed_frames = self._body(shape, parameters, face)
        vertices, rest_frames = self._body(shape, rest, face)
        skeleton = Skeleton([bone_name(name) for name in self._names], self._parents, rest_frames, posed_frames)
        glb = skinned_glb(vertices, self._faces, self._weights, skeleton, "person")
        joints = {name: frame[:3, 3].tolist() for name, frame in zip(self._names, posed_frames, strict=True)}
        return glb, {
            "focal_length": float(person["focal_length"]),
            "matrix": body_matrix(np.asarray(person["pred_cam_t"], np.float64)).tolist(),
            "box": np.asarray(person["bbox"], np.float64).tolist(),
            "keypoints": np.asarray(person["pred_keypoints_2d"], np.float64).tolist(),
            "keypoints_3d": (np.asarray(person["pred_keypoints_3d"], np.float64) * FLIP).tolist(),
            "joints": joints,
        }

    def _body(self, *inputs: NDArray[np.float32]) -> tuple[Floats, Floats]:
        """Vertices (V, 3) and the joints' frames (J, 4, 4), y up, in meters, of shape, parameters and face."""
        like = self._estimator.model.head_pose.faces
        vertices, state = self._mhr(*(self._tensor(array[None], like) for array in inputs))
        rows = _array(state)[0].astype(np.float64)  # place in cm, quaternion with its real part last, scale
        frames = np.tile(np.eye(4), (len(rows), 1, 1))
        frames[:, :3, 3] = rows[:, :3] * CM
        frames[:, :3, :3] = [rotation_of(np.roll(row[3:7], 1)) for row in rows]
        return _array(vertices)[0].astype(np.float64) * CM, frames


def _places(order: EngineRequest) -> tuple[NDArray[np.float32] | None, NDArray[np.uint8] | None]:
    """Boxes (N, 4) and masks (N, H, W) of 0 and 1, as the estimator takes them: masks only with boxes."""
    height, width = order.image.shape[:2]
    masks, boxes = order.masks, order.options.boxes
    if masks and boxes and len(masks) != len(boxes):
        raise Refused("There are not as many boxes as masks: give both for each person, or only one of them.")
    if not masks and not boxes:
        return None, None
    if not boxes:
        return np.array([_bounds(mask) for mask in masks], np.float32), np.array(masks, np.uint8)
    clipped = np.clip(np.array(boxes, np.float32), 0, [width, height, width, height])
    if (clipped[:, 2:] - clipped[:, :2] < 1).any():
        raise Refused("A box is empty or outside the photo: draw it anew.")
    return clipped, np.array(masks, np.uint8) if masks else None


def _bounds(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _weights(skinning: Any, vertices: int, joints: int) -> Floats:
    """How much each vertex follows each joint, (V, J); rows sum to 1."""
    weights = np.zeros((vertices, joints))
    place = (
        _array(skinning.vert_indices_flattened).astype(np.int64),
        _array(skinning.skin_indices_flattened).astype(np.int64),
    )
    np.add.at(weights, place, _array(skinning.skin_weights_flattened).astype(np.float64))
    return np.asarray(weights / weights.sum(1, keepdims=True))


def _array(tensor: Any) -> NDArray[Any]:
    return np.asarray(tensor.detach().cpu().numpy())
