# SPDX-License-Identifier: GPL-3.0-or-later
"""How large is what was clicked on? The subject is looked for in windows of growing size around the prompts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Mask, Pixels, Single
from .candidate import Candidate
from .expectation import AROUND, expected_overlap
from .objectness import Sight, cues
from .outline import parts_with
from .pixel_prompts import Box, PixelPrompts
from .prompt_costs import gather
from .square import Square, places_of_stroke
from .subject import Analysis
from .window import Window

SIZE = 80  # cells along a window's longest side
COLORS = 40
SMALLEST = 20.0  # pixels from the prompts to the sides of the smallest window
GROWTH = 1.6  # from one window to the next
LARGEST = 0.75  # of the photo's longest side
SPREAD = 0.3  # of the window's reach, within which the first guess of the subject lies
ONE_CELL = 0.75  # of a cell's width, within which the middles of the cells lie that a hint is in
TRUSTS = (0.0, 0.7)  # in the network, next to the votes of colors
TURNS, STEPS = 4, 30
SHARP = 12.0  # the power of the expected overlap by which candidates count
DISTINCT = 0.7  # overlap up to which candidates are different readings


@dataclass(frozen=True)
class Reading:
    """A candidate, what speaks for it, and its expected overlap with what is meant."""

    candidate: Candidate
    cues: Single
    expected: float


def read(
    photo: Pixels, prompts: PixelPrompts, whole: Analysis, analyze: Callable[[Window, int], Analysis], least: float = 0
) -> list[Reading]:
    """All candidates for what prompts without a box may mean, in windows of growing size.

    whole: the analysis of the photo. analyze: gives that of a window with a number of clusters. least: pixels from the
    prompts that the smallest window reaches at least.
    """
    prompted = extent(prompts)
    size = photo.shape[0], photo.shape[1]
    found = []
    for window, reach in _windows(prompted, size, least):
        analysis = analyze(window, COLORS)
        square = Square.around(prompted, 2 * reach + max(prompted[2] - prompted[0], prompted[3] - prompted[1]))
        logits, expected = square.look(photo, prompts)
        sight = Sight(size, analysis, whole, square.at(logits, window), expected)
        for trust in TRUSTS:
            mask, shown = _solve(prompts, sight, reach, trust)
            if mask.any():
                candidate = Candidate(window, mask)
                said = cues(candidate, shown, sight)
                found.append(Reading(candidate, said, expected_overlap(said, AROUND)))
    return found


def likeliest(found: list[Reading], most: int) -> list[Reading]:
    """Up to `most` different ones of the readings, the likeliest first.

    Each is what is meant with a chance that follows from its expected overlap, and the one is chosen that then overlaps
    the most (minimum Bayes risk); the next ones stand for what those before do not.
    """
    if not found:
        return []
    weight = np.array([reading.expected for reading in found]) ** SHARP
    overlap = np.eye(len(found))
    for i, one in enumerate(found):
        for j in range(i + 1, len(found)):
            smaller, larger = sorted((one.candidate, found[j].candidate), key=lambda each: each.window.step[0])
            overlap[i, j] = overlap[j, i] = smaller.overlap(larger)
    chosen: list[int] = []
    while len(chosen) < most:
        far = (overlap[chosen] < DISTINCT).all(0) if chosen else np.ones(len(found), bool)
        if not far.any():
            break
        left = weight * (1 - overlap[chosen].max(0)) if chosen else weight
        chosen.append(int(np.where(far, overlap @ left, -1).argmax()))
    return [found[number] for number in chosen]


def extent(prompts: PixelPrompts) -> Box:
    """The box around what prompts show of the subject."""
    x, y = [x for x, _ in prompts.positive], [y for _, y in prompts.positive]
    if prompts.stroke is not None:
        columns, rows = np.flatnonzero(prompts.stroke.any(0)), np.flatnonzero(prompts.stroke.any(1))
        x += [float(columns[0]), float(columns[-1] + 1)]
        y += [float(rows[0]), float(rows[-1] + 1)]
    return min(x), min(y), max(x), max(y)


def _windows(prompted: Box, photo: tuple[int, int], least: float) -> Iterator[tuple[Window, float]]:
    """The windows, each with how far it reaches from the prompts, in pixels."""
    reach = max(SMALLEST, least, 0.3 * max(prompted[2] - prompted[0], prompted[3] - prompted[1]))
    while True:
        yield Window.around(prompted, reach, photo, SIZE), reach
        if reach >= LARGEST * max(photo):
            return
        reach *= GROWTH


def _solve(prompts: PixelPrompts, sight: Sight, reach: float, trust: float) -> tuple[Mask, Mask]:
    """The subject in one window, and the cells in which prompts show it. trust: in the network, next to the colors."""
    analysis, belief = sight.analysis, sight.belief
    window = analysis.window
    costs = gather(prompts, window, analysis.clusters, window.rim(1, sight.photo))
    distance = _distance(prompts, window)
    guess = np.asarray(0.9 * np.exp(-((distance / (SPREAD * reach)) ** 2) / 2), np.float32)
    if trust:
        guess = np.asarray(0.5 * guess + 0.5 / (1 + np.exp(-belief)), np.float32)
    chance = analysis.solve(guess, replace(costs, cost=costs.cost - trust * belief), TURNS, STEPS)
    prompted = costs.inside | (costs.cost < 0) if prompts.stroke is not None else costs.inside
    return parts_with(chance > 0.5, prompted), distance <= max(ONE_CELL * max(window.step), distance.min())


def _distance(prompts: PixelPrompts, window: Window) -> Single:
    """From each cell to the nearest hint of the subject, in pixels of the photo."""
    x, y = window.centers()
    distance = np.full((window.height, window.width), np.inf, np.float32)
    for place in (*prompts.positive, *places_of_stroke(prompts)):
        distance = np.minimum(distance, np.hypot(x - place[0], y - place[1]))
    return np.asarray(distance, np.float32)
