# SPDX-License-Identifier: GPL-3.0-or-later
"""Color and texture of a picture, and how they speak for one part of it or another."""

from __future__ import annotations

import numpy as np

from ..arrays import Ints, Single
from ..clusters import cluster_means, nearest
from ..color import srgb_bytes
from ..raster import box_mean

LIGHTNESS = 0.8  # of a difference in lightness that counts, next to one of hue
TEXTURE = 8.0  # by which a doubling of the contrast within a few pixels counts
ALIKE = 8.0  # spread within which colors count as alike
SAMPLES = 3000  # pixels that the clusters are made from
TURNS = 5  # of k-means
SHADES = (0.75, 0.55)  # of the light that reaches a contact shadow
SHADED = 0.25  # of the background that may lie in one
SURE = 4.0  # bound of a vote, as a logarithm of chances

TO_XYZ = np.array([[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]], np.float32)


def lab(picture: Single) -> Single:
    """CIE L*a*b* (H, W, 3) of an sRGB picture (H, W, 3) with values 0..255."""
    linear = srgb_bytes().astype(np.float32)
    root = np.cbrt(linear[picture.astype(np.uint8)] @ TO_XYZ.T)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 2)


def local_mean(values: Single, radius: int) -> Single:
    """The mean (H, W) over a square around each pixel, of what lies within the picture."""
    return box_mean(values, radius) / box_mean(np.ones_like(values), radius)


def features(color: Single) -> Single:
    """What pixels are compared by (H, W, 4): the L*a*b* color (H, W, 3) and the contrast around each."""
    light = color[..., 0]
    mean = local_mean(light, 2)
    spread = np.sqrt(np.maximum(local_mean(light * light, 2) - mean * mean, 0))
    texture = TEXTURE * local_mean(np.log2(1 + spread), 2)
    return np.stack([LIGHTNESS * light, color[..., 1], color[..., 2], texture], 2)


class Clusters:
    """The looks of a picture in a few clusters, and votes by them.

    Histograms over the clusters are smoothed by their likeness, which makes them kernel density estimates.
    """

    def __init__(self, looks: Single, count: int) -> None:
        points = looks.reshape(-1, looks.shape[2])
        self.middles = _k_means(points[:: max(1, len(points) // SAMPLES)], count)
        self.label = self.nearest(points).reshape(looks.shape[:2])
        likeness = _likeness(self.middles, self.middles)
        total = likeness.sum(1, keepdims=True)
        self._kernel = likeness / total
        shaded = np.zeros_like(likeness)
        for shade in SHADES:
            darker = _likeness(_darken(self.middles, shade), self.middles)
            shaded += darker / np.maximum(darker.sum(1, keepdims=True), total) / len(SHADES)
        self._shaded_kernel = (1 - SHADED) * self._kernel + SHADED * shaded

    def nearest(self, points: Single) -> Ints:
        """The cluster (N,) of each of the looks (N, 4)."""
        return nearest(points, self.middles)

    def density(self, labels: Ints, weight: Single, *, shaded: bool = False) -> Single:
        """How often each cluster occurs among pixels with weights, as shares; shaded: also where it was darker."""
        count = len(self.middles)
        kernel = self._shaded_kernel if shaded else self._kernel
        number = np.bincount(labels.ravel(), weight.ravel(), count) @ kernel + 0.5
        return np.asarray(number / number.sum(), np.float32)

    def votes(self, chance: Single) -> Single:
        """For each cluster the logarithm of how much likelier it is the subject's than the background's, where
        the chance (H, W) of each pixel to be the subject's is known.
        """
        own = self.density(self.label, chance)
        other = self.density(self.label, 1 - chance, shaded=True)
        return np.asarray(np.clip(np.log(own / other), -SURE, SURE))

    def unlike(self, outside: Single, inside: Single, share: float) -> Single:
        """Votes where only the background is known: what occurs more often inside than the background would,
        if it took all but `share` of the inside, is the subject's.
        """
        other = self.density(self.label, outside, shaded=True)
        chance = 1 - (1 - share) * other / self.density(self.label, inside)
        chance = np.clip(chance, 0.02, 0.98)
        return np.asarray(np.clip(np.log(chance / (1 - chance)), -SURE, SURE))

    def likeness_to(self, row: int, column: int) -> Single:
        """How alike each pixel (H, W) looks to one of them, 0..1."""
        label = self.label[row, column]
        return np.asarray(_likeness(self.middles[label][None], self.middles)[0][self.label])


def _k_means(points: Single, count: int) -> Single:
    """Middles (count, 4) of clusters, from starts drawn far apart (k-means++, Arthur and Vassilvitskii 2007)."""
    rng = np.random.default_rng(0)
    parts = np.ascontiguousarray(points.T)  # sums over few rows are quicker than over short ones
    drawn = [len(points) // 2]
    distance = ((parts - points[drawn[0], :, None]) ** 2).sum(0)
    while len(drawn) < count and distance.max() > 0:
        reach = np.cumsum(distance)
        drawn.append(min(int(np.searchsorted(reach, rng.random() * reach[-1])), len(points) - 1))
        distance = np.minimum(distance, ((parts - points[drawn[-1], :, None]) ** 2).sum(0))
    middles = points[drawn]
    for _ in range(TURNS):
        means, number = cluster_means(points, nearest(points, middles), len(middles))
        middles = np.where(number[:, None] > 0, means, middles).astype(np.float32)
    return np.asarray(middles)


def _likeness(a: Single, b: Single) -> Single:
    """(len(a), len(b)), 1 where looks are the same."""
    return np.asarray(np.exp(-((a[:, None] - b) ** 2).sum(2) / (2 * ALIKE**2)), np.float32)


def _darken(looks: Single, light: float) -> Single:
    """Looks in less light: X, Y and Z fall, and with their roots L* + 16, a* and b*."""
    root = float(np.cbrt(light))
    foot = np.array([16 * LIGHTNESS, 0, 0, 0], np.float32)
    return np.asarray((looks + foot) * np.array([root, root, root, 1], np.float32) - foot, np.float32)
