# SPDX-License-Identifier: GPL-3.0-or-later
"""Connected parts of graphs and of masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def connected(count: int, pairs: Ints) -> Ints:
    """Numbers 0.. (count,) of the connected parts of a graph of `count` nodes and edges `pairs` (N, 2)."""
    label = np.arange(count)
    while True:
        before = label.copy()
        low = np.minimum(before[pairs[:, 0]], before[pairs[:, 1]])
        # The roots take the smaller label, then every node follows its root's.
        np.minimum.at(label, before[pairs[:, 0]], low)
        np.minimum.at(label, before[pairs[:, 1]], low)
        while True:
            root = label[label]
            if (root == label).all():
                break
            label = root
        if (label == before).all():
            return np.unique(label, return_inverse=True)[1].reshape(-1)


def components(mask: NDArray[np.bool_]) -> tuple[Ints, Ints]:
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
