# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for Meta's models: the signatures, shapes, dtypes and axes of the real ones, and simple things inside.

`server/tools/check_standins.py` compares them with Meta's own sources.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sam3d_engine.arrays import Floats

FOCAL = 700.0
VERTICES, FACES, JOINTS = 18_439, 36_874, 127


class Tensor:
    """As much of a torch tensor as the engines use."""

    device = "cuda"

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> NDArray[Any]:
        return self.array

    def permute(self, *order: int) -> Tensor:
        return Tensor(self.array.transpose(order))


def tensor(array: NDArray[np.float32], like: Any) -> Tensor:
    """For `BodyEngine`."""
    assert array.dtype == np.float32
    assert like.device == "cuda"
    return Tensor(array)


# SAM 3D Objects


class Splats:
    """Gaussian splats."""

    def save_ply(self, path: str) -> None:
        with open(path, "wb") as stream:  # noqa: PTH123
            stream.write(b"ply\n")


class Mesh:
    """As much of trimesh's mesh as is used: y up, sRGB bytes as colors."""

    def __init__(self, vertices: Floats, faces: NDArray[np.int64]) -> None:
        self.vertices, self.faces = vertices, faces
        colors = np.full((len(vertices), 4), [188, 128, 64, 255], np.uint8)
        self.visual = SimpleNamespace(vertex_colors=colors)

    def export(self, file_type: str) -> bytes:
        assert file_type == "glb"
        return b"glTF textured"


class ObjectsPipeline:
    """Reconstructs every mask as the same uneven box, with a pose of its own."""

    clip_pointmap_beyond_scale = 5.0

    def __init__(self) -> None:
        self.depths = 0
        self.calls: list[dict[str, Any]] = []
        self.meshless = False

    def compute_pointmap(self, image: NDArray[np.uint8], pointmap: Any = None) -> dict[str, Any]:
        """The photo's points in PyTorch3D's camera, (3, H, W): x left, y up, z forward."""
        assert image.dtype == np.uint8
        assert image.shape[2] == 4
        assert pointmap is None
        assert self.clip_pointmap_beyond_scale is None
        self.depths += 1
        height, width = image.shape[:2]
        x, y = np.meshgrid(np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5 - height / 2)
        depth = 3.0 + np.sin(x / 9) * 0.2
        points = np.stack([-x * depth / FOCAL, -y * depth / FOCAL, depth]).astype(np.float32)
        points[:, 0, 0] = np.nan
        return {"pointmap": Tensor(points), "pts_color": Tensor(image), "intrinsics": Tensor(np.eye(3))}

    def sample_sparse_structure(self) -> None:
        """A step."""

    def run(  # noqa: PLR0917 - as Meta has it
        self,
        image: Any,
        mask: Any = None,
        seed: int | None = None,
        stage1_only: bool = False,
        with_mesh_postprocess: bool = True,
        with_texture_baking: bool = True,
        with_layout_postprocess: bool = False,
        use_vertex_color: bool = False,
        stage1_inference_steps: int | None = None,
        stage2_inference_steps: int | None = None,
        use_stage1_distillation: bool = False,
        use_stage2_distillation: bool = False,
        pointmap: Any = None,
        decode_formats: Any = None,
        estimate_plane: bool = False,
        steps_prefix: str | None = None,
        guidance: Any = None,
    ) -> dict[str, Any]:
        assert image.dtype == np.uint8
        assert image.shape[2] == 4
        assert set(np.unique(image[..., 3])) <= {0, 255}
        assert mask is None
        assert pointmap.numpy().shape == (*image.shape[:2], 3)
        assert with_mesh_postprocess == with_texture_baking == (not use_vertex_color)
        self.calls.append({"alpha": image[..., 3], "seed": seed})
        self.sample_sparse_structure()
        generator = np.random.default_rng(seed)
        quaternion = generator.normal(size=4)
        quaternion /= np.linalg.norm(quaternion)
        canonical = box()
        translation = np.array([0.3, -0.2, 4.0])
        scale = np.full(3, 0.8)
        return {
            "glb": None if self.meshless else Mesh(canonical @ [[1, 0, 0], [0, 0, -1], [0, 1, 0]], box_faces()),
            "gs": Splats(),
            "rotation": Tensor(quaternion[None].astype(np.float32)),
            "translation": Tensor(translation[None].astype(np.float32)),
            "scale": Tensor(scale[None].astype(np.float32)),
            "pointmap": pointmap,
        }

    def silhouette(self, seed: int, size: tuple[int, int]) -> Floats:
        """Where the box appears in a photo of (width, height), by PyTorch3D's conventions alone: pixels (N, 2)."""
        quaternion = np.random.default_rng(seed).normal(size=4)
        w, x, y, z = quaternion / np.linalg.norm(quaternion)
        turn = np.array(
            [
                [w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z],
            ]
        )
        points = 0.8 * box() @ turn + [0.3, -0.2, 4.0]
        return np.asarray([size[0] / 2, size[1] / 2] - FOCAL * points[:, :2] / points[:, 2:])


def box() -> Floats:
    """Corners of an uneven box in SAM 3D Objects' own frame, z up."""
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.3, 0.3) for z in (-0.2, 0.2)])
    corners[7] += 0.1  # no symmetry hides a wrong axis
    return corners


def box_faces() -> NDArray[np.int64]:
    return np.array(
        [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
         [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
    )  # fmt: skip


# SAM 3D Body

NAMES = ["body_world", "root", "l_upleg", "l_lowleg", "l_foot", "l_ball", "r_upleg", "r_lowleg", "r_foot", "r_ball"]
NAMES += ["c_spine0", "c_spine1", "c_spine2", "c_spine3", "r_clavicle", "r_uparm", "r_lowarm", "r_wrist", "l_clavicle"]
NAMES += ["l_uparm", "l_lowarm", "l_wrist", "c_neck", "c_head", "c_head_null"]
PARENTS = [-1, 0, 1, 2, 3, 4, 1, 6, 7, 8, 1, 10, 11, 12, 13, 14, 15, 16, 13, 18, 19, 20, 13, 22, 23]
NAMES += [f"l_finger{n}" for n in range(JOINTS - len(NAMES))]
PARENTS += [21] * (JOINTS - len(PARENTS))


class Rig:
    """A stand-in for the Momentum Human Rig as TorchScript: y up, centimeters; a parameter turns a joint about z."""

    def __init__(self) -> None:
        random = np.random.default_rng(5)
        self.offsets = random.normal(0, 12, (JOINTS, 3))
        self.offsets[:2] = [[0, 0, 0], [0, 92.4, 0]]
        place = np.array([self._frames(np.zeros(204))[j][:3, 3] for j in range(JOINTS)])
        follows = random.integers(1, JOINTS, (VERTICES, 5))
        shares = random.random((VERTICES, 5)) + 0.1
        shares[: VERTICES // 2, 1:] = 0
        self.weights = np.zeros((VERTICES, JOINTS))
        np.add.at(self.weights, (np.arange(VERTICES)[:, None], follows), shares)
        self.weights /= self.weights.sum(1, keepdims=True)
        self.rest = place[follows[:, 0]] + random.normal(0, 4, (VERTICES, 3))
        vertex, joint = np.nonzero(self.weights)
        self.character_torch = SimpleNamespace(
            skeleton=SimpleNamespace(joint_names=NAMES, joint_parents=Tensor(np.array(PARENTS, np.int32))),
            linear_blend_skinning=SimpleNamespace(
                vert_indices_flattened=Tensor(vertex.astype(np.int64)),
                skin_indices_flattened=Tensor(joint.astype(np.int64)),
                skin_weights_flattened=Tensor(self.weights[vertex, joint].astype(np.float32)),
            ),
        )

    def __call__(self, shape: Tensor, parameters: Tensor, face: Tensor) -> tuple[Tensor, Tensor]:
        assert [part.array.shape for part in (shape, parameters, face)] == [(1, 45), (1, 204), (1, 72)]
        values = parameters.array[0].astype(np.float64)
        rest, frames = self._frames(np.zeros(204)), self._frames(values)
        skin = frames @ np.linalg.inv(rest)
        moved = np.einsum("jab,vb->vja", skin[:, :3, :3], self.rest) + skin[None, :, :3, 3]
        vertices = np.einsum("vj,vja->va", self.weights, moved)
        state = np.zeros((1, JOINTS, 8), np.float32)
        for joint, frame in enumerate(frames):
            half = np.arctan2(frame[1, 0], frame[0, 0]) / 2
            state[0, joint] = [*frame[:3, 3], 0, 0, np.sin(half), np.cos(half), 1]
        return Tensor(vertices[None].astype(np.float32)), Tensor(state)

    def _frames(self, parameters: Floats) -> Floats:
        frames = np.zeros((JOINTS, 4, 4))
        for joint, parent in enumerate(PARENTS):
            angle = parameters[6 + joint] + (parameters[3] if joint == 1 else 0)
            local = np.eye(4)
            local[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
            local[:3, 3] = self.offsets[joint] + (parameters[:3] * 10 if joint == 1 else 0)
            frames[joint] = local if parent < 0 else frames[parent] @ local
        return frames


class BodyEstimator:
    """Finds a person in each box, each in another pose; what is not to be used of the real answers is junk here."""

    def __init__(self) -> None:
        random = np.random.default_rng(6)
        self.rig = Rig()
        self.faces = random.integers(0, VERTICES, (FACES, 3))
        self.faces[0, 0] = VERTICES - 1
        self.model = SimpleNamespace(head_pose=SimpleNamespace(mhr=self.rig, faces=Tensor(self.faces)))
        self.calls: list[tuple[Any, Any]] = []

    def process_one_image(  # noqa: PLR0917 - as Meta has it
        self,
        img: Any,
        bboxes: Any = None,
        masks: Any = None,
        cam_int: Any = None,
        det_cat_id: int = 0,
        bbox_thr: float = 0.5,
        nms_thr: float = 0.3,
        use_mask: bool = False,
        inference_type: str = "full",
    ) -> list[dict[str, Any]]:
        assert img.dtype == np.uint8
        assert img.shape[2] == 3
        assert inference_type == "full"
        assert masks is None or bboxes is not None
        self.calls.append((bboxes, masks))
        height, width = img.shape[:2]
        boxes = np.array([[0, 0, width, height]], np.float32) if bboxes is None else bboxes.reshape(-1, 4)
        if masks is not None:
            masks = masks.reshape(-1, height, width, 1).astype(np.uint8)
            assert len(masks) == len(boxes)
            assert masks.max() == 1
        return [self._person(np.random.default_rng(index), box, width, height) for index, box in enumerate(boxes)]

    def _person(self, random: np.random.Generator, box: Any, width: int, height: int) -> dict[str, Any]:
        parameters = np.zeros(204, np.float32)
        parameters[3] = 0.4
        parameters[6:136] = random.normal(0, 0.3, 130)
        shape, face = np.zeros(45, np.float32), np.zeros(72, np.float32)
        vertices, state = self.rig(*(Tensor(array[None]) for array in (shape, parameters, face)))
        flipped = vertices.array[0] / 100 * [1, -1, -1]
        place = np.array([0.4, 1.1, 5.0], np.float32)
        in_camera = flipped + place
        middle = np.array([width / 2, height / 2])
        keypoints: NDArray[np.float32] = (state.array[0, :70, :3] / 100 * [1, -1, -1]).astype(np.float32)
        return {
            "bbox": np.asarray(box, np.float32),
            "focal_length": np.float32(FOCAL),
            "pred_keypoints_3d": keypoints,
            "pred_keypoints_2d": (FOCAL * (keypoints + place)[:, :2] / (keypoints + place)[:, 2:] + middle).astype(
                np.float32
            ),
            "pred_vertices": flipped.astype(np.float32),
            "pred_cam_t": place,
            "pred_pose_raw": np.zeros(266, np.float32),
            "global_rot": np.zeros(3, np.float32),
            "body_pose_params": np.full(133, 9.0, np.float32),
            "hand_pose_params": np.full(108, 9.0, np.float32),
            "scale_params": np.zeros(28, np.float32),
            "shape_params": shape,
            "expr_params": face,
            "mask": None,
            "pred_joint_coords": (state.array[0, :, :3] / 100 * [1, -1, -1]).astype(np.float32),
            "pred_global_rots": np.full((JOINTS, 3, 3), 9.0, np.float32),
            "mhr_model_params": parameters,
            "lhand_bbox": np.zeros(4),
            "rhand_bbox": np.zeros(4),
            "seen_at": _seen(in_camera, middle),  # for the tests
        }


def _seen(points: NDArray[Any], middle: Floats) -> NDArray[Any]:
    """Where points (N, 3) of OpenCV's camera appear."""
    return np.asarray(FOCAL * points[:, :2] / points[:, 2:] + middle)
