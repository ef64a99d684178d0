# SPDX-License-Identifier: GPL-3.0-or-later
"""Both ways to multiply matrices give the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from random_model import Draw

from sam3d.engine.arrays import Single
from sam3d.engine.segment_anything.products import by_einsum, by_matmul, product


@pytest.mark.parametrize("way", [by_einsum, by_matmul, product])
def test_products(way: Callable[..., Single]) -> None:
    draw = Draw(1)
    one, other = draw(3, 7, 5), draw(3, 4, 5).swapaxes(1, 2)
    true = np.einsum("bmk,bkn->bmn", one.astype(np.float64), other)
    found = way(one, other)
    assert found.dtype == np.float32 and np.allclose(found, true, atol=1e-5)
    assert np.allclose(way(one[0].T, draw(7, 2)).shape, (5, 2))
    into = np.zeros((7, 3, 4), np.float32)
    way(one, other, out=into.transpose(1, 0, 2))
    assert np.allclose(into.transpose(1, 0, 2), true, atol=1e-5)
