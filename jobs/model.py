# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job is: plain, frozen data that threads may pass around. No bpy."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..providers.base import Task, Wish
from .picture import Picture


class State(StrEnum):
    """The states of a job, in the order in which it passes through them."""

    WAITING = "WAITING"
    SUBMITTING = "SUBMITTING"
    RUNNING = "RUNNING"
    FETCHING = "FETCHING"
    READY = "READY"
    IMPORTED = "IMPORTED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


AT_WORK = frozenset({State.WAITING, State.SUBMITTING, State.RUNNING, State.FETCHING})
"""States in which a worker thread has the job."""


@dataclass(frozen=True)
class Destination:
    """Where and how the result is to stand: names only, because datablocks may be gone when it arrives.

    `face_limit` is the most triangles and `height` in metres; 0 is as delivered.
    """

    blend: str
    scene: str
    collection: str
    name: str
    location: tuple[float, float, float]
    face_limit: int = 0
    height: float = 0.0


@dataclass(frozen=True)
class Order:
    """A job that the artist has just asked for, with its pictures as Blender held them."""

    photo: Picture
    mask: Picture | None
    job: "Job"


@dataclass(frozen=True)
class Job:
    """One subject on its way from photo to scene, as it stands now.

    `folder` holds its pictures and results, `message` a sentence for the artist (why it failed, or why it waits),
    `notes` what is worth knowing about the result.
    """

    id: str
    provider: str
    photo: str
    wish: Wish
    destination: Destination
    folder: Path
    created: float = field(default_factory=time.time)
    state: State = State.WAITING
    fraction: float = 0.0
    stage: str = ""
    finished: float | None = None
    task: Task | None = None
    model: Path | None = None
    extras: tuple[Path, ...] = ()
    model_name: str = ""
    cost: float = 0.0
    message: str = ""
    notes: tuple[str, ...] = ()

    @property
    def at_work(self) -> bool:
        """Whether a worker thread has it."""
        return self.state in AT_WORK

    def elapsed(self, now: float) -> float:
        """Seconds from the start to the result, or to `now` while it runs."""
        return (self.finished or now) - self.created
