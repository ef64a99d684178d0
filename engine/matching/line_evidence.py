# SPDX-License-Identifier: GPL-3.0-or-later
"""What straight lines in a photo say about its camera.

An edge of the world is upright, or level and along one of the two axes of what it belongs to (a room, a table, a box:
each has a turn of its own), or level somehow, or anything. So each line's direction in the photo has a mixture of
densities, about the directions to the vanishing points that a camera gives. After Coughlan and Yuille, "Manhattan
world", 1999, with axes for each group of lines, as Schindler and Dellaert have them ("Atlanta world", 2004).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Ints

Numbers = NDArray[np.floating]

UPRIGHT, ALONG, ACROSS, LEVEL = 0.2, 0.2, 0.2, 0.1
"""The shares of lines of these kinds; the rest goes anywhere."""
FRONTAL = 0.5  # how far level lines are turned from lying across the view, as the tangent's spread
PIXELS = 0.7  # that the ends of a line may lie beside the true one, together
WORLD = np.radians(0.1)  # that edges of the world are off


@dataclass(frozen=True)
class Lines:
    """Lines of a photo, in lengths of its longer edge from its middle, x right and y up.

    middle, along: (N, 2), along of length 1. sigma: (N,) radians that each may be off. group: (N,) the number of what
    it belongs to. trust: (groups,) the share of a group's lines that follow any rule, next to the shares above.
    """

    middle: Floats
    along: Floats
    sigma: Floats
    group: Ints
    trust: Floats

    @classmethod
    def of(cls, segments: Floats, size: tuple[int, int], group: Ints, trust: Floats) -> Lines:
        """From segments (N, 4) in pixels of a photo of that size."""
        longer = max(size)
        ends = (segments.reshape(-1, 2, 2) - np.array(size) / 2) / longer * [1, -1]
        apart = ends[:, 1] - ends[:, 0]
        length = np.linalg.norm(apart, axis=1)
        sigma = np.hypot(PIXELS / longer / length, WORLD)
        return cls(ends.mean(1), apart / length[:, None], sigma, group, trust)

    def __len__(self) -> int:
        return len(self.middle)

    def blurred(self, sigma: float) -> Lines:
        """As if each were known less surely by that much, in radians."""
        return replace(self, sigma=np.hypot(self.sigma, sigma))

    def some(self, chosen: Ints) -> Lines:
        """These of them alone."""
        return replace(
            self,
            middle=self.middle[chosen],
            along=self.along[chosen],
            sigma=self.sigma[chosen],
            group=self.group[chosen],
        )

    def angle_to(self, focal: Numbers, direction: tuple[Numbers, Numbers, Numbers]) -> Numbers:
        """The sines of the angles between the lines and the ways to the vanishing point of a direction, seen from the
        lines' middles.

        direction: x right, y up, z forward in the camera's axes; all arrays end in an axis for the lines.
        """
        x, y, z = direction
        a, b = -self.along[:, 1], self.along[:, 0]
        to_x, to_y = focal * x - z * self.middle[:, 0], focal * y - z * self.middle[:, 1]
        return np.asarray((a * to_x + b * to_y) / np.sqrt(to_x * to_x + to_y * to_y + 1e-12))

    def level(self, focal: Numbers, pitch: Numbers, roll: Numbers) -> tuple[Numbers, Numbers]:
        """The sines of the angles between the lines and the horizon, and of the heights of their middles above it."""
        x, y, z = upright(pitch, roll)
        size = np.sqrt(x * x + y * y + 1e-12)
        angle = (self.along[:, 0] * x + self.along[:, 1] * y) / size
        height = self.middle[:, 0] * x + self.middle[:, 1] * y + focal * z
        return angle, height / np.sqrt(np.square(self.middle).sum(1) + focal * focal)

    def angles(self, focal: Numbers, pitch: Numbers, roll: Numbers, turn: Numbers) -> Numbers:
        """The sines of the angles (3, N) to the vanishing points of upright, along and across."""
        return np.stack(
            [
                self.angle_to(focal, upright(pitch, roll)),
                self.angle_to(focal, horizontal(pitch, roll, turn)),
                self.angle_to(focal, horizontal(pitch, roll, turn + np.pi / 2)),
            ]
        )

    def densities(self, focal: Numbers, pitch: Numbers, roll: Numbers, turn: Numbers) -> list[Numbers]:
        """The share times the density of each line's direction as an upright one, along, across, level and any.

        turn: of the axes of each line's group. All arrays end in an axis for the lines.
        """
        off, height = self.level(focal, pitch, roll)
        spread = np.hypot(self.sigma, FRONTAL * height)
        trust = self.trust[self.group]
        return [
            UPRIGHT * trust * _normal(self.angle_to(focal, upright(pitch, roll)), self.sigma),
            ALONG * trust * _normal(self.angle_to(focal, horizontal(pitch, roll, turn)), self.sigma),
            ACROSS * trust * _normal(self.angle_to(focal, horizontal(pitch, roll, turn + np.pi / 2)), self.sigma),
            LEVEL * trust * _normal(off, spread),
            (1 - (UPRIGHT + ALONG + ACROSS + LEVEL) * trust) / np.pi,
        ]

    def log_likelihood(self, focal: Numbers, pitch: Numbers, roll: Numbers, turn: Numbers) -> Numbers:
        """The logarithm of each line's density."""
        one, *others = self.densities(focal, pitch, roll, turn)
        for other in others:
            one = one + other
        return np.asarray(np.log(one))


def upright(pitch: Numbers, roll: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The world's up in the camera's axes: x right, y up, z forward."""
    return np.sin(roll) * np.cos(pitch), np.cos(roll) * np.cos(pitch), -np.sin(pitch)


def horizontal(pitch: Numbers, roll: Numbers, turn: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """A level direction, turned from the right to the front, in the camera's axes."""
    c, s, right, front = np.cos(roll), np.sin(roll), np.cos(turn), np.sin(turn)
    return c * right + s * np.sin(pitch) * front, c * np.sin(pitch) * front - s * right, np.cos(pitch) * front


def _normal(off: Numbers, sigma: Numbers) -> Numbers:
    return np.asarray(np.exp(-0.5 * np.square(off / sigma)) / (sigma * np.sqrt(2 * np.pi)))
