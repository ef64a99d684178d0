# SPDX-License-Identifier: GPL-3.0-or-later
"""How large is what was clicked on? The subject is looked for in windows of growing size around the hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..draft.raster import Single, box_mean
from .evidence import gather
from .hints import Box, Hints, Mask
from .outline import parts_with
from .subject import Analysis
from .view import Window

SIZE = 80  # cells along a window's longest side
COLOURS = 40
SMALLEST = 16.0  # pixels from the hints to the sides of the smallest window
GROWTH = 1.6  # from one window to the next
LARGEST = 0.75  # of the photo's longest side
SPREAD = 0.3  # of the window's reach, within which the first guess of the subject lies
TURNS, STEPS = 5, 40
FAINT = 6.0  # contrast, in L*a*b*, below which an outline does not follow an edge
ALMOST_ALL = 0.1  # of the photo; less than this around a subject tells nothing of the surroundings

# How a candidate is judged. The values were fitted to composites of rendered objects, and are not delicate.
AGREEMENT, FAINTNESS, FAMILIARITY = 0.18, 0.25, 0.15


@dataclass(frozen=True)
class Candidate:
    """What the subject may be: a mask (height, width) in a window. faint: the share of its outline without an edge.
    familiar: how far its surroundings look like the rest of the photo, 0..1; those of a mere part do not.
    """

    window: Window
    mask: Mask
    faint: float
    familiar: float

    @property
    def box(self) -> Box:
        """Around the mask, in pixels of the photo."""
        across, down = self.window.step
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        left, top = self.window.left, self.window.top
        return (
            left + float(columns[0]) * across,
            top + float(rows[0]) * down,
            left + float(columns[-1] + 1) * across,
            top + float(rows[-1] + 1) * down,
        )

    def at(self, window: Window) -> Mask:
        """The mask at the middles of another window's cells."""
        x, y = window.centres()
        across, down = self.window.step
        column = np.floor((x - self.window.left) / across).astype(np.int64)
        row = np.floor((y - self.window.top) / down).astype(np.int64)
        known = (row >= 0) & (row < self.window.height) & (column >= 0) & (column < self.window.width)
        inner = self.mask[np.clip(row, 0, self.window.height - 1), np.clip(column, 0, self.window.width - 1)]
        return np.asarray(known & inner)

    def overlap(self, larger: Candidate) -> float:
        """Intersection over union with a candidate of a larger window."""
        common = float((self.mask & larger.at(self.window)).sum()) * self._cell
        return common / (float(self.mask.sum()) * self._cell + float(larger.mask.sum()) * larger._cell - common)

    @property
    def _cell(self) -> float:
        across, down = self.window.step
        return across * down


def likeliest(
    hints: Hints, hinted: Box, photo: tuple[int, int], whole: Analysis, analyse: Callable[[Window, int], Analysis]
) -> Candidate | None:
    """The candidate that the most windows agree on, with edges along its outline and before familiar surroundings.

    hinted: the box around the hints of the subject. photo: its height and width. whole: of the photo. analyse: gives
    the analysis of a window with a number of clusters.
    """
    found = []
    for window, reach in _windows(hinted, photo):
        candidate = _candidate(hints, analyse(window, COLOURS), reach, photo, whole)
        if candidate is not None:
            found.append(candidate)
    if not found:
        return None
    agreement = np.zeros(len(found))
    for i, one in enumerate(found):
        for j in range(i + 1, len(found)):
            overlap = one.overlap(found[j])
            agreement[i] += overlap
            agreement[j] += overlap
    score = [
        AGREEMENT * agreed - FAINTNESS * one.faint + FAMILIARITY * one.familiar
        for one, agreed in zip(found, agreement, strict=True)
    ]
    return found[int(np.argmax(score))]


def _windows(hinted: Box, photo: tuple[int, int]) -> Iterator[tuple[Window, float]]:
    """The windows, each with how far it reaches from the hints, in pixels."""
    reach = max(SMALLEST, 0.3 * max(hinted[2] - hinted[0], hinted[3] - hinted[1]))
    while True:
        yield Window.around(hinted, reach, photo, SIZE), reach
        if reach >= LARGEST * max(photo):
            return
        reach *= GROWTH


def _candidate(
    hints: Hints, analysis: Analysis, reach: float, photo: tuple[int, int], whole: Analysis
) -> Candidate | None:
    window = analysis.window
    evidence = gather(hints, window, analysis.clusters, window.rim(1, photo))
    near = _distance(hints, window) / (SPREAD * reach)
    guess = np.asarray(0.9 * np.exp(-(near**2) / 2), np.float32)
    chance = analysis.solve(guess, evidence, TURNS, STEPS)
    hinted = evidence.inside | (evidence.cost < 0) if hints.stroke is not None else evidence.inside
    mask = parts_with(chance > 0.5, hinted)
    if not mask.any():
        return None
    found = Candidate(window, mask, _faint(mask, analysis.colour), 0.0)
    return Candidate(window, mask, found.faint, _familiar(found, analysis, whole))


def _distance(hints: Hints, window: Window) -> Single:
    """From each cell to the nearest hint of the subject, in pixels of the photo."""
    x, y = window.centres()
    places = list(hints.inside)
    if hints.stroke is not None:
        rows, columns = np.nonzero(window.look(hints.stroke) > 0.5)
        some = slice(None, None, max(1, len(rows) // 100))
        places += list(zip(x[0, columns[some]].tolist(), y[rows[some], 0].tolist(), strict=True))
    distance = np.full((window.height, window.width), np.inf, np.float32)
    for place in places:
        distance = np.minimum(distance, np.hypot(x - place[0], y - place[1]))
    return np.asarray(distance, np.float32)


def _faint(mask: Mask, colour: Single) -> float:
    across = np.linalg.norm(colour[:, 1:] - colour[:, :-1], axis=2)[mask[:, 1:] != mask[:, :-1]]
    down = np.linalg.norm(colour[1:] - colour[:-1], axis=2)[mask[1:] != mask[:-1]]
    contrast = np.concatenate([across, down])
    return float((contrast < FAINT).mean()) if len(contrast) else 1.0


def _familiar(candidate: Candidate, analysis: Analysis, whole: Analysis) -> float:
    left, top, right, bottom = candidate.box
    margin = 0.15 * max(right - left, bottom - top)
    x, y = whole.window.centres()
    far = (x < left - margin) | (x > right + margin) | (y < top - margin) | (y > bottom + margin)
    if far.mean() < ALMOST_ALL:
        return 0.3
    clusters = analysis.clusters
    around = (box_mean(candidate.mask.astype(np.float32), 6) > 0) & ~candidate.mask
    usual = clusters.density(clusters.nearest(whole.looks[far]), np.ones(int(far.sum()), np.float32))
    own = clusters.density(clusters.label, around.astype(np.float32))
    return float(np.minimum(usual, own).sum())
