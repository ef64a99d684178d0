# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of the draft engine hand to each other.

The object's frame is that of glTF: y up, x right, +z towards a viewer of the front. The ground is y = 0, the origin
is the middle of the base, and the object's longest side is 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Single


@dataclass(frozen=True)
class Camera:
    """The camera that is taken to have shot the photo.

    projection: (3, 4), takes homogeneous points of the object's frame to homogeneous pixels (x right, y down, the
        center of the first pixel at 0.5, 0.5).
    position: (3,), the eye in the object's frame.
    """

    projection: Floats
    position: Floats

    def project(self, points: NDArray[np.floating]) -> tuple[Floats, Floats]:
        """The pixels (N, 2) and the depths (N,), positive in front of the camera, of the points (N, 3)."""
        homogeneous = points @ self.projection[:, :3].T + self.projection[:, 3]
        return homogeneous[:, :2] / homogeneous[:, 2:], homogeneous[:, 2]


@dataclass(frozen=True)
class Shape:
    """A closed triangle mesh and how it was understood.

    vertices: (V, 3) float32, in the object's frame.
    faces: (F, 3) int32, counter-clockwise seen from outside.
    camera: the camera under which the shape's silhouette is the mask.
    kind: the kind of shape that was assumed, one of `solids.KINDS`.
    mirror: the plane (nx, ny, nz, d), n.x = d, of the bilateral symmetry that was assumed; None without one.
    axis: a point and a direction of the axis of revolution; None for all other kinds.
    bend: takes pixels (N, 2) to how much farther from the eye (N,) what is seen there is than in the body that `mirror`
        is the symmetry of; None where that is the shape.
    """

    vertices: Single
    faces: NDArray[np.int32]
    camera: Camera
    kind: str
    mirror: tuple[float, float, float, float] | None = None
    axis: tuple[Floats, Floats] | None = None
    bend: Callable[[Floats], Floats] | None = None
