# SPDX-License-Identifier: GPL-3.0-or-later
"""The edges that a picture shows of an object: where they are, and which way they run there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Mask, Pixels
from .silhouette import Silhouette, blur, resample

WORKING = 360  # pixels of the longer side of the picture that edges are looked for in
CONTRAST = 4.0  # levels of 255 between neighboring pixels that make an edge, and where it counts in full
FULL_CONTRAST = 15.0
RIM = 3.0  # working pixels along the outline where the picture shows the outline alone


@dataclass(frozen=True)
class Edges:
    """Points on edges.

    places: (N, 2) pixels of the picture. along: (N, 2), unit, the way the edge runs. weight: (N,) how many pixels of an
    edge a point stands for, less for a faint one.
    """

    places: Floats
    along: Floats
    weight: Floats

    def where(self, chosen: Mask) -> Edges:
        """Some of the points, (N,) bool."""
        return Edges(self.places[chosen], self.along[chosen], self.weight[chosen])


def inner_edges(silhouette: Silhouette, picture: Pixels) -> Edges:
    """The edges within the mask of a picture (H, W, 3)."""
    step = max(1, round(max(picture.shape[:2]) / WORKING))
    height, width = (max(2, size // step) for size in picture.shape[:2])
    gray = blur(resample(picture[..., :3].mean(2, dtype=np.float32), height, width), 1)
    down, right = np.gradient(gray)
    steep = np.hypot(right, down)
    rows, columns = np.mgrid[0:height, 0:width]
    across = [np.round(slope / np.maximum(steep, 1e-6)).astype(int) for slope in (down, right)]
    around = np.pad(steep, 1)
    crest = np.ones(steep.shape, bool)
    for sign in (-1, 1):
        crest &= steep >= around[rows + 1 + sign * across[0], columns + 1 + sign * across[1]]
    scale = np.array([picture.shape[1] / width, picture.shape[0] / height])
    places = (np.stack([columns, rows], 2).reshape(-1, 2) + 0.5) * scale
    chosen = np.flatnonzero((crest & (steep > CONTRAST)).ravel())
    chosen = chosen[silhouette.sample(places[chosen]) > RIM * step]
    slope = np.stack([-down, right], 2).reshape(-1, 2)[chosen]
    strength = steep.ravel()[chosen]
    weight = step * np.minimum(strength / FULL_CONTRAST, 1)
    return Edges(places[chosen], slope / strength[:, None], np.asarray(weight, np.float64))


def outline_edges(silhouette: Silhouette) -> Edges:
    """The mask's outline."""
    down, right = np.gradient(blur(silhouette.distance, 2))
    steep = np.hypot(right, down)
    rows, columns = np.nonzero((np.abs(silhouette.distance) < 0.7) & (steep > 0.5))
    slope = np.stack([-down, right], 2)[rows, columns] / steep[rows, columns, None]
    places = silhouette.to_photo(np.stack([columns, rows], 1).astype(np.float64) + 0.5)
    return Edges(places, slope.astype(np.float64), np.full(len(places), 1 / silhouette.scale))
