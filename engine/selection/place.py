# SPDX-License-Identifier: GPL-3.0-or-later
"""A window at the resolution in which the subject is cut out, and how that is done."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Single
from .candidate import Candidate
from .objectness import Sight
from .outline import clean
from .pixel_prompts import PixelPrompts
from .prompt_costs import PromptCosts, gather
from .window import Window

TURNS, STEPS = 5, 60
Trust = tuple[float, float]
"""In the network where it sees the subject and where it sees none, next to the votes of colors."""
TRUST: Trust = (0.5, 0.5)


@dataclass(frozen=True)
class Place:
    """A window, and what is seen there."""

    window: Window
    sight: Sight

    def trusting(self, costs: PromptCosts, trust: Trust) -> PromptCosts:
        """The costs with what the network says, by weight."""
        belief, (within, beside) = self.sight.belief, trust
        weighed = np.maximum(belief, 0) * within + np.minimum(belief, 0) * beside
        return replace(costs, cost=np.asarray(costs.cost - weighed, np.float32))

    def solve(
        self, prompts: PixelPrompts, costs: PromptCosts, guess: Single, votes: Single | None = None
    ) -> Candidate | None:
        """The subject from a first guess (height, width) of how surely each cell is its own; None where there is none.

        votes: of the clusters of color, instead of the guess's own.
        """
        chance = self.sight.analysis.solve(guess, costs, TURNS, STEPS, votes)
        prompted = costs.inside
        if prompts.stroke is not None:
            prompted = prompted | (self.window.sample(prompts.stroke) > 0.5)
        several = prompts.box is not None or not (prompts.positive or prompts.stroke is not None)
        mask = clean(np.asarray(chance > 0.5), prompted, costs.outside, others=several)
        return Candidate(self.window, mask) if mask.any() else None

    def follow(self, prompts: PixelPrompts, start: Candidate) -> Candidate | None:
        """The subject where another window has shown it."""
        costs = gather(prompts, self.window, self.sight.analysis.clusters, self.window.rim(1, self.sight.photo))
        guess = 0.05 + 0.9 * start.at(self.window).astype(np.float32)
        return self.solve(prompts, self.trusting(costs, TRUST), guess)
