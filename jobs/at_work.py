# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs at work as an artist thinks of them: by the photo that they were started for. No bpy."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .model import AT_WORK, ITS_TURN, Job


@dataclass(frozen=True)
class PhotoAtWork:
    """Jobs of one photo that run and that wait for their turn, oldest first; `group` where they were started together.

    `done` is how many that were started with them have ended.
    """

    photo: str
    group: str
    running: tuple[Job, ...]
    waiting: tuple[Job, ...]
    done: int

    @property
    def total(self) -> int:
        """How many there are with those that have ended."""
        return len(self.running) + len(self.waiting) + self.done


def photos_at_work(jobs: Iterable[Job]) -> list[PhotoAtWork]:
    """All jobs at work, those first of whose photo something runs."""
    ended: Counter[str] = Counter()
    found: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        if job.state in AT_WORK:  # the property costs as much as all the rest
            found.setdefault((job.group, job.photo), []).append(job)
        elif job.group:
            ended[job.group] += 1
    photos = [
        PhotoAtWork(
            photo,
            group,
            tuple(job for job in together if job.stage != ITS_TURN),
            tuple(job for job in together if job.stage == ITS_TURN),
            ended[group],
        )
        for (group, photo), together in found.items()
    ]
    return sorted(photos, key=lambda photo: not photo.running)
