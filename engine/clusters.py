# SPDX-License-Identifier: GPL-3.0-or-later
"""The two steps of k-means (Lloyd 1982): points to their nearest centers, and centers to the means of their points."""

import numpy as np

from .arrays import Floats, Ints, Single


def nearest(points: Single, centers: Single) -> Ints:
    """The number (N,) of the center (C, K) nearest to each of the points (N, K)."""
    distance: Single = (centers * centers).sum(1) - 2 * points @ centers.T  # but for what is the same for all centers
    label: Ints = distance.argmin(1)
    return label


def cluster_means(points: Single, labels: Ints, count: int) -> tuple[Floats, Ints]:
    """The means (count, K) of the points (N, K) with each label, zero where there are none, and how many they are."""
    number = np.bincount(labels, minlength=count)
    total = np.stack([np.bincount(labels, column, count) for column in points.T], 1)
    return total / np.maximum(number, 1)[:, None], number
