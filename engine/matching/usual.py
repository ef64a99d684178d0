# SPDX-License-Identifier: GPL-3.0-or-later
"""What cameras are usual, before a photo's lines are looked at: by what its file tells, and by where its ground is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..arrays import Floats
from .camera import HIGHEST_PITCH, LONGEST_LENS, LOWEST_PITCH, SENSOR, SHORTEST_LENS, PhotoCamera

LENS, LENS_SPREAD = float(np.log(35 / SENSOR)), 0.42
"""The logarithm of the focal length in lengths of the photo's longer edge: most lenses have 23 to 53 mm."""
CERTAIN, UNCERTAIN = 0.02, 0.2
"""How far the logarithm of a focal length that a file tells may be off: it is rounded, and focusing changes it."""
PITCH, PITCH_SPREAD = np.radians(17.0), np.radians(10.0)
"""People look down at things that stand on the ground."""
ROLL_SPREAD, LOOSE_ROLL, LOOSE = np.radians(1.2), np.radians(5.0), 0.15
"""Most hold their camera level; some do not care."""
SOFT = 0.01  # radians above the horizon where a thing may seem to stand
OPEN, OPEN_DEPTH = 0.65, 0.05
"""How often ground ends far away, and how far below the horizon in radians it then does."""
ROOM, ROOM_DEPTH = 0.25, 0.5
"""How often it ends at a wall, anywhere above that; else what seems its end is another thing's edge."""
LIMITS = np.array(
    [
        [np.log(SHORTEST_LENS / SENSOR), LOWEST_PITCH, np.radians(-30.0)],
        [np.log(LONGEST_LENS / SENSOR), HIGHEST_PITCH, np.radians(30.0)],
    ]
)
NOTHING = np.zeros((0, 2))


@dataclass(frozen=True)
class Usual:
    """The density of cameras, told as the logarithm of the focal length in longer edges, pitch and roll.

    mean, spread: (3,) of a normal distribution. feet: (N, 2) where things stand, and edge: (M, 2) where the ground
    seems to end, in longer edges from the photo's middle, x right and y up.
    """

    mean: Floats
    spread: Floats
    feet: Floats = field(default_factory=NOTHING.copy)
    edge: Floats = field(default_factory=NOTHING.copy)

    @classmethod
    def of(cls, focal: float | None, is_certain: bool, feet: Floats = NOTHING, edge: Floats = NOTHING) -> Usual:
        """Where a photo's file tells a focal length, in longer edges, or none."""
        lens, spread = LENS, LENS_SPREAD
        if focal is not None and is_certain:
            lens, spread = float(np.log(focal)), CERTAIN
        elif focal is not None:
            share = UNCERTAIN**2 / (UNCERTAIN**2 + LENS_SPREAD**2)
            lens, spread = share * LENS + (1 - share) * float(np.log(focal)), UNCERTAIN
        mean = np.clip(np.array([lens, PITCH, 0.0]), *LIMITS)
        return cls(mean, np.array([spread, PITCH_SPREAD, ROLL_SPREAD]), feet, edge)

    def focals(self, grid: Floats) -> Floats:
        """Those that are worth trying of some focal lengths."""
        near = np.abs(np.log(grid) - self.mean[0]) < 3 * self.spread[0]
        return grid[near] if near.sum() > 1 else np.exp(self.mean[:1])

    def within(self, camera: Floats) -> Floats:
        """The nearest camera (3 or more,) within the limits."""
        return np.concatenate([np.clip(camera[:3], *LIMITS), camera[3:]])

    def log_density(self, cameras: Floats) -> Floats:
        """The logarithm (N,) of the density of cameras (N, 3)."""
        off = (cameras - self.mean) / self.spread
        roll = np.exp(-0.5 * off[:, 2] ** 2) * (1 - LOOSE)
        roll += np.exp(-0.5 * (cameras[:, 2] / LOOSE_ROLL) ** 2) * LOOSE * ROLL_SPREAD / LOOSE_ROLL
        outside = np.maximum(LIMITS[0] - cameras, 0) + np.maximum(cameras - LIMITS[1], 0)
        density = np.log(roll) - 0.5 * np.square(off[:, :2]).sum(1) - 1e4 * outside.sum(1)
        density -= np.logaddexp(0, heights(self.feet, cameras) / SOFT).sum(1)
        depth = -heights(self.edge, cameras)
        far = OPEN / OPEN_DEPTH * np.exp(-np.maximum(depth, 0) / OPEN_DEPTH)
        below = 1 / (1 + np.exp(np.clip(-depth / SOFT, -50, 50)))
        density += np.log((far + ROOM / ROOM_DEPTH) * below + 1 - OPEN - ROOM).mean(1) if len(self.edge) else 0.0
        return np.asarray(density)


def heights(points: Floats, cameras: Floats) -> Floats:
    """The sines (N, M) of the heights above the horizon of points (M, 2) that cameras (N, 3) see, as Usual has them."""
    focal, pitch, roll = np.exp(cameras[:, :1]), cameras[:, 1:2], cameras[:, 2:3]
    up = (points[:, 0] * np.sin(roll) + points[:, 1] * np.cos(roll)) * np.cos(pitch) - focal * np.sin(pitch)
    return np.asarray(up / np.sqrt(np.square(points).sum(1) + focal**2))


def usual_camera(width: int, height: int) -> PhotoCamera:
    """The likeliest camera of a photo that tells nothing."""
    return PhotoCamera(width, height, float(np.exp(LENS)) * max(width, height), float(PITCH))
