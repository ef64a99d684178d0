# SPDX-License-Identifier: GPL-3.0-or-later
"""The subject in one window: colors and outline are learned from each other in turn."""

from __future__ import annotations

import numpy as np

from ..arrays import Mask, Pixels, Single
from .colors import Clusters, features, lab
from .min_cut import Cut
from .prompt_costs import PromptCosts
from .window import Window

CERTAIN = 100.0  # cost of a cell against certain evidence, beyond what all its neighbors' pull can outweigh


class Analysis:
    """What of a window does not depend on prompts: its colors, their clusters and its edges."""

    def __init__(self, photo: Pixels, window: Window, clusters: int) -> None:
        self.window = window
        self.picture = window.sample(photo)
        self.color = lab(self.picture)
        self.looks = features(self.color)
        self.clusters = Clusters(self.looks, clusters)
        self.cut = Cut(self.color)

    def solve(self, chance: Single, costs: PromptCosts, turns: int, steps: int, votes: Single | None = None) -> Single:
        """How surely each cell (height, width) is the subject's, 0..1; 0.5 is the border.

        chance: a first guess of the same. votes: of the clusters, instead of the first guess's own. In each of the
        turns the colors are learned from the last cut and a new cut of some steps is made from them, as in GrabCut
        (Rother et al. 2004).
        """
        for _ in range(turns):
            if votes is None:
                votes = self.clusters.votes(chance)
            cost = costs.cost - votes[self.clusters.label]
            cost[costs.outside] = CERTAIN
            cost[costs.inside] = -CERTAIN
            chance = self.cut(cost, chance, steps)
            votes = None
        return chance

    def unlike_outside(self, box: Mask, share: float) -> Single:
        """First votes of the clusters where nothing but a box (height, width) is known."""
        inside = box.astype(np.float32)
        return self.clusters.unlike(1 - inside, inside, share)
