# SPDX-License-Identifier: GPL-3.0-or-later
"""Axes and poses: from Meta's conventions to one that is plain.

Everything that leaves the server is in glTF's axes (x right, y up, +z towards the viewer) in the model's own frame,
and a 4 x 4 matrix (column vectors, row after row) takes it into the camera's, where the camera sits at the origin and
looks along -z, as cameras do in glTF and in Blender. A pixel is then (w / 2 + f x / -z, h / 2 - f y / -z).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sam3d_engine.arrays import Floats

GLTF_TO_CANONICAL = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""SAM 3D Objects' own frame has z up; its GLB is (x, z, -y) of that."""
PYTORCH3D_TO_CAMERA = np.diag([-1.0, 1.0, -1.0])
"""PyTorch3D's camera: x left, y up, z forward."""
OPENCV_TO_CAMERA = np.diag([1.0, -1.0, -1.0])
"""SAM 3D Body's camera: x right, y down, z forward."""


def rotation_of(quaternion: Floats) -> Floats:
    """The rotation matrix (3, 3), for column vectors, of a quaternion (4,) with its real part first."""
    w, x, y, z = quaternion / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def object_matrix(quaternion: Floats, translation: Floats, scale: Floats) -> Floats:
    """From a GLB of SAM 3D Objects into the camera's frame (4, 4).

    quaternion (4,) with its real part first, translation (3,), scale (3,) as the model returns them: a point p of its
    own frame, as a row, lies at scale * p @ R + translation in PyTorch3D's camera.
    """
    matrix = np.eye(4)
    turned = rotation_of(quaternion).T @ np.diag(scale)
    matrix[:3, :3] = PYTORCH3D_TO_CAMERA @ turned @ GLTF_TO_CANONICAL
    matrix[:3, 3] = PYTORCH3D_TO_CAMERA @ translation
    return matrix


def body_matrix(translation: Floats) -> Floats:
    """From a body's y-up meters into the camera's frame (4, 4); translation (3,) is the model's pred_cam_t."""
    matrix = np.eye(4)
    matrix[:3, 3] = OPENCV_TO_CAMERA @ translation
    return matrix


def focal_length(points: NDArray[np.floating]) -> float:
    """The focal length in pixels under which a point map (H, W, 3) in PyTorch3D's camera projects onto its own pixels.

    The principal point is the picture's middle; points that are not finite or not in front of the camera do not count.
    Least squares. Raises ValueError where no point counts.
    """
    height, width = points.shape[:2]
    x = np.arange(width) + 0.5 - width / 2
    y = np.arange(height) + 0.5 - height / 2
    known = np.isfinite(points).all(2) & (points[..., 2] > 1e-6)
    if not known.any():
        raise ValueError("a point map without points")
    ways = (-points[known][:, :2] / points[known][:, 2:]).astype(np.float64)
    pixels = np.stack(np.meshgrid(x, y), 2)[known]
    return float((ways * pixels).sum() / max(float((ways * ways).sum()), 1e-12))


def project(points: Floats, matrix: Floats, focal: float, size: tuple[int, int]) -> Floats:
    """Where points (N, 3) of a model appear in a photo of `size` (width, height): pixels (N, 2) from the top left."""
    placed = points @ matrix[:3, :3].T + matrix[:3, 3]
    depth = -placed[:, 2:]
    middle = np.array(size) / 2
    return np.asarray(placed[:, :2] / depth * [focal, -focal] + middle)
