# SPDX-License-Identifier: GPL-3.0-or-later
"""The cameras from which a fit begins: those about each guess, and the most promising of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import log

import numpy as np

from ..arrays import Floats
from .camera import PhotoCamera
from .coarse import Tried
from .evidence import CameraGuess, Source
from .refine import WITNESSES, Prior, camera_values, with_values

MOST_CAMERAS = 48
LENS_STEP, PITCH_STEP = 0.22, np.radians(5.0)
"""Between the cameras that are tried, of ln(focal) and pitch."""
REACH = 1.6
"""Standard deviations of a guess that are searched."""
FINALISTS = 4
DOUBT = 30.0
"""By its logarithm: how much likelier the subjects must be before some other camera than any guess."""
BROAD = np.array([0.3, np.radians(9.0), np.radians(2.0)])
"""How far from the first guess such another camera may well be, in ln(focal), pitch and roll."""
ALIKE = 0.15, np.radians(4.0)
"""Cameras with nearer ln(focal) and pitch lead to the same."""


@dataclass(frozen=True)
class Start:
    """A camera that is tried, the guess that it belongs to, with what that tells, and its number among all of them."""

    camera: PhotoCamera
    guess: CameraGuess
    prior: Prior
    number: int


def cameras_about(guesses: Sequence[CameraGuess]) -> list[Start]:
    """Cameras about each guess, the likeliest ones of all."""
    found: list[tuple[float, PhotoCamera, CameraGuess, Prior]] = []
    for guess in (*guesses, _doubted(guesses[0])):
        prior, values = prior_of(guess), camera_values(guess.camera)
        spread = np.sqrt(np.diag(guess.spread))
        lenses, pitches = (_around(values[k], spread[k], step) for k, step in ((0, LENS_STEP), (1, PITCH_STEP)))
        for lens, pitch in product(lenses, pitches):
            camera = with_values(guess.camera, np.array([lens, pitch, values[2]]))
            found.append((prior.cost(camera_values(camera)) - guess.score, camera, guess, prior))
    found.sort(key=lambda one: one[0])
    likeliest = enumerate(found[:MOST_CAMERAS])
    return [Start(camera, guess, prior, number) for number, (_, camera, guess, prior) in likeliest]


def _doubted(guess: CameraGuess) -> CameraGuess:
    """The same, were it wrong: lines can mislead. A lens that EXIF has told stays."""
    spread = np.diag(BROAD**2)
    if guess.lens_from in (Source.EXIF, Source.ARTIST):
        spread[0, 0] = guess.spread[0, 0]
    return replace(guess, spread=spread, score=guess.score - DOUBT, horizon_from=Source.USUAL)


def prior_of(guess: CameraGuess) -> Prior:
    """What a guess tells of the camera."""
    information = np.asarray(np.linalg.inv(guess.spread + np.eye(3) * 1e-10), np.float64)
    return Prior(camera_values(guess.camera), information)


def _around(middle: float, spread: float, step: float) -> Floats:
    count = round(REACH * spread / step)
    return np.asarray(middle + step * np.arange(-count, count + 1))


def best_starts(starts: Sequence[Start], tried: Sequence[Tried]) -> list[Start]:
    """The most promising of the cameras by what was tried with all subjects, none much like another."""
    costs = WITNESSES / 2 * np.sum([one.costs.min(1) for one in tried], axis=0)
    costs = costs + [start.prior.cost(camera_values(start.camera)) - start.guess.score for start in starts]
    chosen: list[Start] = []
    for number in np.argsort(costs):
        camera = starts[number].camera
        near = [
            abs(log(camera.focal / one.camera.focal)) < ALIKE[0] and abs(camera.pitch - one.camera.pitch) < ALIKE[1]
            for one in chosen
        ]
        if not any(near):
            chosen.append(starts[number])
    return chosen[:FINALISTS]
