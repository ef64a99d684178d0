# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kind of shape a mask and its picture most likely show."""

from __future__ import annotations

import numpy as np

from . import kind_weights
from .mask_features import MaskFeatures, explained
from .measures import LARGEST, MEASURES, measure
from .solids import KINDS, make_solid
from .words import kind_told

EXPLAINED = 0.85  # least share of the mask that a shape has to show to be plausible
NEXT_BEST = {"furniture": "carved", "vehicle": "carved"}
"""What counts for a kind that there is no solid of."""


def rank(features: MaskFeatures, prompt: str = "") -> tuple[str, ...]:
    """KINDS, the most plausible one first. prompt: what it is, in a few words; a known word settles the kind."""
    told = _known(kind_told(prompt))
    likely = likelihoods(features)
    return tuple(sorted(KINDS, key=lambda kind: (kind != told, -likely[kind])))


def likelihoods(features: MaskFeatures) -> dict[str, float]:
    """How likely each of KINDS is, 0..1, by logistic regression (tools/fit_kinds.py)."""
    constants = np.array([kind_weights.WEIGHTS[name] for name in MEASURES])
    middle, spread, weights = constants[:, 0], constants[:, 1], constants[:, 2:]
    score = np.clip((measure(features) - middle) / spread, -LARGEST, LARGEST) @ weights + kind_weights.ALONE
    share = np.exp(score - score.max())
    found = dict.fromkeys(KINDS, 0.0)
    for kind, likely in zip(kind_weights.KINDS, share / share.sum(), strict=True):
        found[_known(kind)] += float(likely)
    return found


def plausible(features: MaskFeatures, prompt: str = "", *, closed: bool = False) -> tuple[str, ...]:
    """The kinds that show nearly all of the mask, the most plausible one first."""

    def shows(kind: str) -> bool:
        try:
            solid = make_solid(features, kind, features.picture, closed=closed)
        except ValueError:
            return False
        return explained(solid, features.silhouette, features.view) >= EXPLAINED

    first, *others = rank(features, prompt)
    return (first, *filter(shows, others))


def _known(kind: str) -> str:
    """A kind, or the next best one where there is no solid of it."""
    return kind if kind in KINDS else NEXT_BEST.get(kind, kind)
