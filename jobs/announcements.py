# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said when jobs have ended that were started together. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .durations import clock
from .model import Job, State


@dataclass(frozen=True)
class Announcement:
    """One line for the status bar and the Info editor."""

    text: str
    is_warning: bool = False

    def followed_by(self, sentences: Sequence[str]) -> "Announcement":
        """The same with more to say."""
        return replace(self, text=" ".join([f"{self.text.removesuffix('.')}.", *sentences])) if sentences else self


def announcement(jobs: Sequence[Job]) -> Announcement | None:
    """What there is to say about jobs that were started together and have ended; nothing of what was cancelled."""
    arrived = [job for job in jobs if job.state is State.IMPORTED]
    failed = [job for job in jobs if job.state is State.FAILED]
    if len(jobs) == 1 and failed:
        return Announcement(f"{jobs[0].destination.name}: {jobs[0].message}", is_warning=True)
    if len(jobs) == 1 and arrived:
        return Announcement(f"{jobs[0].destination.name} has arrived, {_time(arrived)}")
    if failed:
        what = f"{len(arrived)} of {len(jobs)} objects of {jobs[0].photo} have arrived"
        return Announcement(f"{what}; {len(failed)} failed: see Results", is_warning=True)
    if not arrived:
        return None
    of_all = "" if len(arrived) == len(jobs) else f" of {len(jobs)}"
    return Announcement(f"{len(arrived)}{of_all} objects of {jobs[0].photo} have arrived, {_time(arrived)}")


def _time(jobs: Sequence[Job]) -> str:
    """From the press of the button to the last result."""
    begun = min(job.created for job in jobs)
    return clock(max(0.0, max(job.finished or job.created for job in jobs) - begun))
