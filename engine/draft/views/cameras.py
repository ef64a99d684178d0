# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the other photos' cameras stand about a thing, told by the silhouettes and colors of one photo's shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from ...arrays import Floats
from ...matching.appearance import look_of, unlikeness
from ...matching.camera import EYE, PhotoCamera
from ...matching.case import Case, settled
from ...matching.coarse import try_all
from ...matching.models import BACK_TO_Z_UP
from ...matching.refine import Fitted, cost_of, errors_of, rim_in
from ...matching.shown import shown_in
from ...matching.stance import Stance, about_z
from .posed_view import PosedView
from .readings import Reading

if TYPE_CHECKING:
    from .. import Seen

STANDS = 3  # of a camera, that are made as good as can be
COLORS_COUNT = 0.5  # how far colors are believed beside silhouettes
UNCOVERED = 60.0  # cost of a mask that the others leave nothing of
CELLS = 36  # along the longest side of the space in which views are held against each other
ROOM = 0.15  # of the longest side, around a shape
COARSE = 32  # cells of a mask along its longer side


@dataclass(frozen=True)
class Stand:
    """A place where a camera may stand, and how unlikely that is (a negative logarithm)."""

    view: PosedView
    cost: float


def stands_of(reading: Reading, number: int, seen: Seen) -> list[Stand]:
    """Where the camera of another photo may stand about a reading's shape, the likeliest first."""
    near = seen.near
    camera, model = near.camera, reading.model
    shown = shown_in(near.mask, np.zeros_like(near.mask))
    case = Case(Fitted(model, shown), look_of(near.picture, near.mask), None)
    tried = try_all(model, shown, [camera])
    costs = tried.costs[0]
    lowest = np.flatnonzero((costs <= np.roll(costs, 1)) & (costs <= np.roll(costs, -1)))
    found = []
    for start in lowest[np.argsort(costs[lowest])][:STANDS]:
        stance = settled(case, camera, Stance(np.append(tried.values[0, start], (0.0, 0.0))))
        errors = errors_of(case.fitted, stance.seen(camera, rim_in(case.fitted, camera, stance), model)[0])
        colors = unlikeness(case.look, model, camera, stance)
        cost = cost_of(case.fitted, errors, stance) + COLORS_COUNT * colors
        found.append(Stand(_view_of(stance, camera, number, seen), cost))
    return sorted(found, key=lambda stand: stand.cost)


def _view_of(stance: Stance, camera: PhotoCamera, number: int, seen: Seen) -> PosedView:
    """The camera in the frame of the object that stands so before it."""
    base, size, yaw = stance.parts(camera)
    turn = about_z(yaw)
    eye = (EYE - base) @ turn / size
    return PosedView(number, seen, camera.axes @ turn @ BACK_TO_Z_UP, eye @ BACK_TO_Z_UP)


def best_stands(reading: Reading, others: Sequence[Sequence[Stand]], points: Floats) -> tuple[PosedView, ...]:
    """The likeliest views of all photos together, the reading's own first.

    others: where each of theirs may stand. points: (N, 3), of the space around the shape. From the right places the
    masks cover each other: each line of sight through one meets a point that all of them show.
    """

    def cost(stands: Sequence[Stand]) -> float:
        shares = covered((reading.own, *(stand.view for stand in stands)), points)
        return sum(stand.cost for stand in stands) + UNCOVERED * (len(shares) - sum(shares))

    best = min(product(*others), key=cost)
    return (reading.own, *(stand.view for stand in best))


def space_around(low: Floats, high: Floats) -> Floats:
    """Points (N, 3) evenly in the space between the corners (3,) of a box, and around it, above the ground."""
    low, high = low - ROOM, high + ROOM
    low[1] = 0.0
    step = float((high - low).max()) / CELLS
    sides = [np.arange(low[k] + step / 2, high[k], step) for k in range(3)]
    return np.stack(np.meshgrid(*sides, indexing="ij"), -1).reshape(-1, 3)


def covered(views: Sequence[PosedView], points: Floats) -> list[float]:
    """The share of each view's mask that points (N, 3) cover which all of the views show within their masks."""
    within = points
    for view in views:
        within = within[view.cone(within) > 0]
    return [_covered(view, within) for view in views]


def _covered(view: PosedView, points: Floats) -> float:
    silhouette = view.seen.features.silhouette
    cell = max(silhouette.inside.shape) / COARSE
    width = int(silhouette.inside.shape[1] / cell) + 1
    rows, columns = np.nonzero(silhouette.inside)
    needed = np.bincount((rows / cell).astype(int) * width + (columns / cell).astype(int)) > 0.5 * cell**2
    at = (silhouette.to_work(view.project(points)[0]) / cell).astype(np.int64)
    got = np.zeros(len(needed), bool)
    place = at[:, 1] * width + at[:, 0]
    got[place[(place >= 0) & (place < len(got))]] = True
    return float((got & needed).sum() / max(1, needed.sum()))
