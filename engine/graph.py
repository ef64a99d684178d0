# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphs: connected parts of them and of masks, and shortest ways."""

from __future__ import annotations

import numpy as np

from .arrays import Floats, Ints, Mask, Single


def connected(count: int, pairs: Ints) -> Ints:
    """Numbers 0.. (count,) of the connected parts of a graph of `count` nodes and edges `pairs` (N, 2)."""
    label = np.arange(count)
    one, other = pairs[:, 0], pairs[:, 1]
    while True:
        before = label.copy()
        low = np.minimum(before[one], before[other])
        # The roots take the smaller label, then every node follows its root's.
        np.minimum.at(label, before[one], low)
        np.minimum.at(label, before[other], low)
        while True:
            root = label[label]
            if (root == label).all():
                break
            label = root
        if (label == before).all():
            return np.unique(label, return_inverse=True)[1].reshape(-1)


def components(mask: Mask) -> tuple[Ints, Ints]:
    """Numbers the parts of a mask (H, W) that hang together by pixel edges.

    Returns labels (H, W), 0 outside the mask and 1.. within, and the number of pixels of each label.
    """
    index = np.cumsum(mask.ravel()).reshape(mask.shape) - 1
    beside, below = mask[:, 1:] & mask[:, :-1], mask[1:] & mask[:-1]
    pairs = np.concatenate(
        [
            np.stack([index[:, :-1][beside], index[:, 1:][beside]], 1),
            np.stack([index[:-1][below], index[1:][below]], 1),
        ]
    )
    labels = np.zeros(mask.shape, np.int64)
    labels[mask] = connected(int(mask.sum()), pairs) + 1
    return labels, np.bincount(labels.ravel())


class AdjacencyGraph:
    """The edges of a graph without direction, kept so that each node finds its neighbors in one piece.

    first: (N + 1,) where the edges of node n begin and end in the two others: first[n] to first[n + 1].
    target: (E,) the node at the other end. length: (E,) its distance.
    """

    def __init__(self, count: int, pairs: Ints, lengths: Floats) -> None:
        """From `count` nodes and the edges `pairs` (P, 2) of `lengths` (P,); every node gets an edge to itself."""
        itself = np.arange(count)
        start = np.concatenate([itself, pairs[:, 0], pairs[:, 1]])
        order = np.argsort(start, kind="stable")
        self.first: Ints = np.searchsorted(start[order], np.arange(count + 1))
        self.target: Ints = np.concatenate([itself, pairs[:, 1], pairs[:, 0]])[order]
        length = np.concatenate([np.zeros(count), lengths, lengths])[order]
        self.length: Single = length.astype(np.float32)

    def distances(self, sources: list[Ints]) -> Single:
        """The shortest way from each set of nodes to each node, (N, sets); infinite where there is none."""
        return np.stack([self._distance(nodes) for nodes in sources], 1)

    def _distance(self, nodes: Ints) -> Single:
        distance = np.full(len(self.first) - 1, np.inf, np.float32)
        distance[nodes] = 0
        while True:
            # Bellman and Ford, for all nodes at once.
            shorter = np.minimum.reduceat(distance[self.target] + self.length, self.first[:-1])
            if np.array_equal(shorter, distance):
                return distance
            distance = shorter

    def smooth(self, values: Floats, times: int) -> Floats:
        """Each node's values (N, ...) replaced by the mean of itself and its neighbors, some times over."""
        degree = np.diff(self.first).reshape((-1,) + (1,) * (values.ndim - 1))
        for _ in range(times):
            values = np.add.reduceat(values[self.target], self.first[:-1], axis=0) / degree
        return values
