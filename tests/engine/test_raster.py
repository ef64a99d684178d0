# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures are scanned, averaged and filled as their definitions say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from sam3d.engine.raster import box_mean, planes, pull_push, scan

WIDTH, HEIGHT = 14, 9


def test_scan_finds_the_pixels_whose_centers_lie_within() -> None:
    """Also of triangles that reach beyond the picture, and of such without area."""
    corners = np.random.default_rng(4).uniform(-4, 18, (60, 3, 2))
    corners[-1] = corners[-1, :1]
    found = set(zip(*(part.tolist() for part in scan(corners, WIDTH, HEIGHT)), strict=True))
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    expected = set()
    for face, (a, b, c) in enumerate(corners):
        sides = [(q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]) for p, q in ((a, b), (b, c), (c, a))]
        inside = np.all(np.array(sides) > 0, 0) | np.all(np.array(sides) < 0, 0)
        expected |= {(face, column, row) for row, column in np.argwhere(inside).tolist()}
    assert found == expected
    assert len(expected) > 200


def test_planes_take_the_values_at_the_corners() -> None:
    numbers = np.random.default_rng(5)
    corners, values = numbers.uniform(0, 20, (30, 3, 2)), numbers.random((30, 3, 4))
    found = planes(corners, values)
    at_corners = corners @ found[:, :2] + found[:, 2:]
    np.testing.assert_allclose(at_corners, values, atol=1e-3)


def test_planes_of_triangles_without_area_are_level() -> None:
    corners = np.array([[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]])
    np.testing.assert_allclose(planes(corners, np.array([[[7.0], [8.0], [9.0]]])), [[[0], [0], [7]]])


@pytest.mark.parametrize("radius", [0, 1, 3])
@pytest.mark.parametrize("shape", [(9, 14), (2, 5)])
def test_box_mean_counts_what_lies_outside_as_nothing(radius: int, shape: tuple[int, int]) -> None:
    values = np.random.default_rng(6).random(shape).astype(np.float32)
    expected = ndimage.uniform_filter(values, 2 * radius + 1, mode="constant")
    np.testing.assert_allclose(box_mean(values, radius), expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(8, 16), (7, 5), (6, 5, 9)])
def test_pull_push_fills_smoothly_between_what_is_known(shape: tuple[int, ...]) -> None:
    """Along a ramp of which a part is missing the fill rises with it, and stays within what is around."""
    ramp = np.broadcast_to(np.linspace(0.2, 0.8, shape[-1], dtype=np.float32), shape)
    weight = np.ones(shape, np.float32)
    weight[..., shape[-1] // 2 - 1 : shape[-1] // 2 + 1] = 0
    found = pull_push(np.stack([ramp * weight, weight], -1))[..., 0]
    np.testing.assert_allclose(found[weight > 0], ramp[weight > 0], atol=1e-6)
    np.testing.assert_allclose(found, ramp, atol=0.16)
    assert (np.diff(found, axis=-1) > -0.02).all()


def test_pull_push_of_a_faint_value_blends_it_with_its_surroundings() -> None:
    values = np.zeros((1, 2, 2), np.float32)
    values[0, 0] = (1.0, 1.0)
    values[0, 1] = (0.0, 0.5)  # half sure of 0
    found = pull_push(values)[0, :, 0]
    assert found[0] == pytest.approx(1.0)
    assert found[1] == pytest.approx(0.5 * (1.0 / 1.5))  # half of the mean of both, weighted by how sure they are
