# SPDX-License-Identifier: GPL-3.0-or-later
"""The ends of a body: the top of the head, two hands and two feet, found in any pose.

They are the points that are farthest from the rest of the surface along the surface, that is the maxima of the average
geodesic distance (Hilaga et al., Topology matching for fully automatic similarity estimation of 3D shapes, 2001).
Which is which follows from the tree that their distances span: a short trunk with two long branches at one end, the
legs, and three at the other, of which the head is the shortest.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .errors import RigError
from .surface import Surface

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SOURCES = 16  # spread over the surface, from which the average distance is taken
HOPS = 4  # edges around a patch within which no other may be farther
MOST = 10  # candidates looked at
TREE = {"trunk": 0.36, "leg": 0.67, "arm": 0.57, "head": 0.22}  # lengths of its edges, in the mean of people
SPREAD = {"trunk": 0.35, "leg": 0.25, "arm": 0.25, "head": 0.4}  # how far their logarithms vary among people
UNLIKE = 3.0  # standard deviations above which no five ends are those of a body

NO_HUMAN = (
    "No head, two arms and two legs were found in this mesh. Choose the mesh of one whole person, "
    "with hands and feet free of the body."
)


def find_tips(surface: Surface) -> tuple[Ints, NDArray[np.float32]]:
    """The patches at head, hand, hand, foot, foot, and each patch's distance to them (N, 5).

    Which hand and foot are left or right is still open, also which hand is on the side of which foot. Raises RigError.
    """
    found, distance = _maxima(surface)
    if len(found) < 5:
        raise RigError(NO_HUMAN)
    between = distance[found].astype(float)
    best, unlike = None, UNLIKE
    for feet in combinations(range(len(found)), 2):
        rest = [k for k in range(len(found)) if k not in feet]
        for head in rest:
            for hands in combinations([k for k in rest if k != head], 2):
                tips = (head, *hands, *feet)
                doubt = _doubt(between[np.ix_(tips, tips)])
                if doubt < unlike:
                    best, unlike = tips, doubt
    if best is None:
        raise RigError(NO_HUMAN)
    chosen = list(best)
    return found[chosen], distance[:, chosen]


def _maxima(surface: Surface) -> tuple[Ints, NDArray[np.float32]]:
    """The patches that are farthest from all others in their neighbourhood, and the distances to them."""
    ways = surface.ways
    sources = [int(np.argmax(ways.distances([np.array([0])])[:, 0]))]
    distance = ways.distances([np.array(sources)])
    while distance.shape[1] < SOURCES:
        farthest = np.array([int(np.argmax(distance.min(1)))])
        distance = np.concatenate([distance, ways.distances([farthest])], axis=1)
    average = distance.mean(1)
    around = average
    for _ in range(HOPS):
        around = np.maximum.reduceat(around[ways.target], ways.first[:-1])
    found = np.flatnonzero(average == around)
    found = found[np.argsort(-average[found], kind="stable")][:MOST]
    return found, ways.distances([np.array([tip]) for tip in found])


def branches(between: Floats) -> dict[str, float]:
    """The lengths of the tree that best has the distances `between` (5, 5) of head, hand, hand, foot and foot.

    The limbs as pairs: arm and leg are means, arms and legs the logarithms of the ratio within the pair.
    """
    head, one, other, left, right = range(5)
    hands, feet = between[one, other], between[left, right]
    across = between[np.ix_([head, one, other], [left, right])]
    upper = (
        np.array(
            [
                between[head, one] + between[head, other] - hands,
                between[one, head] + hands - between[other, head],
                between[other, head] + hands - between[one, head],
            ]
        )
        / 2
    )
    difference = float((across[:, 0] - across[:, 1]).mean())
    lower = np.array([feet + difference, feet - difference]) / 2
    trunk = float((across - upper[:, None] - lower).mean())
    return {
        "trunk": trunk,
        "head": upper[0],
        "arm": upper[1:].mean(),
        "leg": lower.mean(),
        "arms": upper[2] - upper[1],
        "legs": lower[1] - lower[0],
    }


def _doubt(between: Floats) -> float:
    """How unlike a body's the tree is, in standard deviations; infinite where it is no such tree."""
    found = branches(between)
    lengths = np.array([found[name] for name in TREE])
    if (lengths <= 0.02).any():
        return np.inf
    off = np.log(lengths / np.array(list(TREE.values()))) / np.array([SPREAD[name] for name in TREE])
    off -= np.average(off)  # clothes and loose pieces enlarge the area, which is the unit
    pairs = np.array([found["arms"] / found["arm"], found["legs"] / found["leg"]]) / 0.2
    return float(np.sqrt((off * off).sum() + (pairs * pairs).sum()))
