# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job is: plain, frozen data that threads may pass around. No bpy."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..engine.matching.evidence import KnownPose
from ..providers.base import ReconstructionOptions, Request, Task


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


ITS_TURN = "Waiting its turn"
"""The stage of a job that no thread has yet."""
OTHERS_FIRST = "Waiting for the other objects of its photo."
BEING_PLACED = "Its place in the photo is being looked for."
PASSING = frozenset({OTHERS_FIRST, BEING_PLACED})
"""Reasons for which a result waits that pass by themselves."""
AS_IN_PHOTO = "PHOTO"
"""How a destination tells that a result is to stand as the photo shows it."""
AT_WORK = frozenset({State.WAITING, State.SUBMITTING, State.RUNNING, State.FETCHING})
"""States in which a worker thread has the job, or will have it."""
ENDED = frozenset({State.IMPORTED, State.FAILED, State.CANCELLED})
"""States that nothing but the artist changes."""


class Charge(StrEnum):
    """Whether the service has been asked for something that costs money."""

    NOTHING = "NOTHING"
    POSSIBLE = "POSSIBLE"
    CHARGED = "CHARGED"


@dataclass(frozen=True)
class Destination:
    """Where and how the result is to stand: names only, because datablocks may be gone when it arrives.

    `identity` tells the scene whatever becomes of its name and file; it is empty in journals of earlier versions.
    `origin` is where the 3D cursor was at the start, around which the results of a group stand; None in such journals.
    `unit` is how many meters a unit of the scene is; places are in these units. `source` tells the photo from others of
    its name: its file, or its name in Blender. `face_limit` is the most triangles and `height` in meters; 0 is as
    delivered. `stride` is how far along X, in units, the next variation stands. `helper_bones` keeps the bones of a
    skeleton that only help others. `turn`, in radians about Z, is for a result that shows its front. `room` is what all
    results that are laid out together take around `origin`, in units: from left to right, from near to far. `replaces`
    are objects of the scene that the result takes the place of, by name and `session_uid`. `placement` is AS_IN_PHOTO,
    or empty for at `location`.
    """

    blend: str
    scene: str
    collection: str
    name: str
    location: tuple[float, float, float]
    face_limit: int = 0
    height: float = 0.0
    stride: float = 0.0
    helper_bones: bool = False
    turn: float = 0.0
    identity: str = ""
    origin: tuple[float, float, float] | None = None
    unit: float = 1.0
    source: str = ""
    room: tuple[float, float, float, float] | None = None
    replaces: tuple[tuple[str, int], ...] = ()
    placement: str = ""

    @property
    def is_as_in_photo(self) -> bool:
        """Whether the result is to stand as the photo shows it."""
        return self.placement == AS_IN_PHOTO


@dataclass(frozen=True)
class Job:
    """One subject on its way from photo to scene, as it stands now.

    `group` is what the jobs of one photo that were started together share, empty for one alone. `folder` holds its
    pictures and results. `price` is what the service asks for it and `cost` what it took, both in US
    dollars. `unfetchable` tells that the service has nothing to fetch for it any more. `message` is a sentence for the
    artist (why it failed, or why it waits), `notes` what is worth knowing about the result. Times are seconds since
    1970. `address` is where the service was when the job was sent. `pose` is how the engine has seen the model in the
    photo, where it tells.
    """

    id: str
    provider: str
    photo: str
    options: ReconstructionOptions
    destination: Destination
    folder: Path
    group: str = ""
    price: float = 0.0
    created: float = field(default_factory=time.time)
    state: State = State.WAITING
    fraction: float = 0.0
    stage: str = ""
    submitted: float | None = None
    finished: float | None = None
    request: Request | None = None
    task: Task | None = None
    charge: Charge = Charge.NOTHING
    unfetchable: bool = False
    model: Path | None = None
    extras: tuple[Path, ...] = ()
    model_name: str = ""
    cost: float | None = None
    message: str = ""
    notes: tuple[str, ...] = ()
    address: str = ""
    pose: KnownPose | None = field(default=None, compare=False)  # arrays are not compared as a whole

    @property
    def at_work(self) -> bool:
        """Whether a worker thread has it, or will have it."""
        return self.state in AT_WORK

    @property
    def waits(self) -> bool:
        """Whether it waits for its turn at the service."""
        return self.at_work and self.stage == ITS_TURN

    @property
    def fetchable(self) -> bool:
        """Whether the service may hold a result that can be fetched, for the first time or once more."""
        return self.task is not None and not self.unfetchable

    @property
    def unfetched(self) -> bool:
        """Whether the service may hold a result that is not here yet."""
        return self.fetchable and self.model is None

    @property
    def lost(self) -> bool:
        """Whether the service may have taken it, and charged it, without a word that could be asked about."""
        return self.task is None and self.charge is Charge.POSSIBLE

    @property
    def owed(self) -> bool:
        """Whether the service may hold something for it that is not here yet, known or in doubt."""
        return self.unfetched or self.lost

    @property
    def at_stake(self) -> bool:
        """Whether something that was, or may have been, paid for is lost with it when it is taken off the list."""
        return self.owed and (self.price > 0 or (self.state is not State.CANCELLED and self.provider != "DRAFT"))

    @property
    def task_name(self) -> str:
        """What the jobs of one task share: the id of its request, which is that of the first of them."""
        return self.id if self.request is None else self.request.id

    @property
    def repeatable(self) -> bool:
        """Whether the whole job can be run anew from its own pictures, which may cost money."""
        return not self.at_work and not self.fetchable and self.request is not None

    @property
    def is_settled(self) -> bool:
        """Whether nothing changes by itself any more: it has ended, or its result waits for a reason that is told."""
        waits_for_reason = bool(self.message) and self.message not in PASSING
        return not self.at_work and (self.state is not State.READY or waits_for_reason)

    def elapsed(self, now: float) -> float:
        """Seconds from the start to the result, or to `now` while it runs; never negative, whatever the clock does."""
        return max(0.0, (self.finished or now) - self.created)


def legible(name: str) -> str:
    """A name without the halves of characters that stand for bytes of a file's name that are no text."""
    return name.encode("utf-8", "replace").decode("utf-8")


def of_tasks(jobs: Iterable[Job], ids: Iterable[str]) -> list[Job]:
    """The jobs of these ids, and those that further results of their tasks have become."""
    wanted = set(ids)
    return [job for job in jobs if job.id in wanted or job.task_name in wanted]
