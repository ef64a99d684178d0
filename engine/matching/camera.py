# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera of a photo, above level ground.

The photo's frame: z up, the ground is z = 0, the eye at (0, 0, 1) looks along +y, down by the pitch. What a photo shows
tells no scale, so the eye's height is the unit. Pixels: x right, y down, the center of the first at (0.5, 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats

SENSOR = 36.0
"""Millimeters of the sensor's longer edge, by which lenses are told."""
LOWEST_PITCH, HIGHEST_PITCH = radians(-5), radians(75)
SHORTEST_LENS, LONGEST_LENS = 14.0, 200.0
"""Millimeters. Beyond these limits no camera is believed."""
EYE = np.array([0.0, 0.0, 1.0])
LEAST_DEPTH = 1e-6


@dataclass(frozen=True)
class PhotoCamera:
    """A pinhole camera that looks at the middle of a photo.

    width, height: of the photo, and focal: its focal length, in pixels. pitch: how far it looks down, and roll: how far
    its right side is turned up, in radians.
    """

    width: int
    height: int
    focal: float
    pitch: float
    roll: float = 0.0

    @property
    def lens(self) -> float:
        """The focal length in millimeters where the longer edge of the sensor has 36."""
        return self.focal / max(self.width, self.height) * SENSOR

    @property
    def axes(self) -> Floats:
        """The directions (3, 3) to the right, up and forward, as rows."""
        forward = np.array([0.0, cos(self.pitch), -sin(self.pitch)])
        level = np.array([1.0, 0.0, 0.0])
        up = np.array([0.0, sin(self.pitch), cos(self.pitch)])
        c, s = cos(self.roll), sin(self.roll)
        return np.stack([c * level + s * up, c * up - s * level, forward])

    def project(self, points: NDArray[np.floating]) -> tuple[Floats, Floats]:
        """The pixels (N, 2) and the depths (N,) along the view of points (N, 3) of the photo's frame."""
        local = (points - EYE) @ self.axes.T
        depth = local[:, 2]
        scale = self.focal / np.maximum(depth, LEAST_DEPTH)
        return np.stack([self.width / 2 + scale * local[:, 0], self.height / 2 - scale * local[:, 1]], 1), depth

    def rays(self, pixels: NDArray[np.floating]) -> Floats:
        """The directions (N, 3) in which pixels (N, 2) lie from the eye, of length 1 along the view."""
        x = (pixels[:, 0] - self.width / 2) / self.focal
        y = (self.height / 2 - pixels[:, 1]) / self.focal
        return np.stack([x, y, np.ones_like(x)], 1) @ self.axes

    def resized(self, width: int, height: int) -> PhotoCamera:
        """The same for the photo in another size."""
        scale = max(width, height) / max(self.width, self.height)
        return replace(self, width=width, height=height, focal=self.focal * scale)


def focal_of_lens(lens: float, width: int, height: int) -> float:
    """The focal length in pixels of a lens in millimeters (the longer edge of the sensor having 36)."""
    return lens / SENSOR * max(width, height)
