# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera of a photo and the places of its subjects, fitted together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Floats, Pixels
from ..gltf.triangles import Unreadable
from .case import MOST_CHOICES, Case, best_of, choices, known_stance, on_its_best_side, overlap_of, read_case
from .coarse import Tried, try_all
from .evidence import CameraGuess, Match, PhotoSubject, Placed, Source
from .known import guesses_of_known
from .refine import LEANING, Fitted, State, camera_values, refine
from .stance import Stance
from .starts import Start, best_starts, cameras_about, prior_of
from .supports import height_on, support_of, top_of

Report = Callable[[float, str], None]
"""Is told how much is done, 0..1, and what is being done."""
READING, PLACING = "Reading the models", "Finding each place in the photo"
CERTAIN_LENS, CERTAIN_PITCH, MUCH_BETTER = 0.05, np.radians(1.0), 0.3
"""Of a guess, in ln(focal) and radians: the subjects are named instead only where their fit lessens a greater variance
to this share."""
GUESSED = (
    "Neither EXIF nor lines nor objects tell how this photo was taken: its camera is a guess. "
    "Draw guides along edges to make it right."
)


@dataclass(frozen=True)
class _End:
    """Where a start has led: the state, what the subjects tell of the camera, and how else each of them may stand."""

    start: Start
    cases: list[Case]
    state: State
    told: Floats
    choices: list[list[Stance]]
    stands_on: dict[int, int]

    @property
    def cost(self) -> float:
        return self.state.cost - self.start.guess.score


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
    kept as it is. Subjects with an empty mask or a model that cannot be read get no place. Raises OSError.
    """
    tell: Report = report or (lambda share, message: None)
    tell(0.05, READING)
    subjects, cases = _readable(picture, subjects)
    first = guesses[0]
    if not subjects:
        best = first if fixed else max(guesses, key=lambda guess: guess.score)
        return Match(best.camera, best.lens_from, best.horizon_from, notes=_notes(best.lens_from, best.horizon_from))
    if fixed:
        starts = [Start(first.camera, first, prior_of(first), 0)]
    else:
        starts = cameras_about([*guesses, *guesses_of_known([case.pose for case in cases if case.pose], first)])
    tried = []
    for number, case in enumerate(cases):
        tell(0.1 + 0.5 * number / len(cases), PLACING)
        tried.append(try_all(case.fitted.model, case.fitted.shown, [start.camera for start in starts]))
    ends = [_finished(cases, start, tried, fixed=fixed) for start in best_starts(starts, tried)]
    tell(0.8, PLACING)
    end = _with_best_turns(min(ends, key=lambda one: one.cost), fixed=fixed)
    return _match(subjects, _leaning(_with_supports(subjects, end), fixed=fixed))


def _readable(picture: Pixels, subjects: Sequence[PhotoSubject]) -> tuple[list[PhotoSubject], list[Case]]:
    number = np.sum([subject.mask for subject in subjects], axis=0)
    found = []
    for subject in subjects:
        try:
            if subject.mask.any():
                found.append((subject, read_case(picture, subject, (number - subject.mask) > 0)))
        except Unreadable:
            continue
    return [subject for subject, _ in found], [case for _, case in found]


def _finished(cases: list[Case], start: Start, tried: Sequence[Tried], *, fixed: bool) -> _End:
    """What a start leads to, each subject standing as is likeliest at first."""
    stances = [choices(case, one, start.camera, start.number) for case, one in zip(cases, tried, strict=True)]
    state, told = refine(_fitted(cases), start.camera, [one[0] for one in stances], start.prior, fixed=fixed)
    return _End(start, cases, state, told, stances, {})


def _with_best_turns(end: _End, *, fixed: bool) -> _End:
    """The same with each subject turned as is likeliest before the camera that was found."""
    camera, cases, stances = end.state.camera, [], []
    for case, found, others in zip(end.cases, end.state.stances, end.choices, strict=True):
        turned = best_of(case, camera, found, others[1:MOST_CHOICES])
        best = on_its_best_side(case, camera, turned)
        cases.append(best[0])
        stances.append(best[1])
    if all(new is old for new, old in zip(stances, end.state.stances, strict=True)):
        return end
    state, told = refine(_fitted(cases), camera, stances, end.start.prior, fixed=fixed)
    return replace(end, cases=cases, state=state, told=told)


def _with_supports(subjects: Sequence[PhotoSubject], end: _End) -> _End:
    """The same with subjects standing on others where the artist or the photo says so."""
    camera, fitted, stances = end.state.camera, _fitted(end.cases), list(end.state.stances)
    keys = [subject.key for subject in subjects]
    stands_on: dict[int, int] = {}
    for number, subject in enumerate(subjects):
        if subject.stands_on is None:
            support = support_of(number, fitted, camera, stances)
        elif subject.stands_on in keys and subject.stands_on != subject.key:
            lower = keys.index(subject.stands_on)
            height = height_on(fitted[lower], camera, stances[lower], stances[number])
            support = lower, height if height is not None else top_of(fitted[lower], camera, stances[lower])
        else:
            support = None
        if support is not None:
            stands_on[number] = support[0]
            stances[number] = replace(stances[number], height=support[1])
    return replace(end, state=replace(end.state, stances=tuple(stances)), stands_on=stands_on)


def _leaning(end: _End, *, fixed: bool) -> _End:
    """The same with subjects leaning a little, as services' models do; but for those whose engine has told their pose
    where the camera is kept: they cover their masks already.
    """
    stances = list(end.state.stances)
    state, told = refine(_fitted(end.cases), end.state.camera, stances, end.start.prior, fixed=fixed, free=LEANING)
    if fixed:
        known = [known_stance(case, state.camera) for case in end.cases]
        stances = [new if kept is None else kept for kept, new in zip(known, state.stances, strict=True)]
        stances = [replace(new, height=old.height) for new, old in zip(stances, state.stances, strict=True)]
        state = replace(state, stances=tuple(stances))
    return replace(end, state=state, told=told)


def _fitted(cases: Sequence[Case]) -> list[Fitted]:
    return [case.fitted for case in cases]


def _match(subjects: Sequence[PhotoSubject], end: _End) -> Match:
    camera = end.state.camera
    placed: dict[str, Placed] = {}
    for number, (subject, case, stance) in enumerate(zip(subjects, end.cases, end.state.stances, strict=True)):
        below = subjects[end.stands_on[number]].key if number in end.stands_on else ""
        overlap = overlap_of(case.fitted, camera, stance)
        placed[subject.key] = stance.placed(camera, case.fitted.model, overlap, below)
    lens_from, horizon_from = _sources(end)
    return Match(camera, lens_from, horizon_from, placed, _notes(lens_from, horizon_from))


def _sources(end: _End) -> tuple[Source, Source]:
    """What has told most of the lens and of the horizon."""
    guess = end.start.guess
    lens_from, horizon_from = guess.lens_from, guess.horizon_from
    if not np.allclose(camera_values(end.state.camera), camera_values(guess.camera)):
        before, after = (np.linalg.inv(end.start.prior.information + more) for more in (0.0, end.told))
        gain = np.diag(after) / np.diag(before)
        if before[0, 0] > CERTAIN_LENS**2 and gain[0] < MUCH_BETTER:
            lens_from = Source.SUBJECTS
        if before[1, 1] > CERTAIN_PITCH**2 and gain[1] < MUCH_BETTER:
            horizon_from = Source.SUBJECTS
    return lens_from, horizon_from


def _notes(lens_from: Source, horizon_from: Source) -> tuple[str, ...]:
    return (GUESSED,) if lens_from is horizon_from is Source.USUAL else ()
