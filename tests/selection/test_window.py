# SPDX-License-Identifier: GPL-3.0-or-later
"""A window sees the part of the photo that it should, and paints back to where it has looked."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from sam3d.engine.selection.candidate import Candidate
from sam3d.engine.selection.window import Window, enlarge

PHOTO = (120, 200)
"""Height and width."""


def random_picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(8).random((height, width)).astype(np.float32)


def test_it_lies_around_a_box_within_the_photo() -> None:
    assert Window.around((50.5, 40.5, 90.2, 60.2), 10, PHOTO, 400) == Window(40, 30, 101, 71, 41, 61)
    assert Window.around((5, 3, 195, 118), 10, PHOTO, 400) == Window(0, 0, 200, 120, 120, 200)
    coarse = Window.around((0, 0, 200, 120), 0, PHOTO, 50)
    assert (coarse.height, coarse.width, coarse.step) == (30, 50, (4.0, 4.0))
    assert Window.around((0, 0, 200, 1), 0, PHOTO, 50) == Window(0, 0, 200, 1, 1, 50)
    assert Window.around((30, 20, 70, 40), 0, PHOTO, 10).finer(20) == Window(30, 20, 70, 40, 10, 20)


def test_each_place_has_its_cell() -> None:
    window = Window(40, 30, 100, 60, 10, 15)
    x, y = window.centers()
    assert (x.shape, y.shape) == ((1, 15), (10, 1))
    for row in range(10):
        for column in range(15):
            assert window.cell(float(x[0, column]), float(y[row, 0])) == (row, column)
    assert x[0, 0] == 42 and y[0, 0] == 31.5 and x[0, -1] == 98 and y[-1, 0] == 58.5
    assert window.cell(0, 0) == (0, 0) and window.cell(199, 119) == (9, 14)
    assert [window.holds(*place) for place in ((40, 30), (99.9, 59.9), (100, 59), (99, 60), (39.9, 31))] == [
        *(True, True),
        *(False, False, False),
    ]


def test_it_looks_at_the_mean_of_each_cell() -> None:
    picture = (random_picture(*PHOTO) * 255).astype(np.uint8)
    plain = Window(10, 20, 50, 40, 20, 40)
    np.testing.assert_array_equal(plain.sample(picture), picture[20:40, 10:50])
    coarse = Window(10, 20, 50, 40, 5, 10)  # cells of four by four pixels, each of which is sampled
    expected = picture[20:40, 10:50].reshape(5, 4, 10, 4).mean((1, 3))
    np.testing.assert_allclose(coarse.sample(picture), expected, atol=1e-3)
    colored = np.stack([picture, picture // 2, picture // 3], 2)
    np.testing.assert_allclose(coarse.sample(colored)[..., 0], expected, atol=1e-3)


def test_its_rim_lies_where_the_photo_goes_on() -> None:
    inner = Window(40, 30, 100, 60, 6, 12).rim(2, PHOTO)
    assert inner[:2].all() and inner[-2:].all() and inner[:, :2].all() and inner[:, -2:].all()
    assert not inner[2:-2, 2:-2].any()
    assert not Window(0, 0, 200, 120, 6, 12).rim(2, PHOTO).any()
    left = Window(0, 0, 100, 120, 6, 12).rim(1, PHOTO)
    assert left[:, -1].all() and not left[:, :-1].any()


@pytest.mark.parametrize("size", [(12, 20), (48, 33), (4, 5), (1, 1)])
def test_enlarging_interpolates_between_the_middles(size: tuple[int, int]) -> None:
    picture = random_picture(4, 5)
    height, width = size
    found = enlarge(picture, height, width)
    if height >= 4 and width >= 5:  # Pillow takes the mean where it makes smaller
        expected = np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR))
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert found.shape == size
    assert found.min() >= picture.min() and found.max() <= picture.max()


@pytest.mark.parametrize("step", [1, 4])
def test_it_paints_where_the_smooth_values_pass_one_half(step: int) -> None:
    """Over more rows than are filled at a time."""
    height, width = 600, 60
    window = Window(7, 11, 7 + width, 11 + height, height // step, width // step)
    values = random_picture(window.height, window.width)
    picture = np.zeros((height + 20, width + 20), bool)
    picture[0] = True
    window.paint(values, picture)
    np.testing.assert_array_equal(picture[11 : 11 + height, 7 : 7 + width], enlarge(values, height, width) > 0.5)
    assert picture[0].all()
    picture[11 : 11 + height, 7 : 7 + width] = False
    assert not picture[1:].any()


def test_candidates_of_two_windows_are_compared_by_their_places() -> None:
    small = Candidate(Window(40, 30, 80, 60, 15, 20), np.ones((15, 20), bool))
    large = Candidate(Window(20, 10, 120, 90, 40, 50), np.zeros((40, 50), bool))
    large.mask[10:25, 10:40] = True  # 40..100 by 30..60
    assert (small.box, small.area) == ((40, 30, 80, 60), 1200)
    assert (large.box, large.area) == ((40, 30, 100, 60), 1800)
    assert small.overlap(large) == pytest.approx(1200 / 1800)
    assert large.at(small.window).all()
    there = small.at(large.window)
    assert there[10:25, 10:30].all() and there.sum() == 15 * 20
