# SPDX-License-Identifier: GPL-3.0-or-later
"""From prompts to the mask of an object."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import Mask, Pixels
from .candidate import Candidate
from .expectation import ALONE, WITHIN, expected_overlap
from .objectness import Sight, cues, gaps, off_middle
from .outline import main_part, sharpen
from .pixel_prompts import Box, PixelPrompts, SelectionError
from .place import Place, Trust
from .prompt_costs import gather
from .scales import Reading, extent, likeliest, read
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
# In the network in a box. It takes too much for the subject rather than too little: what it leaves out says more.
TRUSTS: tuple[Trust, ...] = ((0, 0), (0.12, 0.6), (0.5, 0.5))
CENTRAL = 0.25  # of the photo's longest side, that windows around its middle reach at least
PLAIN = 4.0  # contrast, in L*a*b*, below which there is nothing to be told apart
MOST = 3  # readings of what is meant
SAME = 0.85  # overlap from which two of them are one
KEPT = 32  # analyses of windows that are remembered
NOTHING = "Nothing stands out there: draw closer around the subject, or paint the mask."
NOTHING_AROUND = "Nothing stands out there: draw a box around the subject, or paint the mask."


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
        found = self.readings(prompts)
        if not found:
            raise SelectionError(NOTHING if prompts.box is not None else NOTHING_AROUND)
        if prompts.box is not None:
            return (self._outlined(prompts, max(found, key=_expected)),)
        selections: list[Selection] = []
        for reading in likeliest(found, most):
            try:
                selection = self._outlined(prompts, self._refined(prompts, reading))
            except SelectionError:
                if not selections:
                    raise
                continue
            if all(_overlap(selection.mask, one.mask) < SAME for one in selections):
                selections.append(selection)
        return tuple(selections)

    def readings(self, prompts: PixelPrompts) -> list[Reading]:
        """All candidates for what prompts, which have been checked, may mean."""
        if prompts.box is None:
            return read(self._photo, prompts, self._whole(), self._analyze)
        place = self._place(prompts, prompts.box)
        window, analysis = place.window, place.sight.analysis
        within = _within(prompts.box, window)
        costs = gather(prompts, window, analysis.clusters, ~within)
        known = within
        if within.all():  # the photo's border stands in for the surroundings
            known = within.copy()
            known[:RIM] = known[-RIM:] = known[:, :RIM] = known[:, -RIM:] = False
        votes, found = analysis.unlike_outside(known, FILLED), []
        for trust in TRUSTS:
            guess = 0.5 * within.astype(np.float32)
            candidate = place.solve(prompts, place.trusting(costs, trust), guess, votes)
            if candidate is not None:
                said = np.append(cues(candidate, costs.inside, place.sight), gaps(candidate, prompts.box))
                found.append(Reading(candidate, said, expected_overlap(said, WITHIN)))
        return found

    def standing_out(self, guess: Mask) -> Selection:
        """What a photo shows first of all, without prompts; a guess (h, w), at any size, is one candidate for it.

        Raises SelectionError where nothing stands out.
        """
        found = self.readings_alone(guess)
        if not found:
            raise SelectionError(NOTHING_AROUND)
        return self._outlined(PixelPrompts(), max(found, key=_expected))

    def readings_alone(self, guess: Mask) -> list[Reading]:
        """What the network takes for the subject, a guess, and what lies in the middle, each followed up."""
        height, width = self._size
        square = Square.around((0, 0, width, height), max(self._size))
        window = Window.around((0, 0, width, height), 0, self._size, SIZE)
        part = main_part(square.at(square.look(self._photo, PixelPrompts())[0], window))
        center = PixelPrompts(positive=((width / 2, height / 2),))
        central = read(self._photo, center, self._whole(), self._analyze, CENTRAL * max(self._size))
        starts = [
            Candidate(window, part),
            Candidate(replace(window, height=guess.shape[0], width=guess.shape[1]), guess),
            *(reading.candidate for reading in likeliest(central, 1)),
        ]
        found = []
        for start in (start for start in starts if start.mask.any()):
            try:
                place = self._place(PixelPrompts(), start.box)
            except SelectionError:
                continue
            candidate = place.follow(PixelPrompts(), start)
            if candidate is not None:
                said = cues(candidate, np.zeros_like(candidate.mask), place.sight)
                said = np.append(said, off_middle(candidate, self._size))
                found.append(Reading(candidate, said, expected_overlap(said, ALONE)))
        return found

    def _refined(self, prompts: PixelPrompts, reading: Reading) -> Reading:
        """What a reading takes for the subject, in finer cells."""
        place = self._place(prompts, _around_both(reading.candidate.box, extent(prompts)))
        return replace(reading, candidate=place.follow(prompts, reading.candidate) or reading.candidate)

    def _place(self, prompts: PixelPrompts, box: Box) -> Place:
        longest = max(box[2] - box[0], box[3] - box[1])
        window = Window.around(box, max(MARGIN * longest, 4), self._size, SIZE)
        analysis = self._analyze(window, COLORS)
        if np.ptp(analysis.color, axis=(0, 1)).max() < PLAIN:
            raise SelectionError("Nothing stands out there, for all has one color: paint the mask.")
        square = Square.around(box, (1 + 2 * MARGIN) * longest)
        logits, expected = square.look(self._photo, replace(prompts, box=box))
        return Place(window, Sight(self._size, analysis, self._whole(), square.at(logits, window), expected))

    def _whole(self) -> Analysis:
        height, width = self._size
        return self._analyze(Window.around((0, 0, width, height), 0, self._size, WHOLE), COLORS)

    def _outlined(self, prompts: PixelPrompts, reading: Reading) -> Selection:
        """The mask of the photo from that of a window."""
        analysis, mask = self._analyze(reading.candidate.window, COLORS), reading.candidate.mask
        fine = analysis.window.finer(FINEST)
        outline = sharpen(mask, analysis.picture, fine.sample(self._photo))
        for points, side in ((prompts.positive, 1), (prompts.negative, 0)):  # a point's own place always keeps its side
            for row, column in (fine.cell(*point) for point in points if fine.holds(*point)):
                outline[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = side
        result = np.zeros(self._size, bool)
        fine.paint(outline, result)
        if not result.any():
            raise SelectionError(NOTHING)
        return Selection(result, reading.expected)

    def _analyze(self, window: Window, clusters: int) -> Analysis:
        key = window, clusters
        if key not in self._seen:
            if len(self._seen) >= KEPT:
                self._seen.pop(next(iter(self._seen)))
            self._seen[key] = Analysis(self._photo, window, clusters)
        return self._seen[key]


def _around_both(box: Box, other: Box) -> Box:
    return min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])


def _overlap(one: Mask, other: Mask) -> float:
    return float((one & other).sum()) / float((one | other).sum())


def _expected(reading: Reading) -> float:
    return reading.expected


def _within(box: Box, window: Window) -> Mask:
    """The cells (height, width) whose middles lie in a box."""
    x, y = window.centers()
    return np.asarray((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3]))
