# SPDX-License-Identifier: GPL-3.0-or-later
"""The ends of a body: the top of the head, two hands and two feet, found in any pose.

They are among the points that are farthest from the rest of the surface along the surface, the maxima of the average
geodesic distance (Hilaga et al., Topology matching for fully automatic similarity estimation of 3D shapes, 2001).
Which is which is told by their distances to each other, and to all the rest, as they are on the template.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..arrays import Floats, Ints
from .errors import RigError
from .patch_graph import Surface, nearest
from .template import Template, sign

SOURCES = 16  # spread over the surface, from which the average distance is taken
SAME_END = 0.15  # way along the surface between two points of one hand, foot or head
HOPS = 4  # edges around a patch within which no other may be farther
MOST_MAXIMA = 10  # looked at
READINGS = 24  # of the maxima as a body's ends that are looked at closely
DOUBT = 1.8  # times the least deviation, above which another reading is not looked at
MOST_READINGS = 4  # that a body is fitted to
UNLIKE = 0.4  # mean deviation from the template above which the ends are not a body's

NO_BODY = (
    "No head, two arms and two legs were found in this mesh. Choose the mesh of one whole person, "
    "with hands and feet free of the body."
)


@dataclass(frozen=True)
class Extremities:
    """The ends of a body.

    at: (5,) the patches at head, left and right hand, left and right foot. distances: (N, 5) of all patches to them.
    unlikeness: how far the distances are from the template's; 0 for the same body.
    """

    at: Ints
    distances: Floats
    unlikeness: float

    def mirrored(self) -> Extremities:
        """The same with left and right exchanged."""
        order = [0, 2, 1, 4, 3]
        return Extremities(self.at[order], self.distances[:, order], self.unlikeness)

    def is_like(self, other: Extremities) -> bool:
        """Whether each end is at the same hand, foot or head as the other's, also with left and right exchanged."""
        return any(
            bool((one.distances[other.at, np.arange(len(other.at))] < SAME_END).all())
            for one in (self, self.mirrored())
        )


def find_extremities(surface: Surface, template: Template) -> list[Extremities]:
    """What the ends may be, the likeliest first; hand and foot of one side go together, and which side is the left is
    still open.

    Raises RigError where the mesh has no such ends.
    """
    found, distances = find_maxima(surface)
    known = np.log(template.distances[template.tips][UPPER])
    between = np.log(np.maximum(distances[found], 1e-3))
    readings: list[tuple[float, list[int]]] = []
    for feet in combinations(range(len(found)), 2):
        for head in set(range(len(found))).difference(feet):
            for one, other in combinations(sorted(set(range(len(found))).difference(feet, [head])), 2):
                for hands in ((one, other), (other, one)):
                    tips = [head, *hands, *feet]
                    readings.append((float(np.std(between[np.ix_(tips, tips)][UPPER] - known)), tips))
    found_readings = []
    for _, tips in sorted(readings)[:READINGS]:
        unlikeness = _unlikeness(template, sign(found[tips], distances[:, tips]))
        found_readings.append(Extremities(found[tips], distances[:, tips], unlikeness))
    found_readings.sort(key=lambda reading: reading.unlikeness)
    if not found_readings or found_readings[0].unlikeness > UNLIKE:
        raise RigError(NO_BODY)
    likely: list[Extremities] = []
    for reading in found_readings:
        if reading.unlikeness < DOUBT * found_readings[0].unlikeness and not any(map(reading.is_like, likely)):
            likely.append(reading)
    return likely[:MOST_READINGS]


UPPER = np.triu_indices(5, 1)


def _unlikeness(template: Template, signature: Floats) -> float:
    """How far the signatures are from the template's, and these from them."""
    both_ways = ((template.signature[::3], signature), (signature[::3], template.signature))
    return float(sum(np.sqrt((nearest(one, other)[1] ** 2).mean()) for one, other in both_ways))


def find_maxima(surface: Surface) -> tuple[Ints, Floats]:
    """The patches (M,) that are farther from the rest than all around them, and all patches' distances (N, M) to
    them."""
    adjacency = surface.adjacency
    sources = [int(np.argmax(adjacency.distances([np.array([0])])[:, 0]))]
    distance = adjacency.distances([np.array(sources)])
    while distance.shape[1] < SOURCES:
        farthest = np.array([int(np.argmax(distance.min(1)))])
        distance = np.concatenate([distance, adjacency.distances([farthest])], axis=1)
    average = distance.mean(1)
    around = average
    for _ in range(HOPS):
        around = np.maximum.reduceat(around[adjacency.target], adjacency.first[:-1])
    found = np.flatnonzero(average == around)
    found = found[np.argsort(-average[found], kind="stable")][:MOST_MAXIMA]
    return found, adjacency.distances([np.array([tip]) for tip in found]).astype(float)
