# SPDX-License-Identifier: GPL-3.0-or-later
"""The small network computes what its layers say, and sees the photo and the prompts where they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from sam3d.engine.selection import PixelPrompts
from sam3d.engine.selection.network import CHANNELS, SIZE, WEIGHTS, Network, network
from sam3d.engine.selection.square import Square
from sam3d.engine.selection.window import Window


@pytest.fixture
def made_up(tmp_path: Path) -> Network:
    """The network with weights that are drawn at random."""
    rng = np.random.default_rng(3)
    drawn = {}
    with np.load(WEIGHTS) as file:
        for name in file.files:
            values = file[name]
            drawn[name] = rng.integers(-9, 9, values.shape) if name.startswith("weight") else np.full_like(values, 0.02)
    np.savez(tmp_path / "made-up.npz", **drawn)
    return Network(tmp_path / "made-up.npz")


def weight_of(path: Path, layer: str) -> np.ndarray:
    with np.load(path) as file:
        return np.asarray(file[f"weight {layer}"] * file[f"scale {layer}"].astype(np.float32), np.float32)


@pytest.mark.parametrize("stride", [1, 2])
def test_a_convolution_is_one(stride: int) -> None:
    values = np.random.default_rng(1).normal(0, 1, (12, 16, 36)).astype(np.float32)
    found = network()._spread("b.0.c", values, stride)
    with np.load(WEIGHTS) as file:
        bias = file["bias b.0.c"].astype(np.float32)
    kernel = weight_of(WEIGHTS, "b.0.c").reshape(3, 3, 36, 36)
    for output in (0, 17):
        each = [ndimage.correlate(values[..., k], kernel[..., k, output], mode="constant") for k in range(36)]
        expected = sum(each)[::stride, ::stride] + bias[output]
        np.testing.assert_allclose(found[..., output], expected, atol=1e-3)


def test_what_lies_far_off_is_seen(made_up: Network) -> None:
    """By the lower resolutions, which look at all of the window."""
    seen = np.random.default_rng(2).normal(0, 1, (SIZE, SIZE, CHANNELS)).astype(np.float32)
    logits, score = made_up(seen)
    assert logits.shape == (SIZE, SIZE) and np.isfinite(logits).all() and np.isfinite(score)
    other = seen.copy()
    other[0, 0] += 3
    assert abs(made_up(other)[0][-1, -1] - logits[-1, -1]) > 0
    again, same = made_up(seen)
    assert (again == logits).all() and same == score


def test_a_photo_is_seen_where_it_lies() -> None:
    photo = np.zeros((40, 80, 3), np.uint8)
    photo[10:30, 20:60] = (255, 127, 0)
    square = Square.around((0, 0, 80, 40), 80)
    assert (square.left, square.top) == (0, -20)
    picture, known = square.picture(photo)
    assert known[16:48].min() == 1 and known[:16].max() == known[48:].max() == 0
    np.testing.assert_allclose(picture[32, 32], (255, 127, 0))
    assert picture[32, 8].max() == picture[8, 32].max() == 0
    assert 0 < picture[24, 32, 0] <= 255


def test_prompts_are_seen_where_they_are() -> None:
    photo = np.full((64, 64, 3), 100, np.uint8)
    stroke = np.zeros((64, 64), bool)
    stroke[50, 40:60] = True
    prompts = PixelPrompts(box=(10, 20, 30, 60), positive=((20.5, 30.5),), negative=((5.5, 60.5),), stroke=stroke)
    seen = Square(0, 0, 64).sight(photo, prompts)
    assert seen[30, 20, 5] == 1 and seen[50, 45, 5] > 0.7 and seen[30, 60, 5] < 0.05
    assert seen[60, 5, 6] == 1 and seen[30, 20, 6] < 0.01
    assert seen[20:60, 10:30, 4].min() == 1 and seen[..., 4].sum() == 20 * 40
    assert Square(0, 0, 64).sight(photo, PixelPrompts())[..., 4:].max() == 0


def test_logits_are_laid_over_a_window() -> None:
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    square = Square(10, 20, 2 * SIZE)
    window = Window(30, 40, 70, 60, 10, 20)
    found = square.at(x + 100 * y, window)
    across, down = window.centers()
    expected = ((across - 10) / 2 - 0.5) + 100 * ((down - 20) / 2 - 0.5)
    np.testing.assert_allclose(found, expected, atol=1e-2)
