# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera of a photo and the places of its subjects, fitted together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import log

import numpy as np

from ..arrays import Floats, Mask, Pixels
from .appearance import Look, look_of, unlikeness
from .camera import PhotoCamera
from .coarse import Tried, try_all
from .evidence import CameraGuess, KnownPose, Match, PhotoSubject, Placed, Source
from .known import guesses_of_known, stance_of_known, upright_for_known
from .models import read_model
from .refine import Fitted, Prior, State, camera_values, cost_of, errors_of, refine, rim_in, with_values
from .rim import silhouette
from .shown import shown_in
from .stance import Stance

Report = Callable[[float, str], None]
"""Is told how much is done, 0..1, and what is being done."""
READING, PLACING = "Reading the models", "Finding each place in the photo"

MOST_CAMERAS = 60
LENS_STEP, PITCH_STEP = 0.22, np.radians(5.0)
"""Between the cameras that are tried, of ln(focal) and pitch."""
REACH = 1.6
"""Standard deviations of a guess that are searched."""
FINALISTS, MOST_CHOICES = 4, 4
CONTOUR_WEIGHT = 8.0
TRUSTED_OVERLAP = 0.6
"""A pose of an engine is believed where it covers so much of the mask."""
CERTAIN_LENS, CERTAIN_PITCH, MUCH_BETTER = 0.05, np.radians(1.0), 0.3
"""Of a guess, in ln(focal) and radians: the subjects are named instead only where their fit lessens a greater variance
to this share."""
GUESSED = (
    "Neither EXIF nor lines nor objects tell how this photo was taken: its camera is a guess. "
    "Draw guides along edges to make it right."
)


@dataclass(frozen=True)
class _Start:
    """A camera that was tried, the guess that it belongs to, and the cost of both."""

    camera: PhotoCamera
    guess: CameraGuess
    prior: Prior
    number: int
    cost: float


@dataclass(frozen=True)
class _Case:
    """A subject: what is fitted, its colors, and how its engine has seen it."""

    fitted: Fitted
    look: Look
    pose: KnownPose | None


@dataclass(frozen=True)
class _End:
    """Where a start has led: the state, what the subjects tell of the camera, and how else each of them may stand."""

    start: _Start
    fitted: list[Fitted]
    state: State
    told: Floats
    choices: list[list[Stance]]
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

    guesses: cameras that are possible, the likeliest or the artist's first; at least one. fixed: whether the first is
    kept as it is. Raises Unreadable and OSError for a model.
    """
    first = guesses[0]
    if not subjects:
        best = first if fixed else max(guesses, key=lambda guess: guess.score)
        return Match(best.camera, best.lens_from, best.horizon_from, notes=_notes(best.lens_from, best.horizon_from))
    tell: Report = report or (lambda share, message: None)
    tell(0.05, READING)
    cases = _cases(picture, subjects)
    if fixed:
        cameras = [(first.camera, first)]
    else:
        cameras = _cameras([*guesses, *guesses_of_known([one.pose for one in subjects if one.pose], first)])
    tried = []
    for number, case in enumerate(cases):
        tell(0.1 + 0.5 * number / len(cases), PLACING)
        tried.append(try_all(case.fitted.model, case.fitted.shown, [camera for camera, _ in cameras]))
    results = [
        _finished(cases, start, [_choices(*one, start) for one in zip(cases, tried, strict=True)], fixed=fixed)
        for start in _starts(cameras, tried)
    ]
    end = min(results, key=lambda one: one.cost)
    tell(0.8, PLACING)
    return _match(subjects, _with_best_turns(cases, end, fixed=fixed))


def _finished(cases: Sequence[_Case], start: _Start, choices: list[list[Stance]], *, fixed: bool) -> _End:
    """What a start leads to, each subject standing as is likeliest at first."""
    fitted = [case.fitted for case in cases]
    state, told = refine(fitted, start.camera, [one[0] for one in choices], start.prior, fixed=fixed)
    return _End(start, fitted, state, told, choices, state.cost - start.guess.score)


def _with_best_turns(cases: Sequence[_Case], end: _End, *, fixed: bool) -> _End:
    """The same with each subject turned as is likeliest before the camera that was found."""
    found = end.state.stances
    stances = [
        _best_turn(case, end.state.camera, stance, others[1:MOST_CHOICES])
        for case, stance, others in zip(cases, found, end.choices, strict=True)
    ]
    if all(new is old for new, old in zip(stances, found, strict=True)):
        return end
    state, told = refine(end.fitted, end.state.camera, stances, end.start.prior, fixed=fixed)
    return replace(end, state=state, told=told)


def _choices(case: _Case, tried: Tried, start: _Start) -> list[Stance]:
    """How a subject may stand before that camera, the likeliest first: by its outline and its colors."""
    if case.pose is not None:
        known = stance_of_known(case.fitted.model, case.pose, start.camera)
        if overlap_of(case.fitted, start.camera, known) >= TRUSTED_OVERLAP:
            return [known]
    costs = CONTOUR_WEIGHT * tried.costs[start.number]
    stances = [Stance(np.append(values, (0.0, 0.0))) for values in tried.values[start.number]]
    costs = costs + [unlikeness(case.look, case.fitted.model, start.camera, stance) for stance in stances]
    lowest = (costs <= np.roll(costs, 1)) & (costs <= np.roll(costs, -1))
    order = [int(number) for number in np.argsort(costs) if lowest[number]]
    return [stances[number] for number in order]


def _best_turn(case: _Case, camera: PhotoCamera, found: Stance, others: Sequence[Stance]) -> Stance:
    """The likeliest of a stance and others, when each has been made as good as it can be before that camera."""
    free = Prior(camera_values(camera), np.eye(3))
    best = found, _whole_cost(case, camera, found)
    for other in others:
        state, _ = refine([case.fitted], camera, [other], free, fixed=True, rounds=5)
        cost = _whole_cost(case, camera, state.stances[0])
        if cost < best[1]:
            best = state.stances[0], cost
    return best[0]


def _whole_cost(case: _Case, camera: PhotoCamera, stance: Stance) -> float:
    one = case.fitted
    errors = errors_of(one, stance.seen(camera, rim_in(one, camera, stance), one.model)[0])
    return cost_of(one, errors, stance) + unlikeness(case.look, one.model, camera, stance)


def _cases(picture: Pixels, subjects: Sequence[PhotoSubject]) -> list[_Case]:
    total = np.sum([subject.mask for subject in subjects], axis=0)
    cases = []
    for subject in subjects:
        model = read_model(subject.model)
        if subject.pose is not None:
            model = upright_for_known(model, subject.pose)
        fitted = Fitted(model, shown_in(subject.mask, (total - subject.mask) > 0))
        cases.append(_Case(fitted, look_of(picture, subject.mask), subject.pose))
    return cases


def _prior(guess: CameraGuess) -> Prior:
    information = np.asarray(np.linalg.inv(guess.spread + np.eye(3) * 1e-10), np.float64)
    return Prior(camera_values(guess.camera), information)


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
        cost = CONTOUR_WEIGHT * sum(float(one.costs[number].min()) for one in tried)
        found.append(_Start(camera, guess, prior, number, cost + prior.cost(camera_values(camera)) - guess.score))
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


def _match(subjects: Sequence[PhotoSubject], end: _End) -> Match:
    camera, guess = end.state.camera, end.start.guess
    placed: dict[str, Placed] = {}
    for subject, one, stance in zip(subjects, end.fitted, end.state.stances, strict=True):
        placed[subject.key] = stance.placed(camera, one.model, overlap_of(one, camera, stance))
    lens_from, horizon_from = guess.lens_from, guess.horizon_from
    if not np.allclose(camera_values(camera), camera_values(guess.camera)):
        before, after = (np.linalg.inv(end.start.prior.information + more) for more in (0.0, end.told))
        gain = np.diag(after) / np.diag(before)
        if before[0, 0] > CERTAIN_LENS**2 and gain[0] < MUCH_BETTER:
            lens_from = Source.SUBJECTS
        if before[1, 1] > CERTAIN_PITCH**2 and gain[1] < MUCH_BETTER:
            horizon_from = Source.SUBJECTS
    return Match(camera, lens_from, horizon_from, placed, _notes(lens_from, horizon_from))


def _notes(lens_from: Source, horizon_from: Source) -> tuple[str, ...]:
    return (GUESSED,) if lens_from is horizon_from is Source.USUAL else ()


def overlap_of(one: Fitted, camera: PhotoCamera, stance: Stance) -> float:
    """Intersection over union of the silhouette and the mask, where nothing may hide the subject."""
    pixels = stance.seen(camera, one.model.points, one.model)[0]
    at = (pixels - one.shown.corner) * one.shown.scale
    height, width = one.shown.mask.shape
    covered = silhouette(at[one.model.faces], width, height)
    free: Mask = ~one.shown.hidden
    return float((covered & one.shown.mask).sum() / max(1, ((covered | one.shown.mask) & free).sum()))
