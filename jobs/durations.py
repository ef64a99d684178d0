# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a job takes, in words. No bpy."""

from .model import Job, State

MOST_GUESSED = 0.95
"""How far a job may seem to be while its service does not say that it is ready."""
FEW = 5.0
"""Seconds below which a usual time is no number: it would promise more than anybody knows."""


def clock(seconds: float) -> str:
    """Minutes and seconds, such as 0:07, from an hour on with the hours: 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def usual_time(seconds: float) -> str:
    """What a job usually takes, such as "about 0:30"."""
    return "a few seconds" if seconds < FEW else f"about {clock(round(seconds))}"


def time_so_far(job: Job, expected: float, now: float) -> str:
    """How long a job at work has taken, of the seconds that are expected; empty before it was sent.

    The time in which it waits for its turn says nothing about the service.
    """
    if job.submitted is None:
        return ""
    elapsed = max(0.0, now - job.submitted)
    if elapsed > max(expected, FEW):
        return f"{clock(elapsed)}, longer than usual"
    return f"{clock(elapsed)} of {usual_time(expected)}"


def fraction_done(job: Job, expected: float, now: float) -> float:
    """How far a job is: as the service says, or guessed from the time for those that do not say."""
    if job.state is not State.RUNNING or job.submitted is None:
        return job.fraction
    return max(job.fraction, min(MOST_GUESSED, (now - job.submitted) / expected))
