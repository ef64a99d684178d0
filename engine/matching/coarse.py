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
from .shown import HIDDEN_NOISE, Shown
from .stance import LEAST_DROP, about_z

TURNS = 24
"""Turns about z that are tried, evenly in full circle."""
LIFT_STEP = np.radians(7.5)
"""The rim is made anew for each such step of the view's elevation."""
RIM_POINTS, CONTOUR_POINTS = 40, 36
ROUNDS = 5
LEAST_NOISE = 0.01
"""Of the mask's extent."""
NEAREST_EYE, FARTHEST_EYE = 1.3, 15.0
"""In longest sides of the model."""
LARGER = (1.0, 1.3, 1.7, 2.3)
"""How much larger than its mask's box a subject is tried to be where others hide some of it."""
ASIDE = 0.35
"""What hides a subject lies to one side of it where its direction has at least this part there."""


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
    way = _hidden_way(shown)
    for larger in (1.0,) if way is None else LARGER:
        values, costs = _laid(many, rims, turn, shown, way=way, larger=larger)
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


def _hidden_way(shown: Shown) -> Floats | None:
    """The direction (2,), its larger part 1, in which what hides the subject lies; None where little does."""
    rows, columns = np.nonzero(shown.hidden & _beside(shown.mask))
    if len(rows) < 0.06 * (len(shown.contour) + len(rows)):
        return None
    own_rows, own_columns = np.nonzero(shown.mask)
    way = np.array([columns.mean() - own_columns.mean(), rows.mean() - own_rows.mean()])
    return np.asarray(way / max(float(np.abs(way).max()), 1e-9))


def _beside(mask: Mask) -> Mask:
    wide = np.pad(mask, 2)
    wide = wide[:, :-4] | wide[:, 4:] | wide[:, 2:-2]
    return np.asarray(wide[:-4] | wide[4:] | wide[2:-2])


def _laid(
    many: _Many, rims: Floats, turn: Floats, shown: Shown, *, way: Floats | None, larger: float
) -> tuple[Floats, Floats]:
    """Values (M, 3) and costs (M,) after the rims were laid on the contour.

    At first their box is the mask's; or, where something that lies `way` hides more of the subject, larger than that
    and aligned with its other sides.
    """
    box, size = shown.box, shown.box[2:] - shown.box[:2]
    values = np.empty((len(turn), 3))
    values[:, 0], values[:, 1] = (box[0] + box[2]) / 2, box[3]
    values[:, 2] = np.log(size.max())
    for _ in range(2):
        pixels = many.seen(values, turn, rims)
        low, high = pixels.min(1), pixels.max(1)
        ratios = size / np.maximum(high - low, 1e-6)
        growth = (np.sqrt(ratios.prod(1)) if way is None else ratios.max(1) * larger).clip(0.2, 5)
        values[:, 2] += np.log(growth)
        low, high = (values[:, :2] + (side - values[:, :2]) * growth[:, None] for side in (low, high))
        shift = (box[:2] + box[2:] - low - high) / 2
        if way is not None:
            shift = np.where(way > ASIDE, box[:2] - low, np.where(way < -ASIDE, box[2:] - high, shift))
        values[:, :2] += shift
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
    square = np.concatenate([inside**2, _nearest(contour, pixels)[1]], 1)
    counted = np.concatenate([~hidden, np.ones((len(pixels), len(contour)), bool)], 1)
    total = (counted * square / (1 + square / limit)).sum(1) / np.maximum(counted.sum(1), 1)
    share = counted.mean(1)
    noise = np.log(total / shown.extent**2 + LEAST_NOISE**2)
    return np.asarray(share * noise + (1 - share) * 2 * np.log(HIDDEN_NOISE))
