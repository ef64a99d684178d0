# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of the network against their definitions, written plainly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from random_model import Draw

from sam3d.engine.arrays import Floats, Single
from sam3d.engine.segment_anything.convolution import Convolution, Depthwise
from sam3d.engine.segment_anything.numerics import gelu, normalize


def test_gelu_is_off_by_less_than_a_millionth() -> None:
    x = np.concatenate([np.linspace(-12, 12, 200_001), [0, -1e-30, 300, -300, 1e4, -1e4]])
    true = np.array([value * math.erfc(-value / math.sqrt(2)) / 2 for value in x])
    found = gelu(x.astype(np.float32))
    assert np.abs(found[np.abs(x) < 6] - true[np.abs(x) < 6]).max() < 1e-6
    assert np.allclose(found, true, rtol=3e-7, atol=1e-6)


def test_gelu_of_many_is_that_of_each() -> None:
    x = 3 * Draw(1)(3, 40_001)
    whole, parts = gelu(x.copy()), np.stack([gelu(row.copy()) for row in x])
    assert np.abs(whole - parts).max() < 1e-6


def test_normalize() -> None:
    x = 100 + 3 * Draw(2)(5, 64)
    found = normalize(x)
    assert np.allclose(found.mean(1), 0, atol=1e-4) and np.allclose(found.std(1), 1, atol=1e-4)
    assert np.array_equal(normalize(np.full((2, 8), 7, np.float32)), np.zeros((2, 8)))


def convolved(picture: Single, kernel: Single, stride: int) -> Floats:
    """A picture (H, W, C) with zeros around it, convolved with a kernel (outputs, C, 3, 3)."""
    padded = np.pad(picture.astype(np.float64), ((1, 1), (1, 1), (0, 0)))
    height, width = picture.shape[:2]
    return np.array(
        [
            [np.einsum("yxc,ocyx->o", padded[y : y + 3, x : x + 3], kernel) for x in range(0, width, stride)]
            for y in range(0, height, stride)
        ]
    )


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(6, 8), (2, 4), (4, 2)])
def test_convolution(size: tuple[int, int], stride: int) -> None:
    draw = Draw(3)
    picture, kernel, bias = draw(*size, 5), draw(4, 5, 3, 3), draw(4)
    found = Convolution(kernel, bias, stride)(np.pad(picture, ((1, 1), (1, 1), (0, 0))))
    assert np.allclose(found, convolved(picture, kernel, stride) + bias, atol=1e-5)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(
    ("size", "splits"), [((6, 8, 5), []), ((6, 8, 5), [1, 2, 5]), ((2, 4, 5), [1]), ((4, 200, 256), [3])]
)
def test_depthwise_convolution(size: tuple[int, int, int], splits: list[int], stride: int) -> None:
    """Also in strips, and of rows that are too long for one piece."""
    draw = Draw(4)
    picture, kernel, bias = draw(*size), draw(size[2], 1, 3, 3), draw(size[2])
    found = np.concatenate(list(Depthwise(kernel, bias, stride)(np.split(picture, splits))))
    each = np.pad(picture, ((1, 1), (1, 1), (0, 0)))
    true = sum(
        each[y : y + size[0] : stride, x : x + size[1] : stride] * kernel[:, 0, y, x]
        for y in range(3)
        for x in range(3)
    )
    assert np.allclose(found, true + bias, atol=1e-5)


def test_nothing_convolved_is_nothing() -> None:
    assert not list(Depthwise(Draw(5)(2, 1, 3, 3), Draw(6)(2))([]))
