# SPDX-License-Identifier: GPL-3.0-or-later
"""Trying again what costs nothing, while the network or the service says no. No bpy."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..providers.errors import ProviderError, RateLimited, Unreachable

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """How often a free request is tried while network or service say no, and the pauses in seconds between."""

    tries: int = 7
    first: float = 1.0
    longest: float = 30.0

    def pause(self, attempt: int, asked: float | None) -> float:
        """The pause after a try: what the service asks for, else twice the last one, with jitter."""
        if asked is not None:
            return asked
        return min(self.first * 2.0**attempt, self.longest) * random.uniform(0.75, 1.25)


def with_retries(
    call: Callable[[], T],
    policy: RetryPolicy,
    wait: Callable[[ProviderError, float], None],
    *,
    tries: int | None = None,
) -> T:
    """The result of `call`, which must cost nothing; `wait(error, seconds)` is what happens before each further try.

    `tries` may be fewer than the policy's. Raises what the last try has raised, and at once what no repetition mends.
    """
    tries = policy.tries if tries is None else min(tries, policy.tries)
    for attempt in range(tries):
        try:
            return call()
        except (RateLimited, Unreachable) as error:
            if attempt == tries - 1:
                raise
            asked = error.retry_after if isinstance(error, RateLimited) else None
            wait(error, policy.pause(attempt, asked))
    raise AssertionError("the last attempt returns or raises")
