# SPDX-License-Identifier: GPL-3.0-or-later
"""When to ask a service again: seldom while nothing can be ready, often when it can. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

ENOUGH = 3
"""Past runs from which a service's usual time is learned."""
UNKNOWN_SPREAD, LEAST_SPREAD = 0.45, 0.05
FIRST, EARLY_GROWTH = 1.0, 0.5
"""The first pause in seconds, and by which part of the time gone by the next ones are longer, until it can be ready."""
QUICKEST, GROWTH, LONGEST = 0.15, 0.03, 5.0
"""Seconds between two questions once it can be ready, by which part of the time since then they grow, and the most."""


@dataclass(frozen=True)
class PollSchedule:
    """Seconds that a task usually takes, and by which part of them it may be quicker."""

    expected: float
    spread: float = UNKNOWN_SPREAD

    @classmethod
    def learned(cls, stated: float, past: Sequence[float]) -> "PollSchedule":
        """From the service's own statement and the seconds of past runs."""
        if len(past) < ENOUGH:
            return cls(stated)
        usual = max(median(past), QUICKEST)
        deviation = median(abs(seconds - usual) for seconds in past) / usual
        return cls(usual, min(max(3.0 * deviation, LEAST_SPREAD), UNKNOWN_SPREAD))

    def pause(self, elapsed: float) -> float:
        """Seconds to wait before asking again, `elapsed` seconds after the submit.

        Before the task can be ready the pauses are short at first, because most failures come early. From then on they
        are short again, and grow with the time that the task is late.
        """
        earliest = self.expected * (1.0 - self.spread)
        if elapsed < earliest:
            return max(QUICKEST, min(FIRST + EARLY_GROWTH * elapsed, earliest - elapsed))
        return min(QUICKEST + GROWTH * (elapsed - earliest), LONGEST)
