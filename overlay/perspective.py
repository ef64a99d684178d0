# SPDX-License-Identifier: GPL-3.0-or-later
"""What guides tell of a photo's perspective: where those of one axis meet, and where level ground ends."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..engine.arrays import Floats
from ..engine.matching.camera import PhotoCamera
from ..engine.matching.guides import Guide, GuideError, camera_from_guides
from ..engine.matching.usual import usual_camera
from ..match_properties import turned_guides
from ..photos.orientation import Point, Size, inverse, turned_place, upright_size
from ..properties import SAM3D_PG_settings
from ..scene.photo_camera import seen_by

LINE, DASHED, FAINT, HANDLE = range(4)
"""Kinds of shapes."""
SHAPE = 4 + 4 + 1
"""Numbers of a shape: its ends on the image from 0 to 1 (x, y, x, y), color and opacity, kind."""
PAIR = 2
"""Lines that meet somewhere."""
WHITE = (1.0, 1.0, 1.0)
"""The color of the horizon."""
REACH = 4.0
"""Of the dashes beyond a guide, in longer edges of the photo."""
BESIDE = 0.25
"""How far the horizon is drawn beyond the photo, on each side, in widths of the photo."""
BEYOND_SIGHT = 1e-9
"""A place of which the third number is smaller, where the others are 1 together, is nowhere near."""
Color = tuple[float, float, float]


class Perspective(NamedTuple):
    """What is known of a photo's perspective, which has that `size` as Blender shows it.

    `guides` are as Blender shows it, too; `orientation` turns it upright. The upright photo's `camera` is as it is now,
    if there is one; `focal` is the focal length that the artist has told, in pixels.
    """

    size: Size
    orientation: int
    guides: tuple[Guide, ...]
    camera: PhotoCamera | None
    focal: float | None


def perspective_of(settings: SAM3D_PG_settings) -> Perspective | None:
    """What is known now of the current photo: read for each draw, for Blender does not tell of every change.

    None where that is nothing.
    """
    match = settings.match
    if match is None or not all(match.shown_size):
        return None
    made = settings.camera_of(match)
    camera = None if made is None else seen_by(made, match.width, match.height)
    return Perspective(match.shown_size, match.orientation, match.shown_guides(), camera, match.known_focal)


@lru_cache(maxsize=4)
def camera_of(seen: Perspective) -> PhotoCamera | None:
    """The camera of the upright photo by its guides; None where they contradict each other or nothing is known."""
    if not seen.guides:
        return seen.camera
    width, height = upright_size(seen.size, seen.orientation)
    guides = [one for one in turned_guides(seen.guides, seen.size, seen.orientation) if _is_line(one)]
    try:
        return camera_from_guides(width, height, guides, seen.camera or usual_camera(width, height), seen.focal)
    except GuideError:
        return None


@lru_cache(maxsize=4)
def horizon(seen: Perspective) -> tuple[Point, Point] | None:
    """The ends of the horizon on the photo as Blender shows it, left and right on the upright one."""
    camera = camera_of(seen)
    if camera is None:
        return None
    right, up, forward = camera.axes[:, 2]  # of the upward direction
    middle, reach = camera.width / 2, camera.width * (0.5 + BESIDE)
    ends = [(middle + x, camera.height / 2 + (camera.focal * forward + x * right) / up) for x in (-reach, reach)]
    left, other = (turned_place(end, (camera.width, camera.height), inverse(seen.orientation)) for end in ends)
    return left, other


def vanishing_point(lines: Sequence[Guide]) -> Floats | None:
    """Where lines meet: (3,), x and y in pixels times the third number, of length 1; None for less than two of them.

    Of more than two it is the place that is least far from all, in the sense of least squares.
    """
    ends = np.array([((*line.start, 1.0), (*line.end, 1.0)) for line in lines if _is_line(line)])
    if len(ends) < PAIR:
        return None
    normals = np.cross(ends[:, 0], ends[:, 1])
    normals /= np.linalg.norm(normals[:, :2], axis=1, keepdims=True)
    meeting: Floats = np.linalg.svd(normals)[2][-1]
    return meeting


def shapes(seen: Perspective, colors: tuple[Color, Color]) -> NDArray[np.float32]:
    """The shapes (N, SHAPE), the last on top; colors are those of the axes."""
    of_axis = dict(zip(("X", "Y"), colors, strict=True))
    found: list[tuple[float, ...]] = []
    ends = horizon(seen)
    if ends is not None:
        found.append(_shape(seen.size, *ends, WHITE, 0.75, FAINT))
    for axis, shade in of_axis.items():
        lines = [line for line in seen.guides if line.axis == axis]
        meeting = vanishing_point(lines)
        if meeting is not None:
            found += [_shape(seen.size, *_beyond(line, meeting, seen.size), shade, 0.8, DASHED) for line in lines]
    for line in seen.guides:
        found.append(_shape(seen.size, line.start, line.end, of_axis.get(line.axis, WHITE), 1.0, LINE))
    for line in seen.guides:
        for end in (line.start, line.end):
            found.append(_shape(seen.size, end, end, of_axis.get(line.axis, WHITE), 1.0, HANDLE))
    return np.array(found, np.float32).reshape(-1, SHAPE)


def _is_line(guide: Guide) -> bool:
    """Whether it has a direction, which one that is just being drawn has not."""
    return math.dist(guide.start, guide.end) >= 1.0


def _beyond(line: Guide, meeting: Floats, size: Size) -> tuple[Point, Point]:
    """From the end of a line that is nearer to where it meets the others, to there or as far as the dashes reach."""
    start, end = np.array(line.start), np.array(line.end)
    way = meeting[:2] - meeting[2] * (start + end) / 2  # up to its length
    way *= -1.0 if meeting[2] < 0 else 1.0
    first = end if way @ (end - start) > 0 else start
    reach = REACH * max(size)
    if abs(meeting[2]) > BEYOND_SIGHT and np.hypot(*(goal := meeting[:2] / meeting[2] - first)) < reach:
        last = first + goal
    else:
        last = first + way / max(np.hypot(*way), BEYOND_SIGHT) * reach
    return (float(first[0]), float(first[1])), (float(last[0]), float(last[1]))


def _shape(size: Size, start: Point, end: Point, shade: Color, opacity: float, kind: int) -> tuple[float, ...]:  # noqa: PLR0917
    """A row of numbers from pixels of the photo from its top left."""
    (width, height), (x1, y1), (x2, y2) = size, start, end
    return x1 / width, 1.0 - y1 / height, x2 / width, 1.0 - y2 / height, *shade, opacity, kind
