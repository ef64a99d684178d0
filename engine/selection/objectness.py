# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a candidate looks like one whole object by itself."""

from __future__ import annotations

import math

import numpy as np

from ..arrays import Ints, Mask, Single
from ..raster import box_mean
from .candidate import Candidate
from .subject import Analysis

FAINT = 6.0  # contrast, in L*a*b*, below which an outline does not follow an edge
AROUND = 6  # cells from a mask that are its surroundings
APART = 0.15  # of a mask's longest side, beyond which the rest of the photo begins
ALMOST_ALL = 0.1  # of the photo; less than this around a subject tells nothing of the surroundings
UNKNOWN = 0.3  # familiarity then

# What counts how much, as a logarithm of chances. Fitted to composites of objects on made and real backgrounds, so that
# each kind of background was judged well by what the others had taught; the values are not delicate.
LARGENESS, FULLNESS, DEPTH, FAMILIARITY, LIKENESS, FAINTNESS, CUT_OFF = 1.5, 6.5, 6.0, 8.0, 11.0, 7.0, 27.0


def merit(candidate: Candidate, prompted: Mask, photo: tuple[int, int], analysis: Analysis, whole: Analysis) -> float:
    """What speaks for a candidate, as a logarithm of chances; only differences count.

    As the cues of Alexe, Deselaers and Ferrari ("What is an object?", 2010): an object differs from its surroundings
    and has edges along its outline. Its surroundings look like the rest of the photo (those of a mere part do not), it
    has a size in a photo, fills the box around it (objects that only touch do not), and little of its outline lies on
    the photo's border. An artist clicks where it is thick.
    prompted: the cells (height, width) that prompts show. photo: its height and width. analysis: of the candidate's
    window;
    whole: of the photo.
    """
    mask, clusters = candidate.mask, analysis.clusters
    left, top, right, bottom = candidate.box
    around = (box_mean(mask.astype(np.float32), AROUND) > 0) & ~mask
    own, other = (clusters.density(clusters.label, part.astype(np.float32)) for part in (mask, around))
    depth = _depth(mask)
    return (
        LARGENESS * math.log(candidate.area / (photo[0] * photo[1]))
        + FULLNESS * candidate.area / ((right - left) * (bottom - top))
        + DEPTH * float(depth[prompted].max() / depth.max())
        + FAMILIARITY * _familiar(candidate, other, analysis, whole)
        - LIKENESS * float(np.sqrt(own * other).sum())  # Bhattacharyya's coefficient
        - _outline_faults(candidate, photo, analysis)
    )


def _depth(mask: Mask) -> Ints:
    """How many cells from the outline of a mask (height, width) each of its cells lies, 1 for those along it."""
    left = np.pad(mask, 1)
    depth = np.zeros(mask.shape, np.int64)
    while left.any():
        depth += left[1:-1, 1:-1]
        across = left[:, 1:-1] & left[:, :-2] & left[:, 2:]
        left[1:-1, 1:-1] = across[1:-1] & across[:-2] & across[2:]
    return depth


def _outline_faults(candidate: Candidate, photo: tuple[int, int], analysis: Analysis) -> float:
    """Parts of the outline without an edge or on the border of the photo (height, width), by weight."""
    mask, color, window = candidate.mask, analysis.color, candidate.window
    across = np.linalg.norm(color[:, 1:] - color[:, :-1], axis=2)[mask[:, 1:] != mask[:, :-1]]
    down = np.linalg.norm(color[1:] - color[:-1], axis=2)[mask[1:] != mask[:-1]]
    contrast = np.concatenate([across, down])
    border = (
        (window.top == 0) * mask[0].sum()
        + (window.bottom == photo[0]) * mask[-1].sum()
        + (window.left == 0) * mask[:, 0].sum()
        + (window.right == photo[1]) * mask[:, -1].sum()
    )
    faint = float((contrast < FAINT).mean()) if len(contrast) else 1.0
    return FAINTNESS * faint + CUT_OFF * float(border) / max(len(contrast) + float(border), 1)


def _familiar(candidate: Candidate, around: Single, analysis: Analysis, whole: Analysis) -> float:
    """How far a candidate's surroundings, as shares of the clusters, look like the rest of the photo, 0..1."""
    left, top, right, bottom = candidate.box
    margin = APART * max(right - left, bottom - top)
    x, y = whole.window.centers()
    far = (x < left - margin) | (x > right + margin) | (y < top - margin) | (y > bottom + margin)
    if far.mean() < ALMOST_ALL:
        return UNKNOWN
    clusters = analysis.clusters
    usual = clusters.density(clusters.nearest(whole.looks[far]), np.ones(int(far.sum()), np.float32))
    return float(np.minimum(usual, around).sum())
