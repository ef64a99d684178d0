# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera from lines that the artist has drawn over the photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, hypot, sqrt

import numpy as np

from .camera import PhotoCamera

Point = tuple[float, float]


class GuideError(Exception):
    """The guides contradict each other; `str(error)` is a sentence for the artist."""


@dataclass(frozen=True)
class Guide:
    """A line on the photo along an edge, in pixels. axis: X, Y or HORIZON."""

    axis: str
    start: Point
    end: Point


def camera_from_guides(
    width: int, height: int, guides: Sequence[Guide], guess: PhotoCamera, focal: float | None
) -> PhotoCamera:
    """The camera. Raises GuideError."""
    found = [vanishing_point(width, height, [one for one in guides if one.axis == axis]) for axis in "XY"]
    known = [point for point in found if point is not None]
    focal_known = focal or guess.focal
    if len(known) == 2:
        (a, b) = (point[:2] / point[2] for point in known)
        if focal is None:
            square = -float(a @ b)
            if square <= 0:
                raise GuideError("The guides contradict each other.")
            focal_known = sqrt(square)
        x, y = b - a
        roll = -atan2(y, x) if x > 0 else -atan2(-y, -x)
        distance = float(np.array([-y, x]) @ a) / hypot(x, y) * (1 if x > 0 else -1)
        return PhotoCamera(width, height, focal_known, atan2(distance, focal_known), roll)
    return PhotoCamera(width, height, focal_known, guess.pitch, guess.roll)


def vanishing_point(width: int, height: int, guides: Sequence[Guide]) -> np.ndarray | None:
    """Where two guides meet, from the middle of the photo, y up, homogeneous; None where there are less than two."""
    if len(guides) < 2:
        return None
    ends = [
        [np.array([x - width / 2, height / 2 - y, 1.0]) for x, y in (guide.start, guide.end)] for guide in guides
    ]
    point = np.cross(np.cross(*ends[0]), np.cross(*ends[1]))
    return point / np.linalg.norm(point)


def usual_camera(width: int, height: int) -> PhotoCamera:
    """The camera of a photo that tells nothing."""
    return PhotoCamera(width, height, 35 / 36 * max(width, height), 0.3)
