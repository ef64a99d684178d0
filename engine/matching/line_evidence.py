# SPDX-License-Identifier: GPL-3.0-or-later
"""What straight lines in a photo say about its camera.

An edge of the world is upright, or level and along one of the two axes of what it belongs to (a room, a table, a box:
each has a turn of its own), or level somehow, or anything. So each line's direction in the photo has a mixture of
densities, about the directions to the vanishing points that a camera gives. How many lines of a thing follow these
rules is not known (a crate's do, an apple's do not) and is summed over. After Coughlan and Yuille, "Manhattan
world", 1999, with axes for each group of lines, as Schindler and Dellaert have them ("Atlanta world", 2004).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Ints

Numbers = NDArray[np.floating]

UPRIGHT, ALONG, ACROSS, LEVEL = 0.3, 0.3, 0.3, 0.1
"""The shares of these kinds among the lines that follow the rules."""
FOLLOWING = (0.9, 0.6, 0.2)
"""The shares of a group's lines that may follow them."""
TEMPER, ROOT, ROOT_UNTOLD = 0.5, 1.7, 1.0
"""How much of a line's likelihood counts, and how much of that of all in roots of their number: edges near one another
err together, the more so where nothing tells which are of one thing."""
LITTLE, MUCH, MOST_TRUST = 0.65, 0.9, 5.0
"""The shares of lines that a camera explains from where, and up to where, more lines count, and how many times more."""
FRONTAL, LEVEL_SPREAD = 0.25, np.radians(1.0)
"""How far level lines are turned from lying across the view, as the tangent's spread, and then are off."""
PIXELS = 0.7  # that the ends of a line may lie beside the true one, together
WORLD = np.radians(0.15)  # that edges of the world are off


@dataclass(frozen=True)
class Lines:
    """Lines of a photo, in lengths of its longer edge from its middle, x right and y up.

    middle, along: (N, 2), along of length 1. length: (N,). sigma: (N,) radians that each may be off. group: (N,) the
    number of what it belongs to. groups: how many there are. temper: how much each line's likelihood counts.
    """

    middle: Floats
    along: Floats
    length: Floats
    sigma: Floats
    group: Ints
    groups: int
    temper: float

    @classmethod
    def of(cls, segments: Floats, size: tuple[int, int], group: Ints, groups: int) -> Lines:
        """From segments (N, 4) in pixels of a photo of that size."""
        longer = max(size)
        ends = (segments.reshape(-1, 2, 2) - np.array(size) / 2) / longer * [1, -1]
        apart = ends[:, 1] - ends[:, 0]
        length = np.linalg.norm(apart, axis=1)
        sigma = np.hypot(PIXELS / longer / length, WORLD)
        temper = min(TEMPER, (ROOT if groups > 1 else ROOT_UNTOLD) / np.sqrt(max(1, len(segments))))
        return cls(ends.mean(1), apart / length[:, None], length, sigma, group, groups, temper)

    def __len__(self) -> int:
        return len(self.middle)

    def blurred(self, sigma: float) -> Lines:
        """As if each were known less surely by that much, in radians."""
        return replace(self, sigma=np.hypot(self.sigma, sigma))

    def trusted(self, support: float) -> Lines:
        """As they count where a camera explains that share of them: where nearly all follow the rules, all count."""
        if support <= LITTLE:
            return self
        more = 1 + (MOST_TRUST - 1) * min(1.0, (support - LITTLE) / (MUCH - LITTLE))
        return replace(self, temper=min(TEMPER, more * self.temper))

    def some(self, chosen: Ints) -> Lines:
        """These of them alone."""
        return replace(
            self,
            middle=self.middle[chosen],
            along=self.along[chosen],
            length=self.length[chosen],
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

    def rules(self, focal: Numbers, pitch: Numbers, roll: Numbers, turn: Numbers) -> list[Numbers]:
        """The share times the density of each line's direction as an upright one, along, across and level.

        turn: of the axes of each line's group. All arrays end in an axis for the lines.
        """
        off, height = self.level(focal, pitch, roll)
        return [
            UPRIGHT * _normal(self.angle_to(focal, upright(pitch, roll)), self.sigma),
            ALONG * _normal(self.angle_to(focal, horizontal(pitch, roll, turn)), self.sigma),
            ACROSS * _normal(self.angle_to(focal, horizontal(pitch, roll, turn + np.pi / 2)), self.sigma),
            LEVEL * _normal(off, np.hypot(np.hypot(self.sigma, LEVEL_SPREAD), FRONTAL * height)),
        ]

    def by_share(self, rules: list[Numbers]) -> Numbers:
        """The logarithms (shares, ..., groups) of how likely each group's lines are for each share that may follow."""
        one, *others = rules
        for other in others:
            one = one + other
        member = (self.group[:, None] == np.arange(self.groups)).astype(one.dtype) * self.temper
        return np.stack([np.log(share * one + (1 - share) / np.pi) @ member for share in FOLLOWING])

    def log_likelihood(self, focal: Numbers, pitch: Numbers, roll: Numbers, turn: Numbers) -> Numbers:
        """The logarithms (..., groups) of how likely each group's lines are."""
        return log_mean(self.by_share(self.rules(focal, pitch, roll, turn)), 0)

    def followers(self, rules: list[Numbers]) -> Numbers:
        """How surely (3, N) each line is an upright one, along and across, by its densities (N,) under the rules."""
        shares = self.by_share(rules)
        likely = np.exp(shares - log_mean(shares, 0)) / len(FOLLOWING)
        total = sum(rules[1:], rules[0])
        sure = sum(
            share * likely[k][self.group] / (share * total + (1 - share) / np.pi) for k, share in enumerate(FOLLOWING)
        )
        return np.asarray(np.stack(rules[:3]) * sure)


def log_mean(logarithms: Numbers, axis: int) -> Numbers:
    """The logarithm of the mean of what has these logarithms."""
    best = logarithms.max(axis, keepdims=True)
    return np.asarray((best + np.log(np.exp(logarithms - best).mean(axis, keepdims=True))).squeeze(axis))


def upright(pitch: Numbers, roll: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The world's up in the camera's axes: x right, y up, z forward."""
    return np.sin(roll) * np.cos(pitch), np.cos(roll) * np.cos(pitch), -np.sin(pitch)


def horizontal(pitch: Numbers, roll: Numbers, turn: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """A level direction, turned from the right to the front, in the camera's axes."""
    c, s, right, front = np.cos(roll), np.sin(roll), np.cos(turn), np.sin(turn)
    return c * right + s * np.sin(pitch) * front, c * np.sin(pitch) * front - s * right, np.cos(pitch) * front


def _normal(off: Numbers, sigma: Numbers) -> Numbers:
    return np.asarray(np.exp(-0.5 * np.square(off / sigma)) / (sigma * np.sqrt(2 * np.pi)))
