# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies that are put together from convex pieces, and how well they cover a mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from ..arrays import Floats, Mask
from ..graph import components
from .box import sight_lines
from .camera import View
from .sdf import Function, smooth_min
from .silhouette import Silhouette

PARALLEL = 1e-7  # sine of the angle between a line and a side, at least
SIDES = np.array([[0.0, -1, 0], [0, 1, 0], [-1, 0, 0], [1, 0, 0], [0, 0, -1], [0, 0, 1]])  # of an upright box
LINES = 800  # of sight, by which silhouettes are compared


@dataclass(frozen=True)
class Convex:
    """The points x of the eye's frame where normals (N, 3) @ x <= offsets (N,); the normals have length 1."""

    normals: Floats
    offsets: Floats

    def field(self, points: Floats, edge: float) -> Floats:
        """About the distance (N,) of points (N, 3) to the surface, positive inside, edges rounded over `edge`."""
        sides = self.offsets[:, None] - self.normals @ points.T
        return reduce(lambda one, other: smooth_min(one, other, edge), sides)


def frustum(low: Floats, high: Floats, top_low: Floats, top_high: Floats) -> Convex:
    """What has an upright box's base, between corners (3,), and a top between (2,) x and z, its sides flat."""
    height = high[1] - low[1]
    normals, offsets = [np.array([0.0, -1, 0]), np.array([0.0, 1, 0])], [-low[1], high[1]]
    for part, axis in ((0, 0), (1, 2)):
        for sign, base, top in ((-1.0, low[axis], top_low[part]), (1.0, high[axis], top_high[part])):
            normal = np.zeros(3)
            normal[axis], normal[1] = sign, -sign * (top - base) / height
            normal /= np.linalg.norm(normal)
            normals.append(normal)
            offsets.append(normal[axis] * base + normal[1] * low[1])
    return Convex(np.stack(normals), np.array(offsets))


def upright_box(low: Floats, high: Floats) -> Convex:
    """An upright box between two corners (3,)."""
    (x, y, z), (far_x, far_y, far_z) = low, high
    return Convex(SIDES, np.array([-y, far_y, -x, far_x, -z, far_z]))


def wheel(middle: Floats, radius: float, half_width: float, axle: int) -> Convex:
    """An upright disc, with eight sides, that turns about coordinate axis `axle`."""
    other = 2 - axle
    normals = np.zeros((10, 3))
    turns = np.arange(8) * np.pi / 4
    normals[:8, other], normals[:8, 1] = np.cos(turns), np.sin(turns)
    normals[8, axle], normals[9, axle] = 1.0, -1.0
    return Convex(normals, normals @ middle + np.append(np.full(8, radius), [half_width, half_width]))


def comparison(silhouette: Silhouette, view: View, lines: int = LINES) -> Callable[[Sequence[Convex]], float]:
    """The function from pieces to intersection over union of the mask and the silhouette of all pieces.

    What the mask has holes for counts neither way: there the pieces may be open.
    """
    rays, inside = sight_lines(silhouette, view, lines)
    at = silhouette.to_work(view.project(rays)[0]).astype(int)
    height, width = silhouette.inside.shape
    within = ((at >= 0) & (at < (width, height))).all(1)
    hole = np.zeros(len(rays), bool)
    hole[within] = _holes(silhouette.inside)[at[within, 1], at[within, 0]]
    rays, inside = rays[~hole | inside], inside[~hole | inside]
    lines_of_sight = np.ascontiguousarray(rays.T, np.float32)
    count = int(np.count_nonzero(inside))

    def overlap(pieces: Sequence[Convex]) -> float:
        most = max(len(piece.offsets) for piece in pieces)
        # Pieces of fewer sides get their last one several times.
        sides = [np.minimum(np.arange(most), len(piece.offsets) - 1) for piece in pieces]
        normals = np.concatenate([piece.normals[side] for piece, side in zip(pieces, sides, strict=True)])
        offsets = np.concatenate([piece.offsets[side] for piece, side in zip(pieces, sides, strict=True)])
        along = normals.astype(np.float32) @ lines_of_sight
        along[np.abs(along) < PARALLEL] = PARALLEL
        reach = offsets.astype(np.float32)[:, None] / along
        shape = (len(pieces), most, along.shape[1])
        leave = np.where(along > 0, reach, np.inf).reshape(shape).min(1)
        enter = np.where(along < 0, reach, 0).reshape(shape).max(1)
        hit = (enter < leave).any(0)
        both = int(np.count_nonzero(hit & inside))
        return both / max(int(np.count_nonzero(hit)) + count - both, 1)

    return overlap


def _holes(inside: Mask) -> Mask:
    """What is around no mask but within it."""
    label, _ = components(~inside)
    return np.asarray((label > 0) & (label != label[0, 0]), np.bool_)


def together(pieces: Sequence[Convex], edge: float) -> Function:
    """The field of all pieces, the edges of each rounded over `edge`."""
    return lambda points: np.maximum.reduce([piece.field(points, edge) for piece in pieces])


def climb(values: Floats, steps: Floats, worth: Callable[[Floats], float], finest: float = 0.1) -> tuple[Floats, float]:
    """Values (N,) near the given ones that are worth most, each tried by steps (N,), smaller ones
    then, and their worth; those with steps of 0 stay."""
    best = worth(values)
    size = 1.0
    while size > finest:
        better = False
        for index in np.flatnonzero(steps):
            for sign in (-1, 1):
                tried = values.copy()
                tried[index] += sign * size * steps[index]
                new = worth(tried)
                if new > best + 1e-4:
                    values, best, better = tried, new, True
        if not better:
            size /= 2
    return values, best
