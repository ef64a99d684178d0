# SPDX-License-Identifier: GPL-3.0-or-later
"""Photos of all sizes are brought to the working size, and back to their own for the texture."""

from __future__ import annotations

import numpy as np
import pytest

from sam3d.engine.draft.input_photo import WORKING_SIZE, cut_out_small, prepare


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


@pytest.mark.parametrize("told_by", ["mask", "small mask", "alpha"])
@pytest.mark.parametrize("size", [(6000, 8000), (8000, 1500)])
def test_a_small_subject_in_a_large_photo_keeps_its_pixels(size: tuple[int, int], told_by: str) -> None:
    height, width = size
    image = np.zeros((*size, 4), np.uint8)
    image[..., 3] = 0 if told_by == "alpha" else 255
    top, left = height - 400, width - 204
    image[top : top + 300, left : left + 200] = (200, 60, 20, 255)
    step = 4 if told_by == "small mask" else 1
    mask = np.zeros((height // step, width // step), bool)
    mask[top // step : (top + 300) // step, left // step : (left + 200) // step] = True
    part, cut, (column, row) = cut_out_small(image, None if told_by == "alpha" else mask)
    np.testing.assert_array_equal(part, image[row : row + part.shape[0], column : column + part.shape[1]])
    photo = prepare(part, cut)
    assert max(photo.work.shape) <= WORKING_SIZE and photo.notes == ()
    subject = photo.mask if photo.mask is not None else photo.alpha > 127 if photo.alpha is not None else None
    assert subject is not None
    assert subject.sum() == pytest.approx(300 * 200, rel=0.02)
    assert (photo.work[subject] == (200, 60, 20)).all(1).mean() > 0.95


def test_a_subject_that_fills_its_photo_is_not_cut_out() -> None:
    mask = np.zeros((3000, 4000), bool)
    mask[200:2800, 300:3700] = True
    image = np.zeros((3000, 4000, 3), np.uint8)
    assert cut_out_small(image, mask) == (image, mask, (0, 0))
