# SPDX-License-Identifier: GPL-3.0-or-later
"""Products of matrices, also where numpy has no library for them.

The numpy in some builds of Blender was made without a BLAS. Its matmul is then many times slower than its einsum, whose
inner loop is made for the processor.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from ..arrays import Single

SIDE = 160  # of the matrices with which the two ways are compared
RUNS = 3
WORTH_THREADS = 1 << 23  # multiplications of a product, from which on threads are worth starting
MOST_THREADS = 8


def product(one: Single, other: Single, out: Single | None = None) -> Single:
    """Matrices (..., M, K) times matrices (..., K, N), the quickest way that there is here."""
    return _quickest()(one, other, out)


def by_matmul(one: Single, other: Single, out: Single | None = None) -> Single:
    """As numpy does it, with a BLAS where there is one."""
    return np.asarray(np.matmul(one, other, out=out))


def by_einsum(one: Single, other: Single, out: Single | None = None) -> Single:
    """By numpy's own loops. They go along the rows of `other`, which are laid out one by one for that; the rows of a
    large product are shared out among threads, as a BLAS does.
    """
    other = np.ascontiguousarray(other)
    if one.ndim > 2 or other.ndim > 2 or one.size * other.shape[1] < WORTH_THREADS:
        return np.asarray(np.einsum("...mk,...kn->...mn", one, other, out=out))
    result = np.empty((len(one), other.shape[1]), np.float32) if out is None else out
    threads = min(os.cpu_count() or 1, MOST_THREADS)
    rows = -(-len(one) // threads)

    def some(first: int) -> None:
        part = slice(first, first + rows)
        np.einsum("mk,kn->mn", one[part], other, out=result[part])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, range(0, len(one), rows)))
    return result


@cache
def _quickest() -> Callable[[Single, Single, Single | None], Single]:
    """What takes less time here; one of them does by far."""
    square = np.ones((SIDE, SIDE), np.float32)
    took = {}
    for way in (by_matmul, by_einsum):
        way(square, square)
        took[way] = min(_seconds(way, square) for _ in range(RUNS))
    return min(took, key=lambda way: took[way])


def _seconds(way: Callable[[Single, Single], Single], square: Single) -> float:
    start = time.perf_counter()
    way(square, square)
    return time.perf_counter() - start
