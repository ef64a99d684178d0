# SPDX-License-Identifier: GPL-3.0-or-later
"""Photos of all sizes are brought to the working size, and back to their own for the texture."""

from __future__ import annotations

import numpy as np
import pytest
from solids import camera

from sam3d.engine.draft.input_photo import LARGEST, WORKING_SIZE, close_up, prepare


@pytest.mark.parametrize("size", [(300, 400), (3000, 2000), (500, 9000)])
def test_the_close_up_shows_the_same_place_at_the_same_point(size: tuple[int, int]) -> None:
    height, width = size
    y, x = np.indices(size)
    image = np.stack([x * 255 // width, y * 255 // height, 0 * x], 2).astype(np.uint8)
    mask = np.zeros(size, bool)
    mask[height // 4 : height // 2, width // 3 : width // 2] = True
    photo = prepare(image, mask)
    assert photo.mask is not None
    assert max(photo.work.shape) <= WORKING_SIZE
    assert max(photo.full.shape) <= LARGEST
    eye = camera(size=max(photo.work.shape))
    picture, cut, near = close_up(photo, photo.mask, eye)
    assert picture.shape[:2] == cut.shape
    assert max(cut.shape) <= WORKING_SIZE
    assert 0.5 < cut.mean() <= 1
    for pixel in ((0.4, 0.3), (0.45, 0.45)):
        # A point that the first camera sees at that pixel.
        there = np.array([pixel[0] * photo.work.shape[1], pixel[1] * photo.work.shape[0], 1])
        ray = np.linalg.solve(eye.projection[:, :3], there)
        at, _ = near.project((eye.position + 2 * ray)[None])
        column, row = at[0].astype(int)
        assert np.abs(picture[row, column, :2] - 255 * np.array(pixel)).max() < 3


def test_a_mask_may_have_another_size_and_depth() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    mask = np.zeros((50, 50), np.uint8)
    mask[10:20, 10:30] = 255
    photo = prepare(image, mask)
    assert photo.mask is not None
    assert photo.mask.shape == (100, 200)
    assert photo.mask[30, 80]
    assert photo.mask.mean() == pytest.approx(mask.mean() / 255, abs=0.01)
    assert "50 x 50" in photo.notes[0]
