# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a candidate looks like one whole object by itself, and like what the network takes for it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..arrays import Ints, Mask, Single
from ..raster import box_mean
from .candidate import Candidate
from .pixel_prompts import Box
from .subject import Analysis

FAINT = 6.0  # contrast, in L*a*b*, below which an outline does not follow an edge
AROUND = 6  # cells from a mask that are its surroundings
APART = 0.15  # of a mask's longest side, beyond which the rest of the photo begins
ALMOST_ALL = 0.1  # of the photo; less than this around a subject tells nothing of the surroundings
UNKNOWN = 0.3  # familiarity then
CUES = 11


@dataclass(frozen=True)
class Sight:
    """What is seen where a candidate lies.

    photo: its height and width. analysis: of the candidate's window; whole: of the photo. belief: the network's logits
    (height, width) there. expected: the overlap, 0..1, that the network expects of itself.
    """

    photo: tuple[int, int]
    analysis: Analysis
    whole: Analysis
    belief: Single
    expected: float


def cues(candidate: Candidate, prompted: Mask, sight: Sight) -> Single:
    """What speaks for and against a candidate (CUES,).

    As the cues of Alexe, Deselaers and Ferrari ("What is an object?", 2010): an object differs from its surroundings
    and has edges along its outline. Its surroundings look like the rest of the photo (those of a mere part do not), it
    has a size in a photo, fills the box around it (objects that only touch do not), and little of its outline lies on
    the photo's border. An artist clicks where it is thick.
    prompted: the cells (height, width) that prompts show.
    """
    mask, clusters, photo = candidate.mask, sight.analysis.clusters, sight.photo
    left, top, right, bottom = candidate.box
    around = (box_mean(mask.astype(np.float32), AROUND) > 0) & ~mask
    own, other = (clusters.density(clusters.label, part.astype(np.float32)) for part in (mask, around))
    depth = _depth(mask)
    chance = 1 / (1 + np.exp(-sight.belief))
    shown = float(depth[prompted].max() / depth.max()) if prompted.any() else 0.0
    faint, border = _outline_faults(candidate, photo, sight.analysis)
    return np.array(
        [
            math.log(candidate.area / (photo[0] * photo[1])),
            candidate.area / ((right - left) * (bottom - top)),
            shown,
            _familiar(candidate, other, sight.analysis, sight.whole),
            float(np.sqrt(own * other).sum()),  # Bhattacharyya's coefficient
            faint,
            border,
            math.log(max(sight.expected, 0.01) / max(1 - sight.expected, 0.01)),
            float(chance[mask].mean()),
            float(np.where(mask, chance, 0).sum() / np.where(mask, 1, chance).sum()),
            0.5 * math.log(mask.mean()),
        ],
        np.float32,
    )


def gaps(candidate: Candidate, box: Box) -> Single:
    """How far a candidate stays away from the sides of a box around all of the subject, as parts of its size: from the
    farthest side, and on the mean (2,).
    """
    left, top, right, bottom = candidate.box
    wide, high = box[2] - box[0], box[3] - box[1]
    gap = np.abs([(left - box[0]) / wide, (top - box[1]) / high, (box[2] - right) / wide, (box[3] - bottom) / high])
    return np.array([gap.max(), gap.mean()], np.float32)


def off_middle(candidate: Candidate, photo: tuple[int, int]) -> float:
    """How far the middle of a candidate's box lies from that of the photo (height, width), 0 to 1 at its corners."""
    left, top, right, bottom = candidate.box
    return math.hypot((left + right) / photo[1] - 1, (top + bottom) / photo[0] - 1) / math.sqrt(2)


def _depth(mask: Mask) -> Ints:
    """How many cells from the outline of a mask (height, width) each of its cells lies, 1 for those along it."""
    left = np.pad(mask, 1)
    depth = np.zeros(mask.shape, np.int64)
    while left.any():
        depth += left[1:-1, 1:-1]
        across = left[:, 1:-1] & left[:, :-2] & left[:, 2:]
        left[1:-1, 1:-1] = across[1:-1] & across[:-2] & across[2:]
    return depth


def _outline_faults(candidate: Candidate, photo: tuple[int, int], analysis: Analysis) -> tuple[float, float]:
    """The parts of the outline without an edge and on the border of the photo (height, width)."""
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
    return faint, float(border) / max(len(contrast) + float(border), 1)


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
