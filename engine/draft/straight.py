# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether level edges within a mask run straight, as on a box, or around it, as on a body of revolution."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats
from .camera import View
from .edges import Edges
from .revolution import profile
from .silhouette import Silhouette
from .symmetry import Axis

UPRIGHT = 20.0  # degrees in the picture; an edge so near to upright runs so on both
UNSURE = 4.0  # degrees by which edges are off
ENOUGH = 1.2  # length of edges that tells something, in longer sides of the mask
FURTHEST = 0.95  # from the axis, in radii: nearer to the outline circles are seen edge on


def straightness(edges: Edges, silhouette: Silhouette, view: View, axis: Axis) -> float:
    """How much more of the level edges runs along the sides of a box than around an upright axis, -1..1; 0 where there
    are too few to tell.
    """
    rays = view.rays(edges.places)
    upward = np.array([0.0, 1.0, 0.0])
    level = _off(edges.along, view, rays, upward) > UPRIGHT
    edges, rays = edges.where(level), rays[level]
    total = float(edges.weight.sum())
    if total < ENOUGH * max(silhouette.inside.shape) / silhouette.scale:
        return 0.0
    height, radius = profile(silhouette, view, axis)
    across = rays * ((axis.point @ axis.toward) / (rays @ axis.toward))[:, None] - axis.point
    around = np.interp(across @ axis.direction, height, radius)
    sine = np.clip(across @ axis.side / np.maximum(around, 1e-9), -FURTHEST, FURTHEST)[:, None]
    cosine = np.sqrt(1 - sine * sine)
    out = around[:, None] * (sine * axis.side - cosine * axis.toward)
    surface = axis.point + (across @ axis.direction)[:, None] * axis.direction + out
    circle = _agreement(_off(edges.along, view, surface, cosine * axis.side + sine * axis.toward))
    sides = [_agreement(_off(edges.along, view, rays, side)) for side in (np.eye(3)[0], np.eye(3)[2])]
    return float(edges.weight @ (np.maximum(*sides) - circle)) / total


def _off(along: Floats, view: View, points: Floats, direction: Floats) -> Floats:
    """Degrees (N,) between ways (N, 2) in the picture and directions (N, 3) or (3,) at points (N, 3)."""
    step = 1e-3 * direction
    way = view.project(points + step)[0] - view.project(points - step)[0]
    turned = np.degrees(np.arctan2(along[:, 1], along[:, 0]) - np.arctan2(way[:, 1], way[:, 0]))
    return np.asarray(np.abs((turned + 90) % 180 - 90))


def _agreement(off: Floats) -> Floats:
    return np.asarray(np.exp(-((off / UNSURE) ** 2) / 2))
