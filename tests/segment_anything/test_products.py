# SPDX-License-Identifier: GPL-3.0-or-later
"""Both ways to multiply matrices give the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from encoded import encoded, model
from random_model import Draw
from reference_cases import CASES

from sam3d.engine.arrays import Single
from sam3d.engine.segment_anything.products import WORTH_THREADS, by_einsum, by_matmul, product


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


@pytest.mark.parametrize("rows", [1, 5, 701])
def test_a_large_product_that_threads_share(rows: int) -> None:
    draw = Draw(2)
    one, other = draw(rows, 9000 // rows + 100), draw(9000 // rows + 100, 1000)
    assert one.size * other.shape[1] >= WORTH_THREADS
    true = one.astype(np.float64) @ other
    assert np.allclose(by_einsum(one, other), true, atol=1e-3)
    into = np.zeros((rows, 2000), np.float32)
    by_einsum(one, other, out=into[:, ::2])
    assert np.allclose(into[:, ::2], true, atol=1e-3) and not into[:, 1::2].any()


def test_the_network_without_a_blas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A prompt has the same answer."""
    best = model().candidates(encoded(), CASES["click"])[0]
    monkeypatch.setattr("sam3d.engine.segment_anything.products._quickest", lambda: by_einsum)
    found = model().candidates(encoded(), CASES["click"])[0]
    assert best.logits is not None and found.logits is not None
    assert np.abs(best.logits - found.logits).max() < 1e-4 * np.ptp(best.logits)
