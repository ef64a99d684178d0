# SPDX-License-Identifier: GPL-3.0-or-later
"""A camera and the stances of its subjects, made better together until their rims lie on their contours.

Gauss-Newton after Levenberg and Marquardt over the camera and all stances; the errors are the distances of the model's
rim from the mask's contour and of the contour from the rim, as in region-based tracking (Prisacariu and Reid 2012,
Tjaden et al. 2018). Each subject has its own noise, found with it, so that a bad model does not draw the camera along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log

import numpy as np

from ..arrays import Floats, Ints, Mask
from .camera import HIGHEST_PITCH, LONGEST_LENS, LOWEST_PITCH, SHORTEST_LENS, PhotoCamera, focal_of_lens
from .models import Model
from .rim import rim_of
from .shown import HIDDEN_NOISE, Shown
from .stance import Stance

WITNESSES = 16.0
"""How many points of a contour count as independent."""
FAR = 0.1
"""Of the mask's extent: errors beyond count less and less."""
PIXEL_NOISE, MODEL_NOISE = 0.3, 0.002
"""Working pixels, and of the mask's extent: no contour is better known."""
STEPS = np.array([0.5, 0.5, 1e-3, 1e-3, 1e-3, 1e-3])
CAMERA_STEPS = np.array([1e-3, 1e-3, 1e-3])
"""For the derivatives: of a stance's values; of ln(focal), pitch and roll."""
TILT = np.radians(1.5)
"""How far a subject may well lean."""
UPRIGHT, LEANING = 4, 6
"""How many of a stance's values are free."""


@dataclass(frozen=True)
class Fitted:
    """A model and what the photo shows of it."""

    model: Model
    shown: Shown


@dataclass(frozen=True)
class Prior:
    """What is known of ln(focal), pitch and roll: mean (3,) and information (3, 3)."""

    mean: Floats
    information: Floats

    def cost(self, values: Floats) -> float:
        """Half the square of the Mahalanobis distance."""
        gone = values - self.mean
        return float(gone @ self.information @ gone) / 2


@dataclass(frozen=True)
class State:
    """A camera with stances, and what they cost (of the subjects (N,), and the prior)."""

    camera: PhotoCamera
    stances: tuple[Stance, ...]
    costs: Floats
    prior_cost: float

    @property
    def cost(self) -> float:
        """The negative logarithm of the likelihood, but for a constant."""
        return float(self.costs.sum()) + self.prior_cost


@dataclass(frozen=True)
class Errors:
    """Of one subject: errors (n,) in pixels, which of them count, the number of the rim's point of each (n,), and the
    ways (n, 2) of that point along which they grow.
    """

    errors: Floats
    counted: Mask
    points: Ints
    ways: Floats


def camera_values(camera: PhotoCamera) -> Floats:
    """ln(focal), pitch and roll (3,)."""
    return np.array([log(camera.focal), camera.pitch, camera.roll])


def with_values(camera: PhotoCamera, values: Floats) -> PhotoCamera:
    """The camera with those values, within what is believed."""
    shortest, longest = (focal_of_lens(lens, camera.width, camera.height) for lens in (SHORTEST_LENS, LONGEST_LENS))
    focal = min(max(exp(min(values[0], 20.0)), shortest), longest)
    pitch = min(max(float(values[1]), LOWEST_PITCH), HIGHEST_PITCH)
    return replace(camera, focal=focal, pitch=pitch, roll=float(values[2]))


def refine(
    fitted: Sequence[Fitted],
    camera: PhotoCamera,
    stances: Sequence[Stance],
    prior: Prior,
    *,
    fixed: bool = False,
    free: int = UPRIGHT,
    rounds: int = 8,
) -> tuple[State, Floats]:
    """The state that was reached, and the information (3, 3) that the subjects give of the camera."""
    state, rims, damping = _state(fitted, camera, tuple(stances), prior, None), None, 1e-3
    information = np.zeros((3, 3))
    for _ in range(rounds):
        rims = [rim_in(one, state.camera, stance) for one, stance in zip(fitted, state.stances, strict=True)]
        state = _state(fitted, state.camera, state.stances, prior, rims)
        before = state.cost
        for _ in range(3):
            system, slope, information = _normal(fitted, state, rims, prior, free=free, fixed=fixed)
            for _ in range(4):
                change = -np.asarray(np.linalg.solve(system + damping * np.diag(np.diag(system)), slope), np.float64)
                moved = _moved(state, change, free=free, fixed=fixed)
                new = _state(fitted, *moved, prior, rims)
                if new.cost < state.cost:
                    damping = max(damping / 5, 1e-6)
                    break
                damping *= 6
            else:
                break
            gain, state = state.cost - new.cost, new
            if gain < 1e-2:
                break
        if before - state.cost < 2e-2:
            break
    return state, information


def rim_in(one: Fitted, camera: PhotoCamera, stance: Stance) -> Floats:
    return rim_of(one.model, stance.seen(camera, one.model.points, one.model)[0]).points


def _state(
    fitted: Sequence[Fitted],
    camera: PhotoCamera,
    stances: tuple[Stance, ...],
    prior: Prior,
    rims: Sequence[Floats] | None,
) -> State:
    if rims is None:
        rims = [rim_in(one, camera, stance) for one, stance in zip(fitted, stances, strict=True)]
    costs = []
    for one, stance, rim in zip(fitted, stances, rims, strict=True):
        costs.append(cost_of(one, errors_of(one, stance.seen(camera, rim, one.model)[0]), stance))
    return State(camera, stances, np.array(costs), prior.cost(camera_values(camera)))


def errors_of(one: Fitted, pixels: Floats) -> Errors:
    """The errors of a rim that lies at pixels (K, 2)."""
    inside, slope, hidden = one.shown.distance_at(pixels)
    contour, normals = one.shown.contour, one.shown.normals
    square = (contour[:, None, 0] - pixels[:, 0]) ** 2 + (contour[:, None, 1] - pixels[:, 1]) ** 2
    nearest = square.argmin(1)
    gone = ((pixels[nearest] - contour) * normals).sum(1)
    return Errors(
        np.concatenate([-inside, gone]),
        np.concatenate([~hidden, np.ones(len(contour), bool)]),
        np.concatenate([np.arange(len(pixels)), nearest]),
        np.concatenate([-slope, normals]),
    )


def noise_of(one: Fitted, errors: Errors) -> float:
    """The mean square of the errors that count, in pixels², far ones counting less."""
    limit = (FAR * one.shown.extent) ** 2
    square = errors.errors[errors.counted] ** 2
    least = (PIXEL_NOISE / one.shown.scale) ** 2 + (MODEL_NOISE * one.shown.extent) ** 2
    return float((square / (1 + square / limit)).sum()) / max(len(square), 1) + least


def cost_of(one: Fitted, errors: Errors, stance: Stance) -> float:
    """The negative logarithm of a subject's likelihood, its noise being unknown."""
    lean = float(stance.values[4:] @ stance.values[4:] / (2 * TILT**2))
    share = float(errors.counted.mean())
    noise = share * log(noise_of(one, errors) / one.shown.extent**2) + (1 - share) * 2 * log(HIDDEN_NOISE)
    return WITNESSES / 2 * noise + lean


def _normal(
    fitted: Sequence[Fitted], state: State, rims: Sequence[Floats], prior: Prior, *, free: int, fixed: bool
) -> tuple[Floats, Floats, Floats]:
    """The normal equations' matrix and slope, and what the subjects tell of the camera (Schur's complement)."""
    size = 3 + free * len(fitted)
    system, slope = np.zeros((size, size)), np.zeros(size)
    told = np.zeros((3, 3))
    for number, (one, stance, rim) in enumerate(zip(fitted, state.stances, rims, strict=True)):
        pixels, ways = _derivatives(one, state.camera, stance, rim, free)
        errors = errors_of(one, pixels)
        limit = (FAR * one.shown.extent) ** 2
        weights = errors.counted / (1 + errors.errors**2 / limit) ** 2
        weights = weights * (WITNESSES / len(weights) / noise_of(one, errors))
        rows = (ways[:, errors.points] * errors.ways).sum(-1)  # (3 + free, n)
        own = (rows * weights) @ rows.T
        pull = (rows * weights) @ errors.errors
        if free > UPRIGHT:
            own[7:, 7:] += np.eye(free - UPRIGHT) / TILT**2
            pull[7:] += stance.values[4:free] / TILT**2
        at = np.r_[0:3, 3 + free * number : 3 + free * (number + 1)]
        system[np.ix_(at, at)] += own
        slope[at] += pull
        inner = own[3:, 3:] + np.eye(free) * 1e-9
        told += own[:3, :3] - own[:3, 3:] @ np.linalg.solve(inner, own[3:, :3])
    system[:3, :3] += prior.information
    slope[:3] += prior.information @ (camera_values(state.camera) - prior.mean)
    if fixed:
        system[:3], system[:, :3], slope[:3] = 0, 0, 0
        system[:3, :3] = np.eye(3)
    system += np.eye(size) * 1e-9
    return system, slope, told


def _derivatives(one: Fitted, camera: PhotoCamera, stance: Stance, rim: Floats, free: int) -> tuple[Floats, Floats]:
    """The rim's pixels (K, 2), and how they move (3 + free, K, 2) with the camera's and the stance's values."""
    pixels = stance.seen(camera, rim, one.model)[0]
    values, ways = camera_values(camera), []
    for number, step in enumerate(CAMERA_STEPS):
        changed = values.copy()
        changed[number] += step
        shifted = replace(camera, focal=exp(changed[0]), pitch=changed[1], roll=changed[2])
        ways.append((stance.seen(shifted, rim, one.model)[0] - pixels) / step)
    for number, step in enumerate(STEPS[:free]):
        other = stance.values.copy()
        other[number] += step
        ways.append((replace(stance, values=other).seen(camera, rim, one.model)[0] - pixels) / step)
    return pixels, np.stack(ways)


def _moved(state: State, change: Floats, *, free: int, fixed: bool) -> tuple[PhotoCamera, tuple[Stance, ...]]:
    camera = state.camera
    if not fixed:
        camera = with_values(camera, camera_values(camera) + change[:3].clip(-0.3, 0.3))
    stances = []
    for number, stance in enumerate(state.stances):
        values = stance.values.copy()
        own = change[3 + free * number : 3 + free * (number + 1)]
        values[:free] += own
        values[2] = stance.values[2] + float(np.clip(own[2], -0.3, 0.3))
        values[3] = stance.values[3] + float(np.clip(own[3], -0.3, 0.3))
        stances.append(replace(stance, values=values))
    return camera, tuple(stances)
