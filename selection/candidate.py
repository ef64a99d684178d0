# SPDX-License-Identifier: GPL-3.0-or-later
"""What a click may have meant, and how much speaks for it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..draft.raster import box_mean
from .hints import Box, Mask
from .subject import Analysis
from .view import Window

FAINT = 6.0  # contrast, in L*a*b*, below which an outline does not follow an edge
AROUND = 6  # cells from a mask that are its surroundings
APART = 0.15  # of a mask's longest side, beyond which the rest of the photo begins
ALMOST_ALL = 0.1  # of the photo; less than this around a subject tells nothing of the surroundings
UNKNOWN = 0.3  # familiarity then

# What counts how much, next to AGREEMENT in scales.py. Fitted to composites of objects on made and real backgrounds,
# so that either kind was judged well by what the other had taught; the values are not delicate.
FAINTNESS, FAMILIARITY, LARGENESS, CUT_OFF, ASIDE = 1.1, 0.3, 0.15, 2.5, 0.3


@dataclass(frozen=True)
class Candidate:
    """What the subject may be: a mask (height, width), not empty, in a window."""

    window: Window
    mask: Mask

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

    @property
    def area(self) -> float:
        """In pixels of the photo."""
        across, down = self.window.step
        return float(self.mask.sum()) * across * down

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
        across, down = self.window.step
        common = float((self.mask & larger.at(self.window)).sum()) * across * down
        return common / (self.area + larger.area - common)


def merit(candidate: Candidate, hinted: Box, photo: tuple[int, int], analysis: Analysis, whole: Analysis) -> float:
    """What speaks for a candidate by itself; only differences count.

    An object has edges along its outline, surroundings that look like the rest of the photo (those of a mere part do
    not), a size in a photo of it, little of its outline on the photo's border, and is clicked on near its middle.
    hinted: the box around the hints. photo: its height and width. analysis: of the candidate's window; whole: of the
    photo.
    """
    left, top, right, bottom = hinted
    rows, columns = np.nonzero(candidate.mask)
    x, y = analysis.window.centres()
    aside = math.hypot(x[0, columns].mean() - (left + right) / 2, y[rows, 0].mean() - (top + bottom) / 2)
    return (
        LARGENESS * math.log(candidate.area / (photo[0] * photo[1]))
        + FAMILIARITY * _familiar(candidate, analysis, whole)
        - ASIDE * aside / math.sqrt(candidate.area)
        - _outline_faults(candidate, photo, analysis)
    )


def _outline_faults(candidate: Candidate, photo: tuple[int, int], analysis: Analysis) -> float:
    """Parts of the outline without an edge or on the border of the photo (height, width), by weight."""
    mask, colour, window = candidate.mask, analysis.colour, candidate.window
    across = np.linalg.norm(colour[:, 1:] - colour[:, :-1], axis=2)[mask[:, 1:] != mask[:, :-1]]
    down = np.linalg.norm(colour[1:] - colour[:-1], axis=2)[mask[1:] != mask[:-1]]
    contrast = np.concatenate([across, down])
    border = (
        (window.top == 0) * mask[0].sum()
        + (window.bottom == photo[0]) * mask[-1].sum()
        + (window.left == 0) * mask[:, 0].sum()
        + (window.right == photo[1]) * mask[:, -1].sum()
    )
    faint = float((contrast < FAINT).mean()) if len(contrast) else 1.0
    return FAINTNESS * faint + CUT_OFF * float(border) / max(len(contrast) + float(border), 1)


def _familiar(candidate: Candidate, analysis: Analysis, whole: Analysis) -> float:
    """How far a candidate's surroundings look like the rest of the photo, 0..1."""
    left, top, right, bottom = candidate.box
    margin = APART * max(right - left, bottom - top)
    x, y = whole.window.centres()
    far = (x < left - margin) | (x > right + margin) | (y < top - margin) | (y > bottom + margin)
    if far.mean() < ALMOST_ALL:
        return UNKNOWN
    clusters = analysis.clusters
    around = (box_mean(candidate.mask.astype(np.float32), AROUND) > 0) & ~candidate.mask
    usual = clusters.density(clusters.nearest(whole.looks[far]), np.ones(int(far.sum()), np.float32))
    own = clusters.density(clusters.label, around.astype(np.float32))
    return float(np.minimum(usual, own).sum())
