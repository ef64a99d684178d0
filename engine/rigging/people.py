# SPDX-License-Identifier: GPL-3.0-or-later
"""Which faces of a mesh are whose: several people in one mesh, and what is no part of any of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..graph import connected

WHOLE = 0.35  # size and area of a person, next to the largest
WITHIN = 0.8  # of a box that lies in another, above which what is in it is worn or held
SLACK = 0.05  # of a person's size, by which what belongs to it may stick out
ROUND = 0.03  # spread of the radius of a ball
MANY_BALLS = 6  # alike; fewer may be eyes


@dataclass(frozen=True)
class _Island:
    """A part of a mesh that hangs together: its box, the area of its surface, and its radius if it is a ball."""

    number: int
    low: Floats
    high: Floats
    area: float
    radius: float

    @property
    def size(self) -> float:
        return float(np.linalg.norm(self.high - self.low))

    def share_in(self, other: _Island) -> float:
        """How much of its box lies in another's, 0..1, by the least axis."""
        slack = SLACK * other.size
        low, high = np.maximum(self.low, other.low - slack), np.minimum(self.high, other.high + slack)
        return float(((high - low) / np.maximum(self.high - self.low, 1e-12)).clip(0, 1).min())

    def distance_to(self, other: _Island) -> float:
        """From the middle to another's box, 0 inside."""
        middle = (self.low + self.high) / 2
        return float(np.linalg.norm(np.maximum(0, np.maximum(other.low - middle, middle - other.high))))


def find_people(vertices: Floats, faces: Ints) -> list[Ints]:
    """The numbers of the faces of each person in a mesh, from left to right (by x, then z, of their middles).

    vertices: (V, 3) in any unit; faces: (F, 3). Vertices at one place count as one. What a person wears or holds
    (islands in the person's box) goes with it; marker balls, as services put them on keypoints, and strays go with
    nobody. A mesh without faces gives nobody.
    """
    if not len(faces):
        return []
    label = _islands(vertices, faces)
    islands = [_island(number, vertices, faces[label == number]) for number in range(int(label.max()) + 1)]
    islands = _without_markers(islands)
    largest = max(islands, key=lambda island: island.size)
    area = max(island.area for island in islands)
    whole = [one for one in islands if one.size >= WHOLE * largest.size and one.area >= WHOLE * WHOLE * area]
    whole.sort(key=lambda island: -island.area)
    people: list[_Island] = []
    for island in whole:
        if not any(island.share_in(person) > WITHIN for person in people):
            people.append(island)
    parts = {person.number: [person.number] for person in people}
    for island in islands:
        if island in people:
            continue
        nearest = min(people, key=island.distance_to)
        if island.distance_to(nearest) <= SLACK * nearest.size:
            parts[nearest.number].append(island.number)
    people.sort(key=lambda person: tuple((person.low + person.high)[[0, 2]]))
    return [np.flatnonzero(np.isin(label, parts[person.number])) for person in people]


def _islands(vertices: Floats, faces: Ints) -> Ints:
    """The number of the island of each face (F,)."""
    size = max(float(np.ptp(vertices[np.unique(faces)], axis=0).max()), 1e-12)
    place = np.unique(np.round(vertices / (size * 1e-6)).astype(np.int64), axis=0, return_inverse=True)[1].ravel()
    welded = place[faces]
    label = connected(int(place.max()) + 1, np.concatenate([welded[:, :2], welded[:, 1:]]))
    return np.unique(label[welded[:, 0]], return_inverse=True)[1].ravel()


def _island(number: int, vertices: Floats, faces: Ints) -> _Island:
    points = vertices[np.unique(faces)]
    corners = vertices[faces]
    area = float(np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum())
    low, high = points.min(0), points.max(0)
    distance = np.linalg.norm(points - (low + high) / 2, axis=1)
    is_ball = len(points) >= 8 and float(distance.std()) < ROUND * float(distance.mean())
    return _Island(number, low, high, area / 2, float(distance.mean()) if is_ball else 0.0)


def _without_markers(islands: list[_Island]) -> list[_Island]:
    """Without balls of which there are many alike."""
    radii = np.array([island.radius for island in islands])
    alike = (np.abs(radii[:, None] - radii) < ROUND * np.maximum(radii, 1e-12)) & (radii > 0)
    rest = [island for island, count in zip(islands, alike.sum(1), strict=True) if count < MANY_BALLS]
    return rest or islands
