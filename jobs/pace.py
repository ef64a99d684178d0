# SPDX-License-Identifier: GPL-3.0-or-later
"""When to ask a service again: seldom while nothing can be ready, often when it can. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

ENOUGH = 3
"""Past runs from which a service's usual time is learnt."""
UNKNOWN_SPREAD, LEAST_SPREAD, MOST_SPREAD = 0.6, 0.05, 0.6
QUICKEST, LONGEST = 0.15, 5.0
"""Seconds between two questions."""
LATENESS = 0.03
"""A result may be noticed late by this part of the time that it took."""


@dataclass(frozen=True)
class Pace:
    """Seconds that a task usually takes, and by which part of them it may be quicker or slower."""

    expected: float
    spread: float = UNKNOWN_SPREAD

    @classmethod
    def learnt(cls, stated: float, past: Sequence[float]) -> "Pace":
        """From the service's own statement and the seconds of past runs."""
        if len(past) < ENOUGH:
            return cls(stated)
        usual = max(median(past), QUICKEST)
        deviation = median(abs(seconds - usual) for seconds in past) / usual
        return cls(usual, min(max(3.0 * deviation, LEAST_SPREAD), MOST_SPREAD))

    def pause(self, elapsed: float) -> float:
        """Seconds to wait before asking again, `elapsed` seconds after the submit."""
        earliest, width = self.expected * (1.0 - self.spread), self.expected * self.spread
        if elapsed < earliest:
            # growing at first, so that an early failure is seen early, too
            return max(QUICKEST, min(1.0 + elapsed / 2.0, earliest - elapsed))
        tolerable = LATENESS * elapsed
        if elapsed < self.expected + width:
            tolerable = min(tolerable, width / 10.0)
        return min(max(QUICKEST, tolerable), LONGEST)
