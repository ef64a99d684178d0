# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera of a photo and the places of its subjects, fitted together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import log

import numpy as np

from ..arrays import Floats, Mask, Pixels
from .camera import HIGHEST_PITCH, LONGEST_LENS, LOWEST_PITCH, SHORTEST_LENS, PhotoCamera
from .coarse import Tried, try_all
from .evidence import CameraGuess, Match, PhotoSubject, Placed, Source
from .models import read_model
from .refine import Fitted, Prior, State, camera_values, refine, with_values
from .rim import silhouette
from .shown import shown_in
from .stance import Stance

Report = Callable[[float], None]
"""Is told how much is done, 0..1."""

MOST_CAMERAS = 60
LENS_STEP, PITCH_STEP = 0.22, np.radians(5.0)
"""Between the cameras that are tried, of ln(focal) and pitch."""
REACH = 1.6
"""Standard deviations of a guess that are searched."""
FINALISTS = 4


@dataclass(frozen=True)
class _Start:
    """A camera that was tried, the guess that it belongs to, and the cost of both."""

    camera: PhotoCamera
    guess: CameraGuess
    prior: Prior
    number: int
    cost: float


def match_photo(
    picture: Pixels,
    subjects: Sequence[PhotoSubject],
    guesses: Sequence[CameraGuess],
    *,
    fixed: bool = False,
    report: Report | None = None,
) -> Match:
    """The camera of a picture (h, w, 3) and where its subjects stand.

    guesses: cameras that are possible, the likeliest or the artist's first; at least one. fixed: whether the first is kept
    as it is. Raises Unreadable and OSError for a model.
    """
    first = guesses[0]
    if not subjects:
        best = first if fixed else max(guesses, key=lambda guess: guess.score)
        return Match(best.camera, best.lens_from, best.horizon_from)
    tell: Report = report or (lambda share: None)
    fitted = _fitted(subjects)
    tell(0.1)
    tried_cameras = [(first.camera, first)] if fixed else _cameras(guesses)
    cameras = [camera for camera, _ in tried_cameras]
    tried = []
    for number, one in enumerate(fitted):
        tried.append(try_all(one.model, one.shown, cameras))
        tell(0.1 + 0.5 * (number + 1) / len(fitted))
    starts = _starts(tried_cameras, tried)
    results = []
    for start in starts:
        stances = [_likeliest(one, start.number) for one in tried]
        state, told = refine(fitted, start.camera, stances, start.prior, fixed=fixed)
        results.append((state.cost - start.guess.score, start, state, told))
    _, start, state, told = min(results, key=lambda result: result[0])
    tell(0.9)
    return _match(subjects, fitted, state, start, told)


def _fitted(subjects: Sequence[PhotoSubject]) -> list[Fitted]:
    total = np.sum([subject.mask for subject in subjects], axis=0)
    return [
        Fitted(read_model(subject.model), shown_in(subject.mask, (total - subject.mask) > 0)) for subject in subjects
    ]


def _prior(guess: CameraGuess) -> Prior:
    return Prior(camera_values(guess.camera), np.linalg.inv(guess.spread + np.eye(3) * 1e-10))


def _cameras(guesses: Sequence[CameraGuess]) -> list[tuple[PhotoCamera, CameraGuess]]:
    """The cameras about each guess, the likeliest ones of all."""
    found: list[tuple[float, PhotoCamera, CameraGuess]] = []
    for guess in guesses:
        prior, values = _prior(guess), camera_values(guess.camera)
        spread = np.sqrt(np.diag(guess.spread))
        lenses, pitches = (_around(values[k], spread[k], step) for k, step in ((0, LENS_STEP), (1, PITCH_STEP)))
        for lens, pitch in product(lenses, pitches):
            camera = with_values(guess.camera, np.array([lens, pitch, values[2]]))
            found.append((prior.cost(camera_values(camera)) - guess.score, camera, guess))
    found.sort(key=lambda one: one[0])
    return [(camera, guess) for _, camera, guess in found[:MOST_CAMERAS]]


def _around(middle: float, spread: float, step: float) -> Floats:
    count = round(REACH * spread / step)
    return np.asarray(middle + step * np.arange(-count, count + 1))


def _starts(cameras: Sequence[tuple[PhotoCamera, CameraGuess]], tried: Sequence[Tried]) -> list[_Start]:
    """The most promising of the cameras, none much like another."""
    found = []
    for number, (camera, guess) in enumerate(cameras):
        prior = _prior(guess)
        cost = 8.0 * sum(float(one.costs[number].min()) for one in tried)
        found.append(
            _Start(camera, guess, prior, number, cost + prior.cost(camera_values(camera)) - guess.score)
        )
    found.sort(key=lambda start: start.cost)
    chosen: list[_Start] = []
    for start in found:
        near = [
            abs(log(start.camera.focal / one.camera.focal)) < 0.15
            and abs(start.camera.pitch - one.camera.pitch) < np.radians(4.0)
            for one in chosen
        ]
        if not any(near):
            chosen.append(start)
    return chosen[:FINALISTS]


def _likeliest(one: Tried, number: int) -> Stance:
    turn = int(one.costs[number].argmin())
    return Stance(np.append(one.values[number, turn], (0.0, 0.0)))


def _match(
    subjects: Sequence[PhotoSubject], fitted: Sequence[Fitted], state: State, start: _Start, told: Floats
) -> Match:
    placed: dict[str, Placed] = {}
    for subject, one, stance in zip(subjects, fitted, state.stances, strict=True):
        placed[subject.key] = stance.placed(state.camera, one.model, overlap_of(one, state.camera, stance))
    return Match(state.camera, start.guess.lens_from, start.guess.horizon_from, placed)


def overlap_of(one: Fitted, camera: PhotoCamera, stance: Stance) -> float:
    """Intersection over union of the silhouette and the mask, where nothing may hide the subject."""
    pixels = stance.seen(camera, one.model.points, one.model)[0]
    at = (pixels - one.shown.corner) * one.shown.scale
    height, width = one.shown.mask.shape
    covered = silhouette(at[one.model.faces], width, height)
    free: Mask = ~one.shown.hidden
    return float((covered & one.shown.mask).sum() / max(1, ((covered | one.shown.mask) & free).sum()))
