# SPDX-License-Identifier: GPL-3.0-or-later
"""Subjects whose engine has told how it sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import atan2, log

import numpy as np

from ..arrays import Floats
from ..rigging.rotation import turning, unit
from .camera import LEAST_DEPTH, PhotoCamera
from .evidence import CameraGuess, KnownPose, Source
from .models import Model
from .refine import with_values
from .stance import Stance

USUAL_UP = np.array([0.0, np.cos(np.radians(20)), np.sin(np.radians(20))])
"""In the axes of a camera that looks down a little."""
UP = np.array([0.0, 0.0, 1.0])
AXES = np.concatenate([np.eye(3), -np.eye(3)])
LEAST_VOLUME = 1e-15
SPREAD = np.array([0.15, np.radians(4.0), np.radians(3.0)])
"""How far an engine is wrong about ln(focal), pitch and roll."""


def is_sound(pose: KnownPose) -> bool:
    """Whether a pose can be one: its numbers are finite, and it neither flattens nor mirrors."""
    finite = np.isfinite(pose.matrix).all() and np.isfinite(pose.focal)
    return bool(finite and pose.focal > 0 and np.linalg.det(pose.matrix[:3, :3]) > LEAST_VOLUME)


def upright_for_known(model: Model, pose: KnownPose) -> Model:
    """The model turned so that the one of its axes that its engine has seen upright is z."""
    axis = AXES[int((AXES @ _turn(pose).T @ USUAL_UP).argmax())]
    return model if axis[2] == 1 else model.turned(turning(axis, UP))


def stance_of_known(model: Model, pose: KnownPose, camera: PhotoCamera) -> Stance:
    """How a model, upright, stands on the ground of a camera when it is brought upright, covering the same pixels.

    With another focal length than its engine's it keeps the pixel of its base, its size there and its turn as seen.
    """
    linear = _to_photo_frame(camera) @ pose.matrix[:3, :3] @ np.linalg.inv(model.frame)[:3, :3]
    size = float(np.cbrt(max(np.linalg.det(linear), 1e-30)))
    turn = turning(unit(linear[:, 2]), UP) @ linear
    base = pose.matrix @ np.linalg.inv(model.frame)[:, 3]
    depth = max(-float(base[2]), LEAST_DEPTH)
    own = replace(camera, focal=pose.focal * max(camera.width, camera.height))
    pixel = np.array([camera.width / 2, camera.height / 2]) + own.focal / depth * np.array([base[0], -base[1]])
    ray = own.rays(pixel[None])[0]
    yaw = atan2(turn[1, 0] - turn[0, 1], turn[0, 0] + turn[1, 1]) - atan2(-ray[0], ray[1])
    return Stance(np.array([*pixel, log(size * own.focal / depth), yaw, 0.0, 0.0]))


def guesses_of_known(poses: Sequence[KnownPose], usual: CameraGuess) -> list[CameraGuess]:
    """The camera, if any, before which models stand upright as their engine has seen them.

    It counts the less the more certain the guess is that there is without it.
    """
    if not poses:
        return []
    ups = [turn[:, int((USUAL_UP @ turn @ AXES.T).argmax()) % 3] for turn in map(_turn, poses)]
    up = unit(np.sum([np.copysign(1, way @ USUAL_UP) * way for way in ups], axis=0))
    focal = np.exp(np.mean([log(pose.focal) for pose in poses])) * max(usual.camera.width, usual.camera.height)
    values = np.array([log(focal), np.arcsin(up[2]), atan2(up[0], up[1])])
    camera = with_values(usual.camera, values)
    spread = np.diag(SPREAD**2)
    certainty = float(np.linalg.slogdet(usual.spread + np.eye(3) * 1e-10)[1] - np.linalg.slogdet(spread)[1]) / 2
    return [CameraGuess(camera, spread, usual.score + certainty, Source.ENGINE, Source.ENGINE)]


def _turn(pose: KnownPose) -> Floats:
    linear = pose.matrix[:3, :3]
    return np.asarray(linear / np.cbrt(np.linalg.det(linear)))


def _to_photo_frame(camera: PhotoCamera) -> Floats:
    """The rotation (3, 3) from the camera's axes, x right, y up, -z forward."""
    right, up, forward = camera.axes
    return np.stack([right, up, -forward], 1)
