# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrives stands in nothing, near to where it was wanted, and is found quickly."""

import math
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from sam3d.photos.free_place import ROW, Ways, free_place, ways_of

NOTHING = np.zeros((0, 2, 3))
FRONT = Ways()


def box(x: float, y: float, width: float, *, z: float = 0.0, height: float = 1.0) -> NDArray[np.float64]:
    """A box that stands on z with its middle at x, y."""
    half = width / 2
    return np.array([[[x - half, y - half, z], [x + half, y + half, z + height]]])


CUBE = box(0, 0, 2.0, z=-1.0, height=2.0)
MUG = box(0, 0, 0.8)


def moved(what: NDArray[np.float64], by: tuple[float, float]) -> NDArray[np.float64]:
    return np.asarray(what + np.array([*by, 0.0]))


def meets(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return bool(np.all((one[:, 0] < other[:, 1]) & (one[:, 1] > other[:, 0]), axis=1).any())


def test_a_free_place_is_kept() -> None:
    assert free_place(MUG, NOTHING, FRONT) == (0.0, 0.0)
    assert free_place(MUG, box(3.0, 0, 2.0), FRONT) == (0.0, 0.0)


@pytest.mark.parametrize(
    "below",
    [
        box(0, 0, 50.0, z=-0.2, height=0.2),
        box(0, 0, 2.0, z=-0.02, height=0.04),
        box(0, 0, 3.0, z=-2.0, height=2.0),
    ],
    ids=["the ground", "a rug", "a table"],
)
def test_what_a_thing_stands_on_is_not_in_its_way(below: NDArray[np.float64]) -> None:
    assert free_place(MUG, below, FRONT) == (0.0, 0.0)


@pytest.mark.parametrize("size", [0.05, 0.8, 3.0])
def test_it_stands_beside_the_cube_that_is_there_at_the_start(size: float) -> None:
    thing = box(0, 0, size, height=size)
    x, y = free_place(thing, CUBE, FRONT)
    assert y == 0.0
    assert 1.0 + size / 2 < x < 1.0 + size
    assert not meets(moved(thing, (x, y)), CUBE)


@pytest.mark.parametrize(
    "ways", [FRONT, ways_of((0.7, 0.72), (0.72, -0.69)), ways_of((-1, 0), (0, 1)), ways_of((0, 1), (1, 0))]
)
def test_seventy_arrivals_stand_beside_one_another(ways: Ways) -> None:
    standing = CUBE
    for _ in range(70):
        arrived = moved(MUG, free_place(MUG, standing, ways))
        assert not meets(arrived, standing)
        standing = np.concatenate([standing, arrived])
    reach = np.abs(standing[:, :, :2]).max()
    assert reach < 1.0 + (ROW + 2) * 0.8 * 1.1, "they are in rows, not in a line of 70 m"


def test_the_way_goes_by_the_view() -> None:
    """To the right, and rather before than behind what stands there: that would hide it."""
    front, default = ways_of((1, 0), (0, -1)), ways_of((math.cos(0.81), math.sin(0.81)), (0.65, -0.62))
    assert front.aside == default.aside == (1, 0)
    assert front.to_next_row == default.to_next_row == (0, -1)
    assert ways_of((-1, 0), (0, 1)).aside == (-1, 0)
    assert ways_of((1, 0), (0, 0)).aside == (1, 0)


def test_a_crowd_takes_milliseconds() -> None:
    rng = np.random.default_rng(7)
    crowd = np.concatenate([box(x, y, 0.8) for x, y in rng.uniform(-60, 60, (10_000, 2))])
    begun = time.perf_counter()
    found = free_place(MUG, crowd, FRONT)
    assert time.perf_counter() - begun < 0.1
    assert found == (0.0, 0.0) or not meets(moved(MUG, found), crowd)


def test_where_all_is_full_around_it_goes_on_until_there_is_room() -> None:
    wall = box(0, 0, 1000.0)
    walls = np.concatenate([moved(wall, (x, 0)) for x in range(-1000, 3000, 900)])
    x, y = free_place(MUG, walls, FRONT)
    assert (y, not meets(moved(MUG, (x, y)), walls)) == (0.0, True)
    assert 3100.0 < x < 3102.0
