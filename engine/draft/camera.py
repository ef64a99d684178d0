# SPDX-License-Identifier: GPL-3.0-or-later
"""How a camera sees an object.

Where a photo's camera is not known: most photos of props are taken from a little above and from an angle, so that is
assumed. Shapes are worked out in the eye's frame: the object's axes (y up, x right, +z towards a viewer of the
front) with the eye at the origin. The scale is free there; `place` puts the shape into the object's frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats
from ..matching.camera import PhotoCamera
from ..matching.evidence import KnownPose
from .posed_shape import Camera

LENS = 50 / 36  # focal length of a normal lens, in widths of the sensor
PITCH = 15.0  # degrees that the camera looks down
LOWEST_EYE = 0.01  # of the longest side, above an object's base: from below that, the base tells no scale
FROM_Z_UP = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
YAW = 30.0  # degrees by which the camera stands to the right of the object's front


@dataclass(frozen=True)
class View:
    """A camera at the origin of the eye's frame.

    axes: (3, 3), its rows the camera's right, up and forward directions.
    focal: focal length in pixels.
    center: (2,) the pixel that the camera looks at.
    """

    axes: Floats
    focal: float
    center: Floats

    def project(self, points: NDArray[np.floating]) -> tuple[Floats, Floats]:
        """The pixels (N, 2) and depths (N,) of points (N, 3)."""
        local = points @ self.axes.T
        depth = np.maximum(local[:, 2], 1e-6)
        x = self.center[0] + self.focal * local[:, 0] / depth
        y = self.center[1] - self.focal * local[:, 1] / depth
        return np.stack([x, y], 1), depth

    def rays(self, pixels: Floats) -> Floats:
        """The points (N, 3) at depth 1 behind pixels (N, 2)."""
        x, y = ((pixels - self.center) / self.focal).T
        return np.stack([x, -y, np.ones_like(x)], 1) @ self.axes

    def matrix(self) -> Floats:
        """The (3, 3) matrix that takes points to homogeneous pixels."""
        right, up, forward = self.axes
        x = self.focal * right + self.center[0] * forward
        y = -self.focal * up + self.center[1] * forward
        return np.stack([x, y, forward])


def usual_camera(width: int, height: int) -> PhotoCamera:
    """The camera that a photo of that size in pixels is taken to come from."""
    return PhotoCamera(width, height, LENS * max(width, height), radians(PITCH))


def look(camera: PhotoCamera, yaw: float = YAW) -> View:
    """The view of a level camera that looks at an object from `yaw` degrees to the right of its front."""
    a, b = radians(yaw), camera.pitch
    forward = np.array([-sin(a) * cos(b), -sin(b), -cos(a) * cos(b)])
    right = np.array([cos(a), 0.0, -sin(a)])
    return View(
        np.stack([right, np.cross(right, forward), forward]),
        camera.focal,
        np.array([camera.width / 2, camera.height / 2]),
    )


def place(vertices: Floats, view: View) -> tuple[Floats, Camera, Floats, float]:
    """Vertices (V, 3) of the eye's frame brought into the object's frame, and the camera there.

    Also gives the origin (3,) of the object's frame in the eye's frame and the scale s: new = s (old - origin).
    """
    low, high = vertices.min(0), vertices.max(0)
    origin = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    scale = float(1 / (high - low).max())
    matrix = view.matrix()
    projection = np.column_stack([matrix / scale, matrix @ origin])
    return (vertices - origin) * scale, Camera(projection, -origin * scale), origin, scale


def known_pose(seen: Camera, camera: PhotoCamera, turn: Floats, photo: PhotoCamera) -> KnownPose:
    """Where a model stands that `seen` sees: a level camera whose turn (3, 3) leads to the axes of the photo's.

    The unit is the height of the eye above the model's base, or the model's longest side where the eye is not above it.
    """
    lens = np.array([[1, 0, -camera.width / 2], [0, -1, camera.height / 2], [0, 0, camera.focal]]) / camera.focal
    matrix = np.eye(4)
    matrix[:3] = np.diag([1.0, 1.0, -1.0]) @ turn @ lens @ seen.projection @ FROM_Z_UP
    matrix[:3] *= np.cbrt(1 / abs(np.linalg.det(matrix[:3, :3])))
    if seen.position[1] > LOWEST_EYE:
        matrix[:3] /= seen.position[1]
    return KnownPose(matrix, photo.focal / max(photo.width, photo.height))
