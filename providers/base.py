# SPDX-License-Identifier: GPL-3.0-or-later
"""What every reconstruction service looks like to the rest of the add-on.

Submitting may cost money; polling and fetching never do. The protocol keeps them apart, so that a job that was
submitted once is only ever polled and fetched again. No bpy here: requests are plain data and run on worker threads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Subject(StrEnum):
    """What is to be reconstructed."""

    OBJECT = "OBJECT"
    BODY = "BODY"


@dataclass(frozen=True)
class Wish:
    """What the artist wants from a service beside the pictures.

    `points` (x, y) and `box` (left, top, right, bottom) are pixels from the photo's top left. `alternative` counts the
    variations of one subject from 0.
    """

    subject: Subject = Subject.OBJECT
    prompt: str = ""
    points: tuple[tuple[float, float], ...] = ()
    box: tuple[int, int, int, int] | None = None
    seed: int = 0
    alternative: int = 0
    artifacts: bool = False


@dataclass(frozen=True)
class Request:
    """One subject of one photo, ready to be sent.

    `photo` is an upright 8-bit sRGB PNG or JPEG (RGB or RGBA), `mask` an 8-bit greyscale PNG of the same size where
    white is the subject.
    """

    photo: Path
    mask: Path | None
    wish: Wish


@dataclass(frozen=True)
class Task:
    """A request that a service has accepted, by the service's own id."""

    id: str
    request: Request


@dataclass(frozen=True)
class Progress:
    """How far a task is: `fraction` 0..1, `stage` in a word or two, `finished` when its result can be fetched."""

    fraction: float
    stage: str
    finished: bool = False


@dataclass(frozen=True)
class Result:
    """What a task left on disk. `seed` and `cost` (US dollars) as the service tells them, else None."""

    model: Path
    extras: tuple[Path, ...] = ()
    model_name: str = ""
    seed: int | None = None
    cost: float | None = None
    notes: tuple[str, ...] = ()


Report = Callable[[float, str], None]
"""Called with (fraction 0..1, stage) during long work; raises `Cancelled` when the artist has stopped the job."""


class Provider(Protocol):
    """A reconstruction service. Every method may raise a `ProviderError`."""

    def submit(self, request: Request) -> Task:
        """Start the work. The only call that may cost money; never repeated by itself."""

    def poll(self, task: Task) -> Progress:
        """Ask how far the task is."""

    def fetch(self, task: Task, folder: Path, report: Report) -> Result:
        """Bring the result into `folder`. May be called again for the same task."""

    def cancel(self, task: Task) -> None:
        """Ask the service to stop; does nothing where it cannot."""


@dataclass(frozen=True)
class Service:
    """What a provider can do, for the panel and for the jobs.

    `parallel` is how many of its tasks may run at once, `poll_pause` the seconds between two polls and
    `expected_seconds` the usual time of one task. `create` is None where the service cannot be used.
    """

    id: str
    name: str
    description: str
    subjects: tuple[Subject, ...]
    expected_seconds: float
    price: float
    parallel: int
    poll_pause: float = 1.0
    online: bool = True
    prompt: bool = False
    points: bool = False
    box: bool = False
    artifacts: bool = False
    create: Callable[[], Provider] | None = None
