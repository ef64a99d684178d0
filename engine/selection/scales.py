# SPDX-License-Identifier: GPL-3.0-or-later
"""How large is what was clicked on? The subject is looked for in windows of growing size around the prompts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..arrays import Mask, Single
from .candidate import Candidate
from .objectness import merit
from .outline import parts_with
from .pixel_prompts import Box, PixelPrompts
from .prompt_costs import gather
from .subject import Analysis
from .window import Window

SIZE = 80  # cells along a window's longest side
COLORS = 40
SMALLEST = 16.0  # pixels from the prompts to the sides of the smallest window
GROWTH = 1.6  # from one window to the next
LARGEST = 0.75  # of the photo's longest side
SPREAD = 0.3  # of the window's reach, within which the first guess of the subject lies
ONE_CELL = 0.75  # of a cell's width, within which the middles of the cells lie that a hint is in
TURNS, STEPS = 5, 40


def likeliest(
    prompts: PixelPrompts,
    prompted: Box,
    photo: tuple[int, int],
    whole: Analysis,
    analyze: Callable[[Window, int], Analysis],
) -> Candidate | None:
    """The candidate that is expected to overlap the most with what is meant; None where no window has any.

    Each candidate is what is meant with a chance that follows from its merit, so one that resembles others stands out
    (minimum Bayes risk). prompted: the box around the prompts of the subject. photo: its height and width. whole: of
    the
    photo. analyze: gives the analysis of a window with a number of clusters.
    """
    found, merits = [], []
    for window, reach in _windows(prompted, photo):
        analysis = analyze(window, COLORS)
        mask, shown = _solve(prompts, analysis, reach, photo)
        if mask.any():
            found.append(Candidate(window, mask))
            merits.append(merit(found[-1], shown, photo, analysis, whole))
    if not found:
        return None
    chance = np.exp(np.array(merits) - max(merits))
    overlap = np.eye(len(found))
    for i, one in enumerate(found):
        for j in range(i + 1, len(found)):
            overlap[i, j] = overlap[j, i] = one.overlap(found[j])
    return found[int(np.argmax(overlap @ chance))]


def _windows(prompted: Box, photo: tuple[int, int]) -> Iterator[tuple[Window, float]]:
    """The windows, each with how far it reaches from the prompts, in pixels."""
    reach = max(SMALLEST, 0.3 * max(prompted[2] - prompted[0], prompted[3] - prompted[1]))
    while True:
        yield Window.around(prompted, reach, photo, SIZE), reach
        if reach >= LARGEST * max(photo):
            return
        reach *= GROWTH


def _solve(prompts: PixelPrompts, analysis: Analysis, reach: float, photo: tuple[int, int]) -> tuple[Mask, Mask]:
    """The subject in one window, and the cells in which prompts show it."""
    window = analysis.window
    costs = gather(prompts, window, analysis.clusters, window.rim(1, photo))
    distance = _distance(prompts, window)
    guess = np.asarray(0.9 * np.exp(-((distance / (SPREAD * reach)) ** 2) / 2), np.float32)
    chance = analysis.solve(guess, costs, TURNS, STEPS)
    prompted = costs.inside | (costs.cost < 0) if prompts.stroke is not None else costs.inside
    return parts_with(chance > 0.5, prompted), distance <= max(ONE_CELL * max(window.step), distance.min())


def _distance(prompts: PixelPrompts, window: Window) -> Single:
    """From each cell to the nearest hint of the subject, in pixels of the photo."""
    x, y = window.centers()
    places = list(prompts.positive)
    if prompts.stroke is not None:
        rows, columns = np.nonzero(window.sample(prompts.stroke) > 0.5)
        some = slice(None, None, max(1, len(rows) // 100))
        places += list(zip(x[0, columns[some]].tolist(), y[rows[some], 0].tolist(), strict=True))
    distance = np.full((window.height, window.width), np.inf, np.float32)
    for place in places:
        distance = np.minimum(distance, np.hypot(x - place[0], y - place[1]))
    return np.asarray(distance, np.float32)
