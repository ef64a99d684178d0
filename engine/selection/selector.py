# SPDX-License-Identifier: GPL-3.0-or-later
"""From prompts to the mask of an object."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Mask, Pixels, Single
from .candidate import Candidate
from .expectation import ALONE, WITHIN, expected_overlap
from .objectness import Sight, cues, gaps, off_middle
from .outline import clean, main_part, sharpen
from .pixel_prompts import Box, PixelPrompts, SelectionError
from .prompt_costs import PromptCosts, gather
from .scales import Reading, likeliest, read
from .selection import Selection
from .square import Square
from .subject import Analysis
from .window import Window

SIZE = 180  # cells along the longest side of the window in which the subject is cut out
FINEST = 540  # and of that in which its outline is followed
WHOLE = 96  # and of the whole photo
COLORS = 64
MARGIN = 0.25  # of a box's longest side, around it
FILLED = 0.4  # of a box is taken by its subject, to begin with
RIM = 2  # cells along the photo's border
TRUSTS = (0.0, 0.5, 1.0)  # in the network in a box, next to the votes of colors
TRUST = 0.5  # and around prompts
TURNS, STEPS = 5, 60
PLAIN = 4.0  # contrast, in L*a*b*, below which there is nothing to be told apart
MOST = 3  # readings of what is meant
KEPT = 32  # analyses of windows that are remembered
NOTHING = "Nothing stands out there: draw closer around the subject, or paint the mask."


@dataclass(frozen=True)
class _Place:
    """Where the subject is cut out: belief (height, width) and expected are the network's logits and overlap there."""

    window: Window
    analysis: Analysis
    belief: Single
    expected: float


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
        return self._select(prompts, 1)[0].mask

    def candidates(self, prompts: PixelPrompts) -> tuple[Selection, ...]:
        """What these prompts together may show, the likeliest first: up to MOST where there is no box, at least one.
        Raises SelectionError.
        """
        return self._select(prompts, MOST)

    def _select(self, prompts: PixelPrompts, most: int) -> tuple[Selection, ...]:
        prompts = prompts.checked(*self._size)
        if prompts.box is not None:
            return (self._in_box(prompts, prompts.box),)
        prompted = _extent(prompts)
        found = likeliest(read(self._photo, prompts, prompted, self._whole(), self._analyze), most)
        if not found:
            raise SelectionError("Nothing stands out there: draw a box around the subject, or paint the mask.")
        return tuple(self._around(prompts, prompted, reading) for reading in found)

    def _in_box(self, prompts: PixelPrompts, box: Box) -> Selection:
        """The likeliest of what colors alone and the network let see in a box."""
        place = self._place(prompts, box)
        window, analysis = place.window, place.analysis
        x, y = window.centers()
        within = (x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])
        costs = gather(prompts, window, analysis.clusters, ~within)
        known = within
        if within.all():  # the photo's border stands in for the surroundings
            known = within.copy()
            known[:RIM] = known[-RIM:] = known[:, :RIM] = known[:, -RIM:] = False
        votes = analysis.unlike_outside(known, FILLED)
        sight = Sight(self._size, analysis, self._whole(), place.belief, place.expected)
        best = None
        for trust in TRUSTS:
            guess = 0.5 * within.astype(np.float32)
            trusting = replace(costs, cost=costs.cost - trust * place.belief)
            mask = self._clean(prompts, analysis, costs, analysis.solve(guess, trusting, TURNS, STEPS, votes))
            if mask.any():
                candidate = Candidate(window, mask)
                said = np.concatenate([cues(candidate, costs.inside, sight), gaps(candidate, box)])
                expected = expected_overlap(said, WITHIN)
                if best is None or expected > best[0]:
                    best = expected, mask
        if best is None:
            raise SelectionError(NOTHING)
        return Selection(self._outlined(prompts, analysis, best[1]), best[0])

    def _around(self, prompts: PixelPrompts, prompted: Box, reading: Reading) -> Selection:
        """What a reading takes for the subject, in finer cells."""
        place = self._place(prompts, _around_both(reading.candidate.box, prompted))
        window, analysis = place.window, place.analysis
        costs = gather(prompts, window, analysis.clusters, window.rim(1, self._size))
        costs = replace(costs, cost=costs.cost - TRUST * place.belief)
        guess = 0.05 + 0.9 * reading.candidate.at(window).astype(np.float32)
        mask = self._clean(prompts, analysis, costs, analysis.solve(guess, costs, TURNS, STEPS))
        return Selection(self._outlined(prompts, analysis, mask), reading.expected)

    def _place(self, prompts: PixelPrompts, box: Box) -> _Place:
        longest = max(box[2] - box[0], box[3] - box[1])
        window = Window.around(box, max(MARGIN * longest, 4), self._size, SIZE)
        analysis = self._analyze(window, COLORS)
        if np.ptp(analysis.color, axis=(0, 1)).max() < PLAIN:
            raise SelectionError("Nothing stands out there, for all has one color: paint the mask.")
        square = Square.around(box, (1 + 2 * MARGIN) * longest)
        logits, expected = square.look(self._photo, replace(prompts, box=box))
        return _Place(window, analysis, square.at(logits, window), expected)

    def _whole(self) -> Analysis:
        height, width = self._size
        return self._analyze(Window.around((0, 0, width, height), 0, self._size, WHOLE), COLORS)

    def standing_out(self, guess: Mask) -> Selection:
        """What a photo shows first of all, without prompts: the likelier of what the network takes for it and of a
        guess (h, w) at any size. Raises SelectionError where nothing stands out.
        """
        height, width = self._size
        whole = Square.around((0, 0, width, height), max(self._size))
        logits, _ = whole.look(self._photo, PixelPrompts())
        window = Window.around((0, 0, width, height), 0, self._size, SIZE)
        masks = main_part(whole.at(logits, window)), guess
        windows = window, replace(window, height=guess.shape[0], width=guess.shape[1])
        candidates = [Candidate(place, mask) for place, mask in zip(windows, masks, strict=True) if mask.any()]
        found = [one for candidate in candidates if (one := self._refined(candidate))]
        if not found:
            raise SelectionError(NOTHING)
        expected, place, mask = max(found, key=lambda each: each[0])
        return Selection(self._outlined(PixelPrompts(), place.analysis, mask), expected)

    def _refined(self, candidate: Candidate) -> tuple[float, _Place, Mask] | None:
        """What stands out there, with its expected overlap with what is meant and its place; None where nothing does."""
        box = candidate.box
        place = self._place(PixelPrompts(), box)
        window, analysis = place.window, place.analysis
        costs = gather(PixelPrompts(), window, analysis.clusters, window.rim(1, self._size))
        guess = 0.05 + 0.9 * candidate.at(window).astype(np.float32)
        trusting = replace(costs, cost=costs.cost - TRUST * place.belief)
        chance = analysis.solve(guess, trusting, TURNS, STEPS)
        mask = clean(np.asarray(chance > 0.5), costs.inside, costs.outside, others=True)
        if not mask.any():
            return None
        sight = Sight(self._size, analysis, self._whole(), place.belief, place.expected)
        refined = Candidate(window, mask)
        said = cues(refined, costs.inside, sight)
        return expected_overlap(np.append(said, off_middle(refined, self._size)), ALONE), place, mask

    def _clean(self, prompts: PixelPrompts, analysis: Analysis, costs: PromptCosts, chance: Single) -> Mask:
        prompted = costs.inside
        if prompts.stroke is not None:
            prompted = prompted | (analysis.window.sample(prompts.stroke) > 0.5)
        return clean(np.asarray(chance > 0.5), prompted, costs.outside, others=prompts.box is not None)

    def _outlined(self, prompts: PixelPrompts, analysis: Analysis, mask: Mask) -> Mask:
        """The mask (H, W) of the photo from that (height, width) of a window."""
        fine = analysis.window.finer(FINEST)
        outline = sharpen(mask, analysis.picture, fine.sample(self._photo))
        for points, side in ((prompts.positive, 1), (prompts.negative, 0)):  # a point's own place always keeps its side
            for row, column in (fine.cell(*point) for point in points if fine.holds(*point)):
                outline[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = side
        result = np.zeros(self._size, bool)
        fine.paint(outline, result)
        if not result.any():
            raise SelectionError(NOTHING)
        return result

    def _analyze(self, window: Window, clusters: int) -> Analysis:
        key = window, clusters
        if key not in self._seen:
            if len(self._seen) >= KEPT:
                self._seen.pop(next(iter(self._seen)))
            self._seen[key] = Analysis(self._photo, window, clusters)
        return self._seen[key]


def _around_both(box: Box, other: Box) -> Box:
    return min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])


def _extent(prompts: PixelPrompts) -> Box:
    """The box around what prompts show of the subject."""
    x, y = [x for x, _ in prompts.positive], [y for _, y in prompts.positive]
    if prompts.stroke is not None:
        columns, rows = np.flatnonzero(prompts.stroke.any(0)), np.flatnonzero(prompts.stroke.any(1))
        x += [float(columns[0]), float(columns[-1] + 1)]
        y += [float(rows[0]), float(rows[-1] + 1)]
    return min(x), min(y), max(x), max(y)
