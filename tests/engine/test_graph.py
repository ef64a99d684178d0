# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphs agree with scipy, which the extension does not have."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from sam3d.engine.graph import AdjacencyGraph, components, connected

NODES = 60


def random_graph(seed: int, edges: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Edges (E, 2) of a graph of NODES nodes, each once, and their lengths."""
    numbers = np.random.default_rng(seed)
    pairs = np.unique(np.sort(numbers.integers(0, NODES, (edges, 2)), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return pairs, numbers.uniform(0.5, 2.0, len(pairs))


def matrix(pairs: NDArray[np.int64], lengths: NDArray[np.float64]) -> coo_matrix:
    return coo_matrix((lengths, pairs.T), (NODES, NODES))


@pytest.mark.parametrize("edges", [0, 20, 45, 200])
def test_connected_parts(edges: int) -> None:
    pairs, lengths = random_graph(edges, edges)
    count, expected = connected_components(matrix(pairs, lengths), directed=False)
    found = connected(NODES, pairs)
    assert set(found) == set(range(count))
    assert len(set(zip(found, expected, strict=True))) == count


def test_a_long_chain_is_one_part() -> None:
    order = np.random.default_rng(3).permutation(500)
    assert not connected(500, np.stack([order[:-1], order[1:]], 1)).any()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 1.0])
def test_parts_of_a_mask(share: float) -> None:
    mask = np.random.default_rng(1).random((23, 31)) < share
    labels, sizes = components(mask)
    expected, count = ndimage.label(mask)
    assert ((labels == 0) == ~mask).all()
    assert labels.max() == count
    assert len(set(zip(labels[mask], expected[mask], strict=True))) == count
    np.testing.assert_array_equal(sizes, np.bincount(labels.ravel()))


def test_shortest_ways() -> None:
    pairs, lengths = random_graph(5, 90)
    sources = [np.array([0]), np.array([3, 17, 40])]
    found = AdjacencyGraph(NODES, pairs, lengths).distances(sources)
    expected = dijkstra(matrix(pairs, lengths), directed=False)
    for column, nodes in enumerate(sources):
        np.testing.assert_allclose(found[:, column], expected[nodes].min(0), rtol=1e-5)
    lonely = AdjacencyGraph(3, np.array([(0, 1)]), np.array([2.0])).distances([np.array([0])])[:, 0]
    np.testing.assert_array_equal(lonely, [0.0, 2.0, np.inf])


@pytest.mark.parametrize("shape", [(), (3,)])
def test_smoothing_takes_the_mean_of_neighbors(shape: tuple[int, ...]) -> None:
    pairs, lengths = random_graph(7, 90)
    values = np.random.default_rng(2).random((NODES, *shape))
    near = np.eye(NODES)
    near[pairs[:, 0], pairs[:, 1]] = near[pairs[:, 1], pairs[:, 0]] = 1
    mean = near / near.sum(1, keepdims=True)
    ways = AdjacencyGraph(NODES, pairs, lengths)
    np.testing.assert_allclose(ways.smooth(values, 2), mean @ mean @ values)
    np.testing.assert_array_equal(ways.smooth(values, 0), values)
