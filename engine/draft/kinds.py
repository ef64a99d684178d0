# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kind of shape a mask and its picture most likely show."""

from __future__ import annotations

import numpy as np

from . import kind_weights
from .explained import explained
from .mask_features import MaskFeatures
from .measures import LARGEST, MEASURES, measure
from .solids import KINDS, make_solid
from .words import kind_told

EXPLAINED = 0.85  # least share of the mask that a shape has to show to be plausible
BOXY = 0.85  # least intersection over union of a mask and its best box, to be taken for that box
COMPACT = 0.85  # least share of its convex hull that the mask of a box fills
FITS = 0.65  # least intersection over union of a mask and the furniture or vehicle that it may show
LIKELY = 0.25  # least likelihood at which that is looked at
WITH_EDGES = 0.4  # least likelihood of something with edges, at which a vehicle's silhouette is one
ANGULAR = ("box", "carved")  # are told from other kinds together, and from each other by how well a box fits
NEXT_BEST = {"furniture": "organic", "vehicle": "carved"}
"""What a mask counts for that looks like one of these, but that no such solid fits."""


def rank(features: MaskFeatures, prompt: str = "") -> tuple[str, ...]:
    """KINDS, the most plausible one first. prompt: what it is, in a few words; a known word settles the kind."""
    told, likely = kind_told(prompt), likelihoods(features)
    angular = sum(likely[kind] for kind in ANGULAR)
    first = "box" if features.box.overlap >= BOXY and features.solidity >= COMPACT else "carved"
    is_vehicle = features.is_vehicle and angular + likely["vehicle"] >= WITH_EDGES
    sure = "furniture" if features.is_furniture else "vehicle" if is_vehicle else ""

    def order(kind: str) -> tuple[bool, bool, bool, float, bool]:
        unlikely = kind == "revolution" and features.shown_turned < EXPLAINED
        worth = angular if kind in ANGULAR else likely[kind]
        return kind != told, kind != sure, unlikely, -worth, kind != first

    return tuple(sorted(KINDS, key=order))


def likelihoods(features: MaskFeatures) -> dict[str, float]:
    """How likely each of KINDS is, 0..1, by logistic regression (tools/fit_kinds.py)."""
    constants = np.array([kind_weights.WEIGHTS[name] for name in MEASURES])
    middle, spread, weights = constants[:, 0], constants[:, 1], constants[:, 2:]
    told = np.clip((measure(features) - middle) / spread, -LARGEST, LARGEST)
    score = np.nan_to_num(told) @ weights + kind_weights.ALONE
    share = np.exp(score - score.max())
    found = dict(zip(kind_weights.KINDS, (share / share.sum()).tolist(), strict=True))
    for kind, other in NEXT_BEST.items():
        if found[kind] < LIKELY or getattr(features, kind).overlap < FITS:
            found[other] += found[kind]
            found[kind] = 0.0
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
