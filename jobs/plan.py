# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the artist has set to the jobs that it asks for. No bpy."""

import random
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ..photos.batch import Batch, SubjectPrompt
from ..photos.camera_guesses import NO_WISHES, CameraWishes
from ..photos.layout import GAP, Placeholder
from ..photos.picture import Picture, PictureOfNumber
from ..photos.prompts import NO_PROMPTS, Prompts
from ..providers.base import Capabilities, ReconstructionOptions, Subject
from .model import Destination, Job, legible
from .worker import NewJob

LARGEST_SEED = 2**31 - 1
"""What Blender's own integer properties hold."""
LONGEST_LABEL = 40
"""Letters of a subject's name in the name of its job's folder."""
LONGEST_BYTES = 100
"""Of the same, because some disks count those."""
UNSAFE = re.compile(r"[^0-9A-Za-z\-\u00ff-\ud7ff\ue000-\U0010ffff]")
"""What a name of a file had better not hold, as Blender's own `clean_name` has it."""

WHOLE_PHOTO = SubjectPrompt()


class CannotStart(Exception):
    """Nothing was started; `str(error)` is a sentence for the artist."""


@dataclass(frozen=True)
class MaskSettings:
    """A mask that is switched on; `picture` is None where its prompts alone tell what it is."""

    name: str
    prompt: str = ""
    picture: Picture | None = None
    prompts: Prompts = NO_PROMPTS


@dataclass(frozen=True)
class AddedView:
    """Another photo of the one subject, and its mask there."""

    picture: Picture
    mask: MaskSettings


@dataclass(frozen=True)
class SceneMasks:
    """Selected objects that are masks of the camera's picture, by name, each with the place where it stands.

    `each` tells that every one is a subject of its own; `together` is the place of them all, `active` the name of the
    active object where that is one of them.
    """

    objects: tuple[tuple[str, Placeholder], ...]
    together: Placeholder
    each: bool = False
    active: str = ""


@dataclass(frozen=True)
class ReconstructSettings:
    """All that the button goes by, as it was when it was pressed.

    `photo` is the photo's name, `picture` the photo itself, None where the camera is to take it. `prompts` are those of
    the one subject where there is no mask. `seed` is None where a new one is to be drawn. `destination` has all but the
    subject's name and its place among others. `longest_edge` is in pixels; `online` tells whether Blender may use the
    network. `camera` is what is known of the photo's. `model` is the file of the model that selects by prompts; None
    for the built-in selection. `views` are other photos of the one subject that there is.
    """

    provider: str
    subject: Subject
    photo: str
    destination: Destination
    results_folder: Path
    picture: Picture | None = None
    prompt: str = ""
    prompts: Prompts = NO_PROMPTS
    masks: tuple[MaskSettings, ...] = ()
    scene_masks: SceneMasks | None = None
    masks_in_one_run: bool = False
    seed: int | None = None
    variations: int = 1
    artifacts: bool = False
    even_light: bool = False
    longest_edge: int = 2048
    online: bool = True
    camera: CameraWishes = NO_WISHES
    model: Path | None = None
    views: tuple[AddedView, ...] = ()


class Services(Protocol):
    """What is known of the services."""

    def capabilities(self, provider: str, subject: Subject) -> Capabilities:
        """What a service can do with such a subject."""

    def price(self, provider: str, subject: Subject) -> float:
        """What one result costs, in US dollars."""

    def obstacle(self, provider: str, dollars: float, *, online: bool) -> str:
        """Why a service cannot be asked for something of that price now, as a sentence; empty when it can."""


@dataclass(frozen=True)
class PhotoSubject:
    """One subject of the photo, and what shows it: `visual`, or scene objects that were rendered as the mask `objects`.

    `placeholder` is where in the scene such objects stand; others find their place beside one another.
    """

    name: str
    prompt: str
    visual: SubjectPrompt = WHOLE_PHOTO
    objects: tuple[int, ...] = ()
    placeholder: Placeholder | None = None


@dataclass(frozen=True)
class Plan:
    """All that was asked for when the button was pressed, but for the photo: a render may take its time.

    `jobs` are the jobs of each subject; `groups` has the names of the objects of each mask that is to be rendered.
    `copies` is how many results of each subject are laid out beside one another, 0 where there is but one result.
    """

    subjects: tuple[PhotoSubject, ...]
    jobs: tuple[tuple[Job, ...], ...]
    groups: tuple[tuple[str, ...], ...]
    longest_edge: int
    copies: int
    camera: CameraWishes = NO_WISHES
    model: Path | None = None
    views: tuple[AddedView, ...] = ()

    def new_jobs(self, photo: Picture, numbers: bytes = b"") -> list[NewJob]:
        """What is to be started for each job. `numbers` is the PNG that shows the number of the group at each pixel."""
        batch = Batch(
            photo,
            [self._visual(subject, numbers) for subject in self.subjects],
            self.longest_edge,
            self.camera,
            self.model,
        )
        views = tuple(self._batch_of(view) for view in self.views)
        return [
            NewJob(batch, number, job, self.copies if self.subjects[number].placeholder is None else 0, views)
            for number, jobs in enumerate(self.jobs)
            for job in jobs
        ]

    def _batch_of(self, view: AddedView) -> Batch:
        mask, prompts = view.mask.picture, view.mask.prompts
        shown = SubjectPrompt((mask,) if mask else (), prompts, may_be_foreign=True)
        return Batch(view.picture, [shown], self.longest_edge, model=self.model)

    def _visual(self, subject: PhotoSubject, numbers: bytes) -> SubjectPrompt:
        if not subject.objects:
            return subject.visual
        shown = [(number, self.groups[number - 1]) for number in subject.objects]
        return SubjectPrompt(
            tuple(
                PictureOfNumber(numbers, number, names[0] if len(names) == 1 else subject.name)
                for number, names in shown
            )
        )


def plan(
    settings: ReconstructSettings,
    services: Services,
    *,
    draw_seed: Callable[[int], int] = random.randrange,
    new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    clock: Callable[[], float] = time.time,
) -> Plan:
    """One job for each subject and each task that its variations need; raises CannotStart.

    `draw_seed` draws a number from 0 up to below the one given.
    """
    settings = _legible(settings)
    capabilities = services.capabilities(settings.provider, settings.subject)
    groups, subjects = _subjects(settings, capabilities)
    results = len(subjects) * settings.variations
    price = services.price(settings.provider, settings.subject)
    obstacle = services.obstacle(settings.provider, price * results, online=settings.online)
    if obstacle:
        raise CannotStart(obstacle)
    first_seed = draw_seed(_top_seed(capabilities)) if settings.seed is None else settings.seed
    group = new_id() if results > 1 else ""

    def job(subject: PhotoSubject, options: ReconstructionOptions) -> Job:
        job_id, now = new_id(), clock()
        return Job(
            id=job_id,
            provider=settings.provider,
            photo=settings.photo,
            options=options,
            destination=_destination(settings.destination, subject, options.alternative),
            folder=settings.results_folder / _folder_name(now, subject.name, job_id),
            group=group,
            price=price * options.results,
            created=now,
        )

    jobs = tuple(
        tuple(job(subject, options) for options in _all_options(settings, capabilities, subject, first_seed))
        for subject in subjects
    )
    arranged = results > 1 or _sends_together(settings, capabilities)
    copies = settings.variations if arranged else 0
    return Plan(subjects, jobs, groups, settings.longest_edge, copies, settings.camera, settings.model, settings.views)


def _legible(settings: ReconstructSettings) -> ReconstructSettings:
    """The same with names that any file, service and scene can take: a file's name need not be text."""
    destination = settings.destination
    return replace(
        settings,
        photo=legible(settings.photo),
        prompt=legible(settings.prompt),
        destination=replace(destination, collection=legible(destination.collection), name=legible(destination.name)),
        masks=tuple(replace(mask, name=legible(mask.name), prompt=legible(mask.prompt)) for mask in settings.masks),
    )


def _sends_together(settings: ReconstructSettings, capabilities: Capabilities) -> bool:
    """Whether all masks go into one task."""
    scene = settings.scene_masks
    count = len(settings.masks) if scene is None else len(scene.objects) if scene.each else 1
    return settings.masks_in_one_run and capabilities.masks > 1 and count > 1


def _subjects(
    settings: ReconstructSettings, capabilities: Capabilities
) -> tuple[tuple[tuple[str, ...], ...], tuple[PhotoSubject, ...]]:
    """The groups of scene objects that are to be rendered as masks, and the subjects that are told by whatever there
    is: those, the masks that are switched on, or all of the photo.
    """
    together = _sends_together(settings, capabilities)
    if settings.scene_masks is not None:
        return _scene_subjects(settings, settings.scene_masks, together=together)
    masks = settings.masks
    if together:
        pictures = tuple(mask.picture for mask in masks if mask.picture is not None)
        return (), (PhotoSubject(settings.photo, settings.prompt, SubjectPrompt(pictures, may_be_foreign=True)),)
    if not masks:
        return (), (PhotoSubject(settings.photo, settings.prompt, _visual(None, settings.prompts, capabilities)),)
    return (), tuple(
        PhotoSubject(
            mask.name or settings.photo,
            mask.prompt or settings.prompt,
            # the settings' own prompts are about the one subject that there is
            _visual(mask.picture, mask.prompts if len(masks) > 1 or mask.prompts else settings.prompts, capabilities),
        )
        for mask in masks
    )


def _scene_subjects(
    settings: ReconstructSettings, scene: SceneMasks, *, together: bool
) -> tuple[tuple[tuple[str, ...], ...], tuple[PhotoSubject, ...]]:
    names = tuple(name for name, _ in scene.objects)
    groups = tuple((name,) for name in names) if scene.each else (names,)
    if scene.each and not together:
        return groups, tuple(
            PhotoSubject(name, settings.prompt, objects=(number,), placeholder=placeholder)
            for number, (name, placeholder) in enumerate(scene.objects, 1)
        )
    numbers = tuple(range(1, len(groups) + 1))
    name = scene.active or settings.photo
    return groups, (PhotoSubject(name, settings.prompt, objects=numbers, placeholder=scene.together),)


def _visual(mask: Picture | None, prompts: Prompts, capabilities: Capabilities) -> SubjectPrompt:
    """What a mask and prompts tell of a subject, and whether the service understands the prompts itself."""
    understood = all(point.positive and not point.radius for point in prompts.points)
    understood &= (capabilities.points or not prompts.points) and (capabilities.box or prompts.box is None)
    return SubjectPrompt((mask,) if mask else (), prompts, understood, may_be_foreign=True)


def _top_seed(capabilities: Capabilities) -> int:
    return min(capabilities.largest_seed or LARGEST_SEED, LARGEST_SEED)


def _all_options(
    settings: ReconstructSettings, capabilities: Capabilities, subject: PhotoSubject, first_seed: int
) -> list[ReconstructionOptions]:
    """What is asked for one subject: options for each task that its variations need."""
    per_task, prompts = min(settings.variations, capabilities.results), subject.visual.prompts
    return [
        ReconstructionOptions(
            subject=settings.subject,
            prompt=subject.prompt,
            points=prompts.positive_points if capabilities.points else (),
            box=prompts.box if capabilities.box else None,
            seed=(first_seed + number) % (_top_seed(capabilities) + 1),
            alternative=number,
            results=min(per_task, settings.variations - number),
            artifacts=settings.artifacts and capabilities.artifacts,
            even_light=settings.even_light and capabilities.even_light,
            closed=subject.placeholder is not None and subject.placeholder.closed,
        )
        for number in range(0, settings.variations, per_task)
    ]


def _destination(common: Destination, subject: PhotoSubject, variation: int) -> Destination:
    """At the cursor; or where the scene's objects stand, as high and turned as they are, each variation one width
    further along X.
    """
    if subject.placeholder is None:
        return replace(common, name=subject.name)
    placeholder = subject.placeholder
    x, y, z = placeholder.base
    stride = placeholder.width * (1 + GAP)
    return replace(
        common,
        name=subject.name,
        location=(x + variation * stride, y, z),
        height=common.height or placeholder.height,
        stride=stride,
        turn=placeholder.turn,
        replaces=placeholder.objects,
    )


def _folder_name(now: float, subject: str, job_id: str) -> str:
    """The time first, so that a file browser lists the jobs in order; the id, so that no two meet."""
    label = "".join(sign if sign.isprintable() else "_" for sign in UNSAFE.sub("_", subject)[:LONGEST_LABEL])
    label = label.encode()[:LONGEST_BYTES].decode(errors="ignore")
    return f"{time.strftime('%Y-%m-%d_%H-%M-%S', time.localtime(now))}_{label}_{job_id[:6]}"
