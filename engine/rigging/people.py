# SPDX-License-Identifier: GPL-3.0-or-later
"""Which faces of a mesh are whose: several people in one mesh, and what is no part of any of them.

A body is often made of many islands: clothes, hair, eyes, shoes. So islands say little by themselves. What lies
together is a group, and a group is taken for one person first; only `find_people` looks for several within it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..arrays import Floats, Ints
from ..graph import connected
from .welding import weld

WHOLE = 0.35  # size and area of a person, next to the largest
WITHIN = 0.8  # of a box that lies in another, above which what is in it is worn or held
SLACK = 0.05  # of a person's size, by which what belongs to it may stick out
ROUND = 0.03  # spread of the radius of a ball
MANY_BALLS = 6  # alike; fewer may be eyes
APART = 0.03  # of the mesh's size: the grid's cells by which groups are told apart
AS_TALL = 0.5  # of the tallest, as the others at its side are at least
BESIDE = 0.5  # of a footprint, as much of which those may share who stand side by side


@dataclass(frozen=True, eq=False)
class Box:
    """The corners (3,) of the box around a part of a mesh."""

    low: Floats
    high: Floats

    @property
    def middle(self) -> Floats:
        """Its middle (3,)."""
        return np.asarray((self.low + self.high) / 2)

    @property
    def size(self) -> float:
        """Its diagonal."""
        return float(np.linalg.norm(self.high - self.low))

    def share_in(self, other: Box) -> float:
        """How much of it lies in another, 0..1, by the least axis."""
        slack = SLACK * other.size
        low, high = np.maximum(self.low, other.low - slack), np.minimum(self.high, other.high + slack)
        return float(((high - low) / np.maximum(self.high - self.low, 1e-12)).clip(0, 1).min())

    def distance_to(self, other: Box) -> float:
        """From its middle to another, 0 inside."""
        return float(np.linalg.norm(np.maximum(0, np.maximum(other.low - self.middle, self.middle - other.high))))


@dataclass(frozen=True, eq=False)
class _Island(Box):
    """A part of a mesh that hangs together: its box, the area of its surface, and its radius if it is a ball."""

    number: int
    area: float
    radius: float


def box_of(vertices: Floats, faces: Ints) -> Box:
    """The box around the vertices (V, 3) that faces (F, 3) use."""
    points = vertices[np.unique(faces)]
    return Box(points.min(0), points.max(0))


def find_groups(vertices: Floats, faces: Ints) -> list[Ints]:
    """The numbers of the faces of each group of islands that lie close together, the largest first.

    vertices: (V, 3) in any unit; faces: (F, 3). Marker balls, as services put them on keypoints, are in no group, and
    neither are groups far smaller than the largest.
    """
    label, islands = _find_islands(vertices, faces)
    if not islands:
        return []
    kept = np.isin(label, [island.number for island in _without_markers(islands)])
    group = _groups(vertices, faces[kept], label[kept])
    found = [np.flatnonzero(kept)[group == one] for one in range(int(group.max()) + 1)]
    sizes = [box_of(vertices, faces[each]).size for each in found]
    return [found[at] for at in np.argsort(sizes, kind="stable")[::-1].tolist() if sizes[at] >= WHOLE * max(sizes)]


def _groups(vertices: Floats, faces: Ints, island: Ints) -> Ints:
    """The number of the group of each face (F,), whose island is known: those that have cells of a grid in common, or
    next to each other."""
    corners = vertices[faces]
    points = np.concatenate([corners, (corners + np.roll(corners, 1, axis=1)) / 2, corners.mean(1)[:, None]], axis=1)
    low, high = points.min((0, 1)), points.max((0, 1))
    place = ((points - low) / max(APART * float(np.linalg.norm(high - low)), 1e-300)).astype(np.int64) + 1
    key = (place[..., 0] << 20) + (place[..., 1] << 10) + place[..., 2]
    owned = np.unique((island[:, None] << 30) + key)
    cells, cell = np.unique(owned & ((1 << 30) - 1), return_inverse=True)
    first = int(island.max()) + 1
    pairs = [np.stack([owned >> 30, cell.ravel() + first], 1)]
    for step in np.ndindex(3, 3, 3):
        there = cells + int(np.dot(np.array(step) - 1, (1 << 20, 1 << 10, 1)))
        found = np.searchsorted(cells, there).clip(0, len(cells) - 1)
        near = np.flatnonzero(cells[found] == there)
        pairs.append(np.stack([near, found[near]], 1) + first)
    return np.unique(connected(first + len(cells), np.concatenate(pairs))[island], return_inverse=True)[1].ravel()


def find_people(vertices: Floats, faces: Ints) -> list[Ints]:
    """The numbers of the faces of each person in a mesh, from left to right (by x, then z, of their middles), where
    each is one large island with smaller ones.

    vertices: (V, 3) in any unit; faces: (F, 3). Vertices at one place count as one. What a person wears or holds
    (islands in the person's box) goes with it; marker balls, as services put them on keypoints, and strays go with
    nobody. A mesh without faces gives nobody.
    """
    label, islands = _find_islands(vertices, faces)
    if not islands:
        return []
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
    people.sort(key=lambda person: tuple(person.middle[[0, 2]]))
    return [np.flatnonzero(np.isin(label, parts[person.number])) for person in people]


def divide(vertices: Floats, faces: Ints, people: list[Box]) -> list[Ints]:
    """The numbers of the faces of a mesh (V, 3), (F, 3) that go with each of some people, of whom the boxes are known.

    Every face goes with somebody: the one in whose box its island lies most, or who is nearest.
    """
    label, islands = _find_islands(vertices, faces)
    owner = np.array(
        [max(range(len(people)), key=lambda one: _belonging(island, people[one])) for island in islands],
        np.int64,
    )
    return [np.flatnonzero(owner[label] == one) for one in range(len(people))]


def _belonging(island: Box, person: Box) -> tuple[float, float, float]:
    """The more, the likelier an island goes with a person."""
    away = float(np.linalg.norm(island.middle - person.middle))
    return island.share_in(person), -island.distance_to(person), -away


def are_side_by_side(boxes: list[Box]) -> bool:
    """Whether boxes, with y up, are about as tall as each other and stand beside each other, as those of people do."""
    tall = [box.high[1] - box.low[1] for box in boxes]
    return min(tall) >= AS_TALL * max(tall) and all(_shared(*pair) < BESIDE for pair in combinations(boxes, 2))


def _shared(one: Box, other: Box) -> float:
    """How much of the smaller footprint two boxes share, 0..1."""
    width = np.minimum(one.high, other.high) - np.maximum(one.low, other.low)
    least = np.minimum(one.high - one.low, other.high - other.low)
    return float(np.prod((width / np.maximum(least, 1e-12)).clip(0, 1)[[0, 2]]))


def _find_islands(vertices: Floats, faces: Ints) -> tuple[Ints, list[_Island]]:
    """The number of the island of each face (F,), and the islands."""
    if not len(faces):
        return np.zeros(0, np.int64), []
    place = weld(vertices[np.unique(faces)])
    welded = place[np.unique(faces, return_inverse=True)[1].reshape(-1, 3)]
    label = connected(int(place.max()) + 1, np.concatenate([welded[:, :2], welded[:, 1:]]))
    label = np.unique(label[welded[:, 0]], return_inverse=True)[1].ravel()
    order = np.argsort(label, kind="stable")
    ends = np.searchsorted(label[order], np.arange(int(label.max()) + 2))
    return label, [
        _island(number, vertices, faces[order[start:end]])
        for number, (start, end) in enumerate(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
    ]


def _island(number: int, vertices: Floats, faces: Ints) -> _Island:
    points = vertices[np.unique(faces)]
    corners = vertices[faces]
    area = float(np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum())
    low, high = points.min(0), points.max(0)
    distance = np.linalg.norm(points - (low + high) / 2, axis=1)
    is_ball = len(points) >= 8 and float(distance.std()) < ROUND * float(distance.mean())
    return _Island(low, high, number, area / 2, float(distance.mean()) if is_ball else 0.0)


def _without_markers(islands: list[_Island]) -> list[_Island]:
    """Without balls of which there are many alike."""
    radii = np.array([island.radius for island in islands])
    balls = radii > 0
    count = np.zeros(len(radii), int)
    count[balls] = (np.abs(radii[balls][:, None] - radii[balls]) < ROUND * radii[balls]).sum(1)
    rest = [island for island, alike in zip(islands, count.tolist(), strict=True) if alike < MANY_BALLS]
    return rest or islands
