# SPDX-License-Identifier: GPL-3.0-or-later
"""Many cameras and turns at once: how well a subject's rim can be laid on its contour for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints, Mask, Single
from .camera import LEAST_DEPTH, PhotoCamera
from .models import Model
from .rim import rim_of
from .shown import Shown
from .stance import LEAST_DROP, about_z

TURNS = 24
"""Turns about z that are tried, evenly in full circle."""
LIFT_STEP = np.radians(7.5)
"""The rim is made anew for each such step of the view's elevation."""
RIM_POINTS, CONTOUR_POINTS = 40, 36
ROUNDS = 5
NEAREST_EYE, FARTHEST_EYE = 1.3, 15.0
"""In longest sides of the model."""
LARGER = (0.0, 0.6, 1.4)
"""By how much of its box more a subject is tried to be large where others hide it."""


@dataclass(frozen=True)
class Tried:
    """The best that was found for each camera and turn: values (C, T, 4), as those of a stance, and costs (C, T)."""

    values: Floats
    costs: Floats


def try_all(model: Model, shown: Shown, cameras: Sequence[PhotoCamera]) -> Tried:
    """Lay the model on its contour for each of the cameras and for turns in full circle."""
    turns = np.linspace(0.0, 2 * np.pi, TURNS, endpoint=False, dtype=np.float64)
    rims = _rims(model, shown, cameras, turns).reshape(-1, RIM_POINTS, 3)
    many = _Many(cameras)
    turn = np.tile(turns, len(cameras))
    best: tuple[Floats, Floats] | None = None
    for box in _boxes(shown):
        values, costs = _laid(many, rims, turn, shown, box)
        if best is not None:
            better = costs < best[1]
            values, costs = np.where(better[:, None], values, best[0]), np.where(better, costs, best[1])
        best = values, costs
    assert best is not None
    values = np.concatenate([best[0], turn[:, None]], 1)
    return Tried(values.reshape(len(cameras), TURNS, 4), best[1].reshape(len(cameras), TURNS))


def _rims(model: Model, shown: Shown, cameras: Sequence[PhotoCamera], turns: Floats) -> Floats:
    """The rim (C, T, RIM_POINTS, 3) that each camera sees at each turn, about."""
    center = (shown.box[:2] + shown.box[2:])[None] / 2
    eye = np.clip(cameras[0].focal / np.max(shown.box[2:] - shown.box[:2]), NEAREST_EYE, FARTHEST_EYE)
    known: dict[int, Floats] = {}
    found = []
    for camera in cameras:
        ray = camera.rays(center)[0]
        step = round(float(np.arcsin(-ray[2] / np.linalg.norm(ray))) / LIFT_STEP)
        if step not in known:
            known[step] = np.stack([_rim(model, step * LIFT_STEP, turn, eye) for turn in turns])
        found.append(known[step])
    return np.stack(found)


def _rim(model: Model, lift: float, turn: float, eye: float) -> Floats:
    points = model.points @ about_z(turn).T
    points = points - (points.min(0) + points.max(0)) / 2
    forward = np.array([0, np.cos(lift), -np.sin(lift)])
    up = np.array([0, np.sin(lift), np.cos(lift)])
    depth = np.maximum(eye + points @ forward, 0.1)
    rim = rim_of(model, np.stack([points[:, 0], -points @ up], 1) / depth[:, None], RIM_POINTS, 64).points
    return np.asarray(rim[np.linspace(0, len(rim) - 1, RIM_POINTS).astype(np.int64)])


class _Many:
    """Cameras, each as often as there are turns."""

    def __init__(self, cameras: Sequence[PhotoCamera]) -> None:
        self.axes = np.repeat(np.stack([camera.axes for camera in cameras]), TURNS, 0)
        self.focal = np.repeat(np.array([camera.focal for camera in cameras]), TURNS)
        self.middle = np.array([cameras[0].width / 2, cameras[0].height / 2])

    def seen(self, values: Floats, turn: Floats, points: Floats) -> Floats:
        """The pixels (M, N, 2) of points (M, N, 3) of a model that stands as values (M, 3) and turns (M,) say."""
        flat = np.concatenate(
            [(values[:, :2] - self.middle) * [1, -1] / self.focal[:, None], np.ones((len(turn), 1))], 1
        )
        ray = np.einsum("mi,mij->mj", flat, self.axes)
        depth = 1 / np.maximum(-ray[:, 2], LEAST_DROP)
        base = ray * depth[:, None] + [0.0, 0.0, 1.0]
        base[:, 2] = 0
        size = np.exp(values[:, 2]) * depth / self.focal
        yaw = turn + np.arctan2(-base[:, 0], base[:, 1])
        c, s = np.cos(yaw) * size, np.sin(yaw) * size
        zero = np.zeros_like(c)
        stand = np.stack([np.stack([c, -s, zero], 1), np.stack([s, c, zero], 1), np.stack([zero, zero, size], 1)], 1)
        whole = np.einsum("mij,mjk->mik", self.axes, stand)
        start = np.einsum("mij,mj->mi", self.axes, base - [0.0, 0.0, 1.0])
        local = points @ whole.transpose(0, 2, 1) + start[:, None]
        scale = self.focal[:, None] / np.maximum(local[..., 2], LEAST_DEPTH)
        return np.stack([self.middle[0] + scale * local[..., 0], self.middle[1] - scale * local[..., 1]], -1)


def _boxes(shown: Shown) -> list[Floats]:
    """Boxes (4,) that the whole subject may have in the photo: larger ones towards where it may be hidden."""
    rows, columns = np.nonzero(shown.hidden & _beside(shown.mask))
    if len(rows) < 0.06 * (len(shown.contour) + len(rows)):
        return [shown.box]
    own_rows, own_columns = np.nonzero(shown.mask)
    way = np.array([columns.mean() - own_columns.mean(), rows.mean() - own_rows.mean()])
    way /= max(float(np.abs(way).max()), 1e-9)
    size = np.tile(shown.box[2:] - shown.box[:2], 2)
    grown = np.array([min(way[0], 0), min(way[1], 0), max(way[0], 0), max(way[1], 0)])
    return [shown.box + more * grown * size for more in LARGER]


def _beside(mask: Mask) -> Mask:
    wide = np.pad(mask, 2)
    wide = wide[:, :-4] | wide[:, 4:] | wide[:, 2:-2]
    return np.asarray(wide[:-4] | wide[4:] | wide[2:-2])


def _laid(many: _Many, rims: Floats, turn: Floats, shown: Shown, box: Floats) -> tuple[Floats, Floats]:
    """Values (M, 3) and costs (M,) after the rims were laid on the contour, beginning with that box."""
    values = np.empty((len(turn), 3))
    values[:, 0], values[:, 1] = (box[0] + box[2]) / 2, box[3]
    values[:, 2] = np.log(max(box[2] - box[0], box[3] - box[1]))
    for _ in range(2):
        pixels = many.seen(values, turn, rims)
        low, high = pixels.min(1), pixels.max(1)
        growth = np.sqrt(np.prod((box[2:] - box[:2]) / np.maximum(high - low, 1e-6), 1)).clip(0.2, 5)
        values[:, 2] += np.log(growth)
        middle = values[:, :2] + ((low + high) / 2 - values[:, :2]) * growth[:, None]
        values[:, :2] += (box[:2] + box[2:]) / 2 - middle
    chosen = np.linspace(0, len(shown.contour) - 1, min(CONTOUR_POINTS, len(shown.contour))).astype(np.int64)
    contour, normals = shown.contour[chosen], shown.normals[chosen]
    for _ in range(ROUNDS):
        values = values + _step(many.seen(values, turn, rims), values, shown, contour, normals)
    return values, _costs(many.seen(values, turn, rims), shown, contour)


def _step(pixels: Floats, values: Floats, shown: Shown, contour: Floats, normals: Floats) -> Floats:
    """The change (M, 3) of the values that lays the rim's pixels (M, N, 2) nearer to the contour (Gauss-Newton)."""
    limit = 0.1 * shown.extent
    inside, slope, hidden = shown.distance_at(pixels)
    nearest = _nearest(contour, pixels)[0]
    partner = np.take_along_axis(pixels, nearest[..., None], 1)
    gone = np.einsum("mcd,cd->mc", partner - contour, normals)
    ways = np.concatenate([-slope, np.broadcast_to(normals, partner.shape)], 1)
    errors = np.concatenate([-inside, gone], 1)
    weights = 1 / (1 + (errors / limit) ** 2) ** 2
    weights[:, : inside.shape[1]] *= ~hidden
    arms = np.concatenate([pixels, partner], 1) - values[:, None, :2]
    rows = np.concatenate([ways, (ways * arms).sum(-1, keepdims=True)], -1)
    system = np.einsum("mni,mn,mnj->mij", rows, weights, rows)
    system += np.eye(3) * (1e-3 * np.trace(system, axis1=1, axis2=2)[:, None, None] / 3 + 1e-9)
    system[:, 2, 2] += 1e-3 * shown.extent**2
    change = np.linalg.solve(system, -np.einsum("mni,mn,mn->mi", rows, weights, errors)[..., None])[..., 0]
    change[:, :2] = change[:, :2].clip(-0.5 * shown.extent, 0.5 * shown.extent)
    change[:, 2] = change[:, 2].clip(-0.3, 0.3)
    return np.asarray(change)


def _nearest(contour: Floats, pixels: Floats) -> tuple[Ints, Single]:
    """For each point (C, 2) of the contour the number (M, C) of the nearest pixel (M, N, 2), and how far (squared)."""
    one, other = contour.astype(np.float32), pixels.astype(np.float32)
    square: Single = (one[:, None, 0] - other[:, None, :, 0]) ** 2
    square += (one[:, None, 1] - other[:, None, :, 1]) ** 2
    nearest = square.argmin(2)
    return nearest, np.take_along_axis(square, nearest[..., None], 2)[..., 0]


def _costs(pixels: Floats, shown: Shown, contour: Floats) -> Floats:
    """How ill the rim's pixels (M, N, 2) lie on the contour."""
    limit = (0.1 * shown.extent) ** 2
    inside, _, hidden = shown.distance_at(pixels)
    square = np.concatenate([np.where(hidden, 0.15 * limit, inside**2), _nearest(contour, pixels)[1]], 1)
    return np.asarray(np.log((square / (1 + square / limit)).mean(1) / shown.extent**2 + 0.01**2))
