# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera of a photo from lines that the artist has drawn along its edges.

Edges that are parallel in the world meet in a vanishing point. Those of two level directions at right angles to each
other tell the horizon and, where both are finite, the focal length (Caprile and Torre, "Using vanishing points for
camera calibration", 1990; Guillou et al. 2000 for one of them). From there the angles between the guides and the
camera's own vanishing points are made least; what they do not tell stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats
from .camera import HIGHEST_PITCH, LONGEST_LENS, LOWEST_PITCH, SHORTEST_LENS, PhotoCamera, focal_of_lens
from .line_evidence import horizontal, upright

STEEPEST = np.radians(45.0)  # roll
DRAWN = 2e-4  # radians that guides may be off
STAYS = np.array([0.6, np.radians(20.0), np.radians(0.3), 1.0])
"""How easily what guides hardly tell changes in a step: the focal length's logarithm, pitch, roll and X's turn."""
MOST_OFF = np.radians(3.0)  # from where on guides contradict each other
SHORTEST = 1e-4  # of the photo's longer edge
FARTHEST = 1e-9  # homogeneous: beyond, a vanishing point lies at infinity
QUARTER = {"X": 0.0, "Y": np.pi / 2}
STEPS, TINY, EXACT = 15, 1e-6, 1e-7
SHORTER = (1.0, 0.3, 0.1)


class GuideError(Exception):
    """Guides tell no camera; `str(error)` is a sentence for the artist."""


@dataclass(frozen=True)
class Guide:
    """A line on a photo, its ends in pixels from the photo's top left.

    axis: X or Y for edges along the ground, of two directions at right angles; HORIZON where level ground would end.
    """

    axis: str
    start: tuple[float, float]
    end: tuple[float, float]


def camera_from_guides(
    width: int, height: int, guides: Sequence[Guide], guess: PhotoCamera, focal: float | None = None
) -> PhotoCamera:
    """The camera of a photo of that size that its guides tell.

    guess: the camera so far, from which everything stays that they do not tell, the roll above all. focal: the focal
    length in pixels, where it is known; else two guides of X and two of Y tell it. Raises GuideError where guides
    contradict each other, or one is a point.
    """
    drawn = _Drawn.of(width, height, guides)
    longer = max(width, height)
    guess = guess.resized(width, height)
    so_far = np.array([np.log((focal or guess.focal) / longer), guess.pitch, guess.roll, 0.0])
    shortest, longest = (np.log(focal_of_lens(lens, 1, 1)) for lens in (SHORTEST_LENS, LONGEST_LENS))
    low = np.array([shortest, LOWEST_PITCH, -STEEPEST, -np.inf])
    high = np.array([longest, HIGHEST_PITCH, STEEPEST, np.inf])
    is_told = focal is None and drawn.count("X") > 1 and drawn.count("Y") > 1
    if not is_told:
        low[0] = high[0] = np.clip(so_far[0], shortest, longest)
    at = _fitted(drawn, drawn.first(np.clip(so_far, low, high), is_told), low, high)
    off = drawn.errors(at[None])
    if off.size and np.sqrt(np.square(off).mean()) > MOST_OFF:
        raise GuideError(
            "The guides contradict each other: drag those of X along edges that are parallel on the ground, and those "
            "of Y along edges at right angles to them."
        )
    return PhotoCamera(width, height, float(np.exp(at[0]) * longer), float(at[1]), float(at[2]))


@dataclass(frozen=True)
class _Drawn:
    """ends: (N, 2, 2) of guides in longer edges from the photo's middle, x right and y up. axis: (N,) of each."""

    ends: Floats
    axis: NDArray[np.str_]

    @classmethod
    def of(cls, width: int, height: int, guides: Sequence[Guide]) -> _Drawn:
        pixels = np.array([(guide.start, guide.end) for guide in guides]).reshape(-1, 2, 2)
        ends = (pixels - [width / 2, height / 2]) / max(width, height) * [1, -1]
        if (np.abs(ends[:, 1] - ends[:, 0]).max(1) < SHORTEST).any():
            raise GuideError("A guide is only a point: drag its ends apart, along an edge of the photo.")
        return cls(ends, np.array([guide.axis for guide in guides], np.str_))

    def count(self, axis: str) -> int:
        """How many guides an axis has."""
        return int((self.axis == axis).sum())

    def first(self, so_far: Floats, is_told: bool) -> Floats:
        """A camera (4,) near the one sought: ln(focal), pitch, roll and X's turn; is_told: the focal length, too."""
        ln_focal, pitch, roll = so_far[:3]
        meet = [_meeting(self.ends[self.axis == axis]) if self.count(axis) > 1 else None for axis in ("X", "Y")]
        if is_told and meet[0] is not None and meet[1] is not None:
            square = -(meet[0][:2] @ meet[1][:2])
            far = meet[0][2] * meet[1][2]
            ln_focal = 0.5 * np.log(square / far) if square * far > FARTHEST else ln_focal
        scale = np.array([1, 1, np.exp(ln_focal)])
        up = None
        if self.count("HORIZON"):
            up = _line(self.ends[self.axis == "HORIZON"]) / scale
        elif meet[0] is not None and meet[1] is not None:
            up = np.cross(meet[0] * scale, meet[1] * scale)
        if up is not None and np.linalg.norm(up) > 1e-9:
            up *= np.copysign(1 / np.linalg.norm(up), up[1])
            pitch, roll = -np.arcsin(np.clip(up[2], -1, 1)), np.arctan2(up[0], up[1])
        turn = 0.0
        for axis, quarter in QUARTER.items():
            if self.count(axis):
                # Where the horizon crosses the first guide.
                way = np.cross(_up(pitch, roll), _line(self.ends[self.axis == axis][:1]) / scale)
                right, front = _level(pitch, roll, 0.0), _level(pitch, roll, np.pi / 2)
                turn = float(np.arctan2(way @ front, way @ right)) - quarter
                break
        return np.array([ln_focal, pitch, roll, turn])

    def errors(self, cameras: Floats) -> Floats:
        """How far (K, N) the guides are off from cameras (K, 4), in radians; of horizons, both ends (K, N + ...)."""
        focal, pitch, roll, turn = (one[:, None] for one in cameras.T)
        ground = self.axis != "HORIZON"
        ends = self.ends[ground]
        middle, along = ends.mean(1), ends[:, 1] - ends[:, 0]
        focal = np.exp(focal)
        x, y, z = horizontal(pitch, roll, turn + np.where(self.axis[ground] == "Y", np.pi / 2, 0.0))
        to_x, to_y = focal * x - z * middle[:, 0], focal * y - z * middle[:, 1]
        size = np.hypot(to_x, to_y) * np.hypot(along[:, 0], along[:, 1])
        off = (along[:, 0] * to_y - along[:, 1] * to_x) / np.maximum(size, 1e-12)
        level = self.ends[~ground].reshape(-1, 2)
        x, y, z = upright(pitch, roll)
        height = (level[:, 0] * x + level[:, 1] * y + focal * z) / np.sqrt(np.square(level).sum(1) + focal**2)
        return np.concatenate([off, height], 1)


def _fitted(drawn: _Drawn, at: Floats, low: Floats, high: Floats) -> Floats:
    """The camera (4,) of the least errors within limits, by Gauss and Newton's steps from a near one.

    A step's length is held by STAYS (Levenberg's damping), so what guides do not tell does not move.
    """
    at = np.clip(at, low, high)
    cost = float(np.square(drawn.errors(at[None])).sum())
    for _ in range(STEPS):
        off, *moved = drawn.errors(np.concatenate([at[None], at + TINY * np.eye(4)])) / DRAWN
        slope = np.stack([(one - off) / TINY for one in moved], 1)
        pull = -slope.T @ off
        free = ~(((at <= low) & (pull <= 0)) | ((at >= high) & (pull >= 0)))
        information = slope.T @ slope + np.diag(STAYS**-2.0)
        step = np.zeros(4)
        step[free] = np.linalg.solve(information[np.ix_(free, free)], pull[free])
        tries = np.clip(at + np.array(SHORTER)[:, None] * step, low, high)
        costs = np.square(drawn.errors(tries)).sum(1)
        best = int(costs.argmin())
        if costs[best] >= cost:
            break
        is_done = np.abs(tries[best] - at).max() < EXACT
        at, cost = tries[best], float(costs[best])
        if is_done:
            break
    return at


def _up(pitch: float, roll: float) -> Floats:
    return np.array([float(part) for part in upright(np.array(pitch), np.array(roll))])


def _level(pitch: float, roll: float, turn: float) -> Floats:
    return np.array([float(part) for part in horizontal(np.array(pitch), np.array(roll), np.array(turn))])


def _meeting(ends: Floats) -> Floats:
    """Where lines (N, 2, 2) meet, as near as they do: (3,) homogeneous."""
    return np.asarray(np.linalg.svd(np.stack([_line(one[None]) for one in ends]))[2][-1])


def _line(ends: Floats) -> Floats:
    """The coefficients (3,) of a x + b y + c = 0 for the line through all ends (N, 2, 2), with a² + b² = 1."""
    points = ends.reshape(-1, 2)
    middle = points.mean(0)
    a, b = np.linalg.eigh((points - middle).T @ (points - middle))[1][:, 0]
    return np.array([a, b, -(a * middle[0] + b * middle[1])])
