# SPDX-License-Identifier: GPL-3.0-or-later
"""From a photo of any size to the square that the network sees, and back."""

from __future__ import annotations

import numpy as np
import pytest
from random_model import Draw

from sam3d.engine.arrays import Single
from sam3d.engine.segment_anything.frame import DEVIATION, MEAN, Frame

SIZES = [(667, 901), (901, 667), (1024, 1024), (40, 30), (1, 3000), (2500, 1875)]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_longest_side_fills_the_square(height: int, width: int) -> None:
    frame = Frame(height, width)
    assert max(frame.size) == 1024 and min(frame.size) >= 1
    assert frame.size[0] / frame.size[1] == pytest.approx(height / width, rel=0.01) or min(height, width) == 1
    assert frame.cells == tuple(-(-side // 4) for side in frame.size)


def test_the_photo_in_the_square() -> None:
    photo = np.full((300, 200, 3), (10, 200, 100), np.uint8)
    square = Frame(300, 200).square(photo)
    assert square.shape == (1024, 1024, 3) and square.dtype == np.float32
    assert np.allclose(square[:, :683], (photo[0, 0] - MEAN) / DEVIATION, atol=1e-5)
    assert not square[:, 683:].any()


def test_points_in_the_square() -> None:
    frame = Frame(500, 1000)
    assert np.allclose(frame.place([(0, 0), (1000, 500), (250, 100)]), [(0, 0), (1, 0.5), (0.25, 0.1)])
    rows, columns = frame.cell([(0, 0), (999.9, 499.9), (250, 100)])
    assert rows.tolist() == [0, 127, 25] and columns.tolist() == [0, 255, 64]
    assert frame.place(()).shape == (0, 2)


def disc(x: float, y: float, radius: float) -> Single:
    """Logits of a disc in the square, whose sides are 1."""
    middles = (np.arange(256) + 0.5) / 256
    return np.asarray(100 * (radius - np.hypot(middles - x, middles[:, None] - y)), np.float32)


@pytest.mark.parametrize(("height", "width"), [size for size in SIZES if min(size) > 1])
def test_a_mask_lies_where_its_logits_do(height: int, width: int) -> None:
    frame = Frame(height, width)
    across, down = frame.size[1] / 1024, frame.size[0] / 1024
    mask = frame.mask(disc(0.4 * across, 0.6 * down, 0.25))
    x, y = np.arange(width) + 0.5, (np.arange(height) + 0.5)[:, None]
    true = np.hypot(x / width * across - 0.4 * across, y / height * down - 0.6 * down) < 0.25
    assert mask.shape == (height, width) and mask.dtype == bool
    assert (mask & true).sum() / (mask | true).sum() > (0.99 if height > 100 else 0.96)


def test_a_mask_s_outline_is_smooth() -> None:
    """Larger than its logits it has no steps: along the outline, neighboring rows begin at most a little apart."""
    mask = Frame(4096, 4096).mask(disc(0.5, 0.5, 0.3))
    begins = mask[2048 - 600 : 2048 + 600].argmax(1)
    assert np.abs(np.diff(begins)).max() <= 2


def test_logits_beside_the_photo_are_left_out() -> None:
    logits = np.full((256, 256), -5, np.float32)
    logits[130:] = 5
    assert not Frame(500, 1000).mask(logits).any()
    logits[:120] = Draw(1)(120, 256) + 4
    assert Frame(500, 1000).mask(logits)[:460].all()
