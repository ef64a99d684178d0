# SPDX-License-Identifier: GPL-3.0-or-later
"""Points that stand for a stroke."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from sam3d.engine.arrays import Mask
from sam3d.engine.segment_anything.stroke_points import stroke_points


def bar(height: int = 400, width: int = 600) -> Mask:
    """A thick horizontal stroke, from 100 to 500, with its middle at y = 200."""
    stroke = np.zeros((height, width), bool)
    stroke[180:220, 100:500] = True
    return stroke


def test_points_lie_deep_in_a_stroke() -> None:
    points = stroke_points(bar())
    assert 3 <= len(points) <= 5
    assert all(100 < x < 500 and 190 <= y <= 210 for x, y in points)


def test_points_are_spread() -> None:
    points = stroke_points(bar())
    assert min(x for x, _ in points) < 180 and max(x for x, _ in points) > 420
    assert min(math.dist(one, other) for one, other in itertools.combinations(points, 2)) > 50


def test_what_is_painted_whole_has_points_in_all_its_limbs() -> None:
    stroke = np.zeros((600, 600), bool)
    stroke[100:300, 100:500] = True
    stroke[300:500, 120:160] = stroke[300:500, 440:480] = True
    points = stroke_points(stroke)
    assert any(y < 300 for _, y in points)
    assert any(y > 320 and x < 200 for x, y in points) and any(y > 320 and x > 400 for x, y in points)


def test_a_dab_is_one_click() -> None:
    y, x = np.mgrid[:300, :300] + 0.5
    (point,) = stroke_points(np.hypot(x - 120, y - 80) < 15)
    assert math.dist(point, (120, 80)) < 2


def test_a_part_that_stands_alone_has_its_point() -> None:
    stroke = bar()
    stroke[300:330, 280:310] = True
    assert any(300 <= y < 330 and 280 <= x < 310 for x, y in stroke_points(stroke))


@pytest.mark.parametrize("stroke", [np.eye(2000, dtype=bool), np.eye(7, dtype=bool), np.ones((1, 1), bool)])
def test_points_of_a_thin_stroke_lie_on_it(stroke: Mask) -> None:
    points = stroke_points(stroke)
    assert points and all(stroke[int(y), int(x)] for x, y in points)


def test_a_stroke_that_no_sample_hits() -> None:
    stroke = np.zeros((2000, 2000), bool)
    stroke[np.arange(1, 1999), 1998 - np.arange(1, 1999) // 2 * 2 - 1] = True
    points = stroke_points(stroke)
    assert points and all(stroke[int(y), int(x)] for x, y in points)


def test_no_stroke() -> None:
    assert stroke_points(np.zeros((10, 10), bool)) == ()


def test_no_more_points_than_are_wanted() -> None:
    assert len(stroke_points(bar(), 2)) == 2
