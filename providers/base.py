# SPDX-License-Identifier: GPL-3.0-or-later
"""What every reconstruction service looks like to the rest of the add-on.

Submitting may cost money; everything else never does. The protocol keeps them apart, so that a job that was submitted
once is only ever polled and fetched again. No bpy here: requests are plain data and run on worker threads.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from ..engine.matching.camera import PhotoCamera
from ..engine.matching.evidence import KnownPose
from .settings import Setting, SettingKind


class Subject(StrEnum):
    """What is to be reconstructed."""

    OBJECT = "OBJECT"
    BODY = "BODY"


@dataclass(frozen=True)
class ReconstructionOptions:
    """What the artist wants from a service beside the pictures.

    `points` (x, y) and `box` (left, top, right, bottom) are pixels of the photo that is sent, from its top left.
    `alternative` counts the variations of one subject from 0; `results` is how many variations this one task makes.
    `closed` tells that the subject is known to have no opening at its top, `even_light` that the light on the subject
    is to be taken out of its colors. `camera` is that of the photo that is sent,
    for an engine that can go by it.
    """

    subject: Subject = Subject.OBJECT
    prompt: str = ""
    points: tuple[tuple[float, float], ...] = ()
    box: tuple[int, int, int, int] | None = None
    seed: int = 0
    alternative: int = 0
    results: int = 1
    artifacts: bool = False
    closed: bool = False
    even_light: bool = False
    camera: PhotoCamera | None = None


@dataclass(frozen=True)
class AddedPhoto:
    """Another photo of the subject and its mask there, in files as those of a request; `camera` where it is known."""

    photo: Path
    mask: Path
    camera: PhotoCamera | None = None


@dataclass(frozen=True)
class Request:
    """One task for a service, ready to be sent.

    `id` is ours and on record before anything is sent; a service that lets its clients name their tasks gets it.
    `photo` is an upright 8-bit sRGB picture: a PNG (RGB or RGBA, black where it is fully transparent) or a JPEG (RGB or
    grayscale). `masks` are 8-bit grayscale PNGs of the same size where white is the subject. `folder` is the job's own:
    an answer that is paid for may be put there while it arrives. `views` are other photos of the one subject.
    """

    id: str
    photo: Path
    masks: tuple[Path, ...]
    options: ReconstructionOptions
    folder: Path
    views: tuple[AddedPhoto, ...] = ()

    @property
    def pictures(self) -> tuple[Path, ...]:
        """All of its files."""
        return (self.photo, *self.masks, *(path for view in self.views for path in (view.photo, view.mask)))


@dataclass(frozen=True)
class PreparedRequest:
    """A request in the service's own words, with its pictures where the service can read them."""

    request: Request
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """A request that a service has accepted, by the service's own id.

    `response` is the file that holds the service's whole answer where that came with the submit.
    """

    id: str
    request: Request
    response: Path | None = None


@dataclass(frozen=True)
class Progress:
    """How far a task is: `fraction` 0..1, `stage` in a word or two, `finished` when its result can be fetched."""

    fraction: float
    stage: str
    finished: bool = False


@dataclass(frozen=True)
class Result:
    """What a task left on disk.

    `seed` and `cost` (US dollars) as the service tells them, else None; `balance` is what it says is left. `frontal`:
    the model's front, +Z in its file, is what the photo shows; others are turned as the engine understands the subject.
    `pose` is how the engine has seen the model in the photo that it was sent, where it tells.
    """

    model: Path
    extras: tuple[Path, ...] = ()
    model_name: str = ""
    seed: int | None = None
    cost: float | None = None
    balance: float | None = None
    notes: tuple[str, ...] = ()
    frontal: bool = False
    pose: KnownPose | None = None


@dataclass(frozen=True)
class Account:
    """What a service says of the artist's account: its balance in US dollars, and the price of a run where it tells.

    `makers` says, where a service tells, what makes a subject there.
    """

    balance: float | None = None
    prices: Mapping[Subject, float] = field(default_factory=dict)
    note: str = ""
    makers: Mapping[Subject, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Credentials:
    """How to reach a service: its address, the key, and what the preferences say beside. Never written to disk.

    `online` tells whether Blender may use the network. `settings` are the service's own beside, by their names.
    """

    url: str = ""
    key: str = field(default="", repr=False)
    online: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)


Report = Callable[[float, str], None]
"""Called with (fraction 0..1, stage) during long work; raises `Cancelled` when the artist has stopped the job."""


class Provider(Protocol):
    """A reconstruction service. Every method may raise a `ProviderError`, and may be called from several threads."""

    def prepare(self, request: Request) -> PreparedRequest:
        """Put the request into the service's words and its pictures where it can read them. Free; may be repeated."""

    def submit(self, prepared: PreparedRequest) -> Task:
        """Start the work. The only call that may cost money; never repeated by itself.

        Raises `Unreachable` with `sent` False, or `WrongKey`, `InsufficientCredit`, `InvalidInput` or `RateLimited`,
        only where the service has certainly not taken the job.
        """

    def recover(self, request: Request) -> Task | None:
        """The task of a submit whose answer got lost, where it can be known; None where it cannot. Costs nothing."""

    def poll(self, task: Task) -> Progress:
        """Ask how far the task is; raises `RemoteFailure` once it has failed for good."""

    def fetch(self, task: Task, folder: Path, report: Report) -> list[Result]:
        """Bring the results into `folder`, one for each that was asked for. May be called again for the same task."""

    def cancel(self, task: Task) -> None:
        """Ask the service to stop; does nothing where it cannot."""

    def account(self) -> Account:
        """Ask whether address and key work, and what is left; costs nothing."""


@dataclass(frozen=True)
class Capabilities:
    """What a service can do with one kind of subject, for the panel and for the jobs.

    `price` is in US dollars a task, `expected_seconds` the usual time of one. `masks` is how many a task takes; with 0
    the photo itself is cut out by the mask. `views` is how many other photos of the subject it takes. `largest_seed` is
    0 where the service takes none. `results` is how many variations one task can make. `close_ups` is off where the
    service reckons with the camera of the whole photo: a part of it, sent alone, would seem to be taken straight ahead
    and from nearer. `camera` tells that its engine goes by the photo's camera where that is known, `poses` that it says
    how it has seen a subject in the photo that it was sent, `even_light` that it can take the light on a subject out of
    its colors. `finds_subject` tells that it knows by itself what in the photo is the subject.
    """

    expected_seconds: float
    price: float = 0.0
    prompt: bool = False
    masks: int = 1
    views: int = 0
    points: bool = False
    box: bool = False
    largest_seed: int = 0
    results: int = 1
    artifacts: bool = False
    close_ups: bool = True
    camera: bool = False
    poses: bool = False
    even_light: bool = False
    finds_subject: bool = False


@dataclass(frozen=True)
class Service:
    """A service for the menus, the preferences and the jobs.

    `parallel` is how many of its tasks may run at once. `settings` stand in the preferences in this order.
    """

    id: str
    name: str
    description: str
    capabilities: Mapping[Subject, Capabilities]
    parallel: int
    create: Callable[[Credentials], Provider]
    online: bool = True
    settings: tuple[Setting, ...] = ()

    def preference(self, setting: Setting) -> str:
        """The name under which the preferences keep one of the settings."""
        return f"{self.id.lower()}_{setting.name}"

    def credentials(self, preferences: object, online: bool) -> Credentials:
        """How to reach the service by what the preferences say, or by the environment where there is no key in them.

        `online` tells whether Blender may use the network.
        """
        url, key, others = "", "", {}
        for setting in self.settings:
            value = getattr(preferences, self.preference(setting))
            value = value.strip() if isinstance(value, str) else value
            match setting.kind:
                case SettingKind.ADDRESS:
                    url = value
                case SettingKind.KEY:
                    key = value or os.environ.get(setting.variable, "").strip()
                case _:
                    others[setting.name] = value
        return Credentials(url, key, online, others)
