# SPDX-License-Identifier: GPL-3.0-or-later
"""How a subject stands, told by what is seen of it: so it changes little when the camera does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import atan2, cos, exp, log, sin

import numpy as np

from ..arrays import Floats
from ..rigging.rotation import rotation
from .camera import LEAST_DEPTH, PhotoCamera
from .evidence import Placed
from .models import Model, base_of

LEAST_DROP = 0.02
"""How far at least a ray to the ground goes down on its way of 1: what stands at the horizon is not put at infinity."""


@dataclass(frozen=True)
class Stance:
    """What is seen of a subject that stands at a height.

    values (6,): the pixel x, y of the middle of its base, ln of its longest side in pixels at that depth, its turn
    about z next to the view of it, and two small turns about its own x and y, in radians.
    """

    values: Floats
    height: float = 0.0

    def base(self, camera: PhotoCamera) -> tuple[Floats, float]:
        """Where the middle of the base (3,) is, and its depth."""
        ray = camera.rays(self.values[None, :2])[0]
        depth = (1 - self.height) / max(-ray[2], LEAST_DROP)
        return np.array([ray[0] * depth, ray[1] * depth, self.height]), depth

    def parts(self, camera: PhotoCamera) -> tuple[Floats, float, float]:
        """The middle of the base (3,), the longest side and the turn about z."""
        base, depth = self.base(camera)
        return base, exp(self.values[2]) * depth / camera.focal, self.values[3] + atan2(-base[0], base[1])

    def world(self, camera: PhotoCamera, points: Floats, model: Model) -> Floats:
        """Points (N, 3) of the model in the photo's frame."""
        base, size, yaw = self.parts(camera)
        if self.values[4:].any():
            tilt = rotation(np.append(self.values[4:], 0.0))
            points = points @ tilt.T - base_of(model.hull @ tilt.T)
        return points @ (size * about_z(yaw).T) + base

    def seen(self, camera: PhotoCamera, points: Floats, model: Model) -> tuple[Floats, Floats]:
        """The pixels (N, 2) and depths (N,) of points (N, 3) of the model."""
        return camera.project(self.world(camera, points, model))

    def placed(self, camera: PhotoCamera, model: Model, overlap: float, stands_on: str = "") -> Placed:
        """The place in the photo's frame, of the model as its file has it."""
        base, size, yaw = self.parts(camera)
        tilt = rotation(np.append(self.values[4:], 0.0))
        upright = np.eye(4)
        upright[:3, :3] = tilt
        upright[:3, 3] = -base_of(model.hull @ tilt.T)
        put = np.eye(4)
        put[:3, :3] = size * about_z(yaw)
        put[:3, 3] = base
        x, y, z = base.tolist()
        return Placed(put @ upright @ model.frame, yaw, overlap, stands_on, (x, y, z))


def about_z(angle: float) -> Floats:
    """The rotation (3, 3) about z."""
    c, s = cos(angle), sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def carried_over(placed: Placed, old: PhotoCamera, new: PhotoCamera) -> Placed:
    """The place of a subject seen as before when the camera turns out to be another.

    The middle of its base keeps its pixel, the subject its size in the photo and its turn as it is seen.
    """
    base = placed.matrix[:3, 3] if placed.base is None else np.array(placed.base)
    pixel, depth = old.project(base[None])
    size = log(old.focal / max(float(depth[0]), LEAST_DEPTH))
    stance = Stance(np.array([*pixel[0], size, atan2(base[0], base[1]), 0.0, 0.0]), float(base[2]))
    there, growth, turn = stance.parts(new)
    change = np.eye(4)
    change[:3, :3] = growth * about_z(turn)
    change[:3, 3] = there - change[:3, :3] @ base
    x, y, z = there.tolist()
    return replace(placed, matrix=change @ placed.matrix, yaw=placed.yaw + turn, base=(x, y, z))
