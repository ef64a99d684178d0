# SPDX-License-Identifier: GPL-3.0-or-later
"""From prompts to the mask of an object."""

from __future__ import annotations

import numpy as np

from ..arrays import Mask, Pixels, Single
from .candidate import Candidate
from .outline import clean, sharpen
from .pixel_prompts import Box, PixelPrompts, Point, SelectionError
from .prompt_costs import PromptCosts, gather
from .scales import likeliest
from .selection import Selection
from .subject import Analysis
from .window import Window

SIZE = 180  # cells along the longest side of the window in which the subject is cut out
FINEST = 540  # and of that in which its outline is followed
WHOLE = 96  # and of the whole photo
COLORS = 64
MARGIN = 0.25  # of a box's longest side, around it
NEAR = 0.5
FILLED = 0.4  # of a box is taken by its subject, to begin with
RIM = 2  # cells along the photo's border
TURNS, STEPS = 6, 80
PLAIN = 4.0  # contrast, in L*a*b*, below which there is nothing to be told apart
USUAL_IN_BOX, USUAL_AROUND = 0.6, 0.3  # overlap with what is meant, on photographs
KEPT = 32  # analyses of windows that are remembered


def select(photo: Pixels, prompts: PixelPrompts) -> Mask:
    """The mask (H, W) of the object that prompts show in a photo (H, W, 3), sRGB, top row first.

    Raises SelectionError where the prompts make no sense or nothing can be told apart by them.
    """
    return Selector(photo).select(prompts)


class Selector:
    """Selects in one photo (H, W, 3), sRGB, top row first, and remembers what it has looked at already."""

    def __init__(self, photo: Pixels) -> None:
        if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8:
            raise ValueError("photo: (H, W, 3) uint8 is expected")
        self._photo = photo
        self._size = photo.shape[0], photo.shape[1]
        self._seen: dict[tuple[Window, int], Analysis] = {}

    def select(self, prompts: PixelPrompts) -> Mask:
        """The mask (H, W) of the object that all these prompts show together. Raises SelectionError."""
        return self.candidates(prompts)[0].mask

    def candidates(self, prompts: PixelPrompts) -> tuple[Selection, ...]:
        """What these prompts together may show, the likeliest first, at least one. Raises SelectionError."""
        prompts = prompts.checked(*self._size)
        if prompts.box is not None:
            return (Selection(self._outlined(prompts, *self._in_box(prompts, prompts.box)), USUAL_IN_BOX),)
        return (Selection(self._outlined(prompts, *self._around(prompts)), USUAL_AROUND),)

    def _outlined(self, prompts: PixelPrompts, analysis: Analysis, costs: PromptCosts, chance: Single) -> Mask:
        prompted = costs.inside
        if prompts.stroke is not None:
            prompted = prompted | (analysis.window.sample(prompts.stroke) > 0.5)
        mask = clean(np.asarray(chance > 0.5), prompted, costs.outside, others=prompts.box is not None)
        fine = analysis.window.finer(FINEST)
        outline = sharpen(mask, analysis.picture, fine.sample(self._photo))
        for points, side in ((prompts.positive, 1), (prompts.negative, 0)):  # a point's own place always keeps its side
            for row, column in (fine.cell(*point) for point in points if fine.holds(*point)):
                outline[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = side
        result = np.zeros(self._size, bool)
        fine.paint(outline, result)
        if not result.any():
            raise SelectionError("Nothing stands out there: draw closer around the subject, or paint the mask.")
        return result

    def _in_box(self, prompts: PixelPrompts, box: Box) -> tuple[Analysis, PromptCosts, Single]:
        longest = max(box[2] - box[0], box[3] - box[1])
        analysis = self._analyze(Window.around(box, MARGIN * longest, self._size, SIZE), COLORS)
        _check_contrast(analysis)
        x, y = analysis.window.centers()
        within = (x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])
        costs = gather(prompts, analysis.window, analysis.clusters, ~within)
        known = within
        if within.all():  # the photo's border stands in for the surroundings
            known = within.copy()
            known[:RIM] = known[-RIM:] = known[:, :RIM] = known[:, -RIM:] = False
        votes = analysis.unlike_outside(known, FILLED)
        chance = analysis.solve(0.5 * within.astype(np.float32), costs, TURNS, STEPS, votes)
        return analysis, costs, chance

    def _around(self, prompts: PixelPrompts) -> tuple[Analysis, PromptCosts, Single]:
        height, width = self._size
        whole = self._analyze(Window.around((0, 0, width, height), 0, self._size, WHOLE), COLORS)
        found = self._first_guess(prompts, whole)
        if found is None:
            raise SelectionError("Nothing stands out there: draw a box around the subject, or paint the mask.")
        box = _around_both(found.box, _extent(prompts))
        margin = max(MARGIN * max(box[2] - box[0], box[3] - box[1]), 4)
        analysis = self._analyze(Window.around(box, margin, self._size, SIZE), COLORS)
        _check_contrast(analysis)
        costs = gather(prompts, analysis.window, analysis.clusters, analysis.window.rim(1, self._size))
        guess = 0.05 + 0.9 * found.at(analysis.window).astype(np.float32)
        return analysis, costs, analysis.solve(guess, costs, TURNS, STEPS)

    def _first_guess(self, prompts: PixelPrompts, whole: Analysis) -> Candidate | None:
        """What the first hint means; corrections change its outline, not what it is, unless they lie far from it."""
        first = PixelPrompts(positive=prompts.positive[: 1 if prompts.stroke is None else 0], stroke=prompts.stroke)
        found = likeliest(first, _extent(first), self._size, whole, self._analyze)
        if found is not None and all(_is_near(point, found.box) for point in prompts.positive):
            return found
        return likeliest(prompts, _extent(prompts), self._size, whole, self._analyze)

    def _analyze(self, window: Window, clusters: int) -> Analysis:
        key = window, clusters
        if key not in self._seen:
            if len(self._seen) >= KEPT:
                self._seen.pop(next(iter(self._seen)))
            self._seen[key] = Analysis(self._photo, window, clusters)
        return self._seen[key]


def _check_contrast(analysis: Analysis) -> None:
    if np.ptp(analysis.color, axis=(0, 1)).max() < PLAIN:
        raise SelectionError("Nothing stands out there, for all has one color: paint the mask.")


def _around_both(box: Box, other: Box) -> Box:
    return min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])


def _is_near(point: Point, box: Box) -> bool:
    """Whether a point lies in a box, or beside it by no more than NEAR of its longest side."""
    slack = NEAR * max(box[2] - box[0], box[3] - box[1])
    return box[0] - slack <= point[0] <= box[2] + slack and box[1] - slack <= point[1] <= box[3] + slack


def _extent(prompts: PixelPrompts) -> Box:
    """The box around what prompts show of the subject."""
    x, y = [x for x, _ in prompts.positive], [y for _, y in prompts.positive]
    if prompts.stroke is not None:
        columns, rows = np.flatnonzero(prompts.stroke.any(0)), np.flatnonzero(prompts.stroke.any(1))
        x += [float(columns[0]), float(columns[-1] + 1)]
        y += [float(rows[0]), float(rows[-1] + 1)]
    return min(x), min(y), max(x), max(y)
