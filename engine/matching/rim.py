# SPDX-License-Identifier: GPL-3.0-or-later
"""The rim of a model: the points of its edges that bound its silhouette, as seen from somewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Mask
from ..raster import scan
from .models import Model

DRAWN = 96
"""Pixels along the longer side of the silhouette that is drawn to tell the rim from edges within."""
PROBE = 1.3
"""Pixels: so far outwards nothing of the model lies beside its rim."""
MOST = 200
"""Points of a rim."""


@dataclass(frozen=True)
class Rim:
    """points (N, 3) of a model, and the directions (N, 2) in the photo that lead out of its silhouette."""

    points: Floats
    outwards: Floats


def rim_of(model: Model, pixels: Floats, most: int = MOST, drawn: int = DRAWN) -> Rim:
    """The rim of a model whose points lie at pixels (V, 2), at most about so many points, evenly along it."""
    low = pixels.min(0)
    scale = drawn / max(float((pixels.max(0) - low).max()), 1e-9)
    at = (pixels - low) * scale + 3
    width, height = (int(n) + 4 for n in at.max(0))
    covered = silhouette(at[model.faces], width, height)
    start, end = at[model.edges[:, 0]], at[model.edges[:, 1]]
    along = end - start
    sides = [_across(along, at[model.corners[:, k]] - start) for k in (0, 1)]
    bounds = sides[0] * sides[1] >= 0
    along, start, edges = along[bounds], start[bounds], model.edges[bounds]
    side = np.where(sides[0] + sides[1] > 0, 1.0, -1.0)[bounds]
    length = np.linalg.norm(along, axis=1)
    outwards = np.stack([along[:, 1], -along[:, 0]], 1) * (side / np.maximum(length, 1e-9))[:, None]
    count = np.ceil(length).astype(np.int64)
    edge = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    share = (step + 0.5) / count[edge]
    place = start[edge] + along[edge] * share[:, None]
    probe = (place + PROBE * outwards[edge]).astype(np.int64)
    outer = ~covered[probe[:, 1], probe[:, 0]]
    edge, share = edge[outer], share[outer, None]
    if len(edge) > most:
        chosen = np.linspace(0, len(edge) - 1, most).astype(np.int64)
        edge, share = edge[chosen], share[chosen]
    points = model.points[edges[edge, 0]] * (1 - share) + model.points[edges[edge, 1]] * share
    return Rim(points, outwards[edge])


def silhouette(corners: Floats, width: int, height: int) -> Mask:
    """Where triangles (F, 3, 2) cover a picture of that size."""
    _, column, row = scan(corners, width, height)
    covered = np.zeros((height, width), bool)
    covered[row, column] = True
    return covered


def _across(one: Floats, other: Floats) -> Floats:
    return one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
