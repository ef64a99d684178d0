# SPDX-License-Identifier: GPL-3.0-or-later
"""From the scene's settings to the jobs that they ask for."""

import random
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

import bpy

from ..jobs import runner, selections
from ..jobs.model import Destination, Job
from ..jobs.worker import NewJob
from ..photos.batch import Batch, SubjectPrompt
from ..photos.layout import GAP
from ..photos.picture import Picture, PictureOfNumber
from ..preferences import preferences, results_folder
from ..properties import SAM3D_PG_mask, SAM3D_PG_settings, scene_settings
from ..providers import Capabilities, ReconstructionOptions
from ..scene.blockout import Placeholder, placeholder_of
from ..scene.data import cursor_of, scene_of, view_layer_of
from ..scene.pixels import NoPixels, photo_name, picture
from .mask_sync import prompts_of
from .service_credentials import refresh_credentials

LARGEST_SEED = 2**31 - 1
"""What Blender's own integer properties hold."""

ALL = SubjectPrompt()
"""The whole photo is the subject."""


class CannotStart(Exception):
    """Nothing was started; `str(error)` is a sentence for the artist."""


@dataclass(frozen=True)
class PhotoSubject:
    """One subject of the photo, and what shows it: `visual`, or scene objects that were rendered as the mask `objects`.

    `place` is where in the scene such objects stand; others find their place beside one another.
    """

    name: str
    prompt: str
    visual: SubjectPrompt = ALL
    objects: tuple[int, ...] = ()
    place: Placeholder | None = None


@dataclass(frozen=True)
class Plan:
    """All that was asked for when the button was pressed, but for the photo: a render may take its time.

    `jobs` are the jobs of each subject; `groups` has the names of the objects of each mask that is to be rendered.
    """

    subjects: tuple[PhotoSubject, ...]
    jobs: tuple[tuple[Job, ...], ...]
    groups: tuple[tuple[str, ...], ...]
    longest_edge: int
    arranged: bool

    def new_jobs(self, photo: Picture, numbers: bytes = b"") -> list[NewJob]:
        """What is to be started for each job. `numbers` is the PNG that shows the number of the group at each pixel."""
        batch = Batch(photo, [self._visual(subject, numbers) for subject in self.subjects], self.longest_edge)
        return [
            NewJob(batch, number, job, self.arranged and self.subjects[number].place is None)
            for number, jobs in enumerate(self.jobs)
            for job in jobs
        ]

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


def plan(context: bpy.types.Context) -> Plan:
    """One job for each used mask and variation of the scene's photo; raises CannotStart."""
    scene = scene_of(context)
    settings = scene_settings(scene)
    refresh_credentials(context)
    price = runner().price(settings.provider, settings.kind) if settings.capabilities else 0.0
    obstacle = settings.obstacle(scene) or runner().obstacle(
        settings.provider, price * settings.result_count, online=bpy.app.online_access
    )
    if obstacle:
        raise CannotStart(obstacle)
    if settings.source == "CAMERA":
        assert scene.camera is not None  # `obstacle` has seen to it
        name = scene.camera.name
    else:
        name = photo_name(settings.photo)
    groups: tuple[tuple[str, ...], ...] = ()
    try:
        if settings.masks_objects:
            groups, subjects = _objects(context, settings, name)
        else:
            subjects = _subjects(settings, name)
    except NoPixels as error:
        raise CannotStart(str(error)) from error
    first_seed = settings.seed if settings.use_seed else random.randrange(_top_seed(settings))
    several = settings.result_count > 1
    group = uuid.uuid4().hex if several else ""
    jobs = tuple(
        tuple(_job(context, name, subject, options, group) for options in _all_options(settings, subject, first_seed))
        for subject in subjects
    )
    arranged = several or settings.sends_masks_together
    return Plan(tuple(subjects), jobs, groups, preferences(context).longest_edge, arranged)


def _objects(
    context: bpy.types.Context, settings: SAM3D_PG_settings, photo: str
) -> tuple[tuple[tuple[str, ...], ...], list[PhotoSubject]]:
    """The groups of selected objects that are masks, and the subjects that these tell."""
    objects = settings.selected_objects()
    each = settings.camera_masks == "EACH"
    groups = tuple((obj.name,) for obj in objects) if each else (tuple(obj.name for obj in objects),)
    if each and not settings.sends_masks_together:
        return groups, [
            PhotoSubject(obj.name, settings.prompt, objects=(number,), place=placeholder_of(context, [obj]))
            for number, obj in enumerate(objects, 1)
        ]
    active = view_layer_of(context).objects.active
    name = active.name if active in objects else photo
    numbers = tuple(range(1, len(groups) + 1))
    return groups, [PhotoSubject(name, settings.prompt, objects=numbers, place=placeholder_of(context, objects))]


def _subjects(settings: SAM3D_PG_settings, photo: str) -> list[PhotoSubject]:
    """What the masks that are switched on tell, or all of the photo; raises NoPixels."""
    masks, capabilities = settings.used_masks(), settings.capabilities
    assert capabilities is not None  # `obstacle` has seen to it
    if settings.sends_masks_together:
        pictures = tuple(picture(mask.image) for mask in masks if mask.image is not None)
        return [PhotoSubject(photo, settings.prompt, SubjectPrompt(pictures))]
    if not masks:
        return [PhotoSubject(photo, settings.prompt, _visual(settings, None, capabilities))]
    return [
        PhotoSubject(mask.name or photo, mask.prompt or settings.prompt, _visual(place, _finished(mask), capabilities))
        for mask in masks
        # the settings' own points and box are about the one subject that there is
        for place in [settings if len(masks) == 1 and not mask.has_prompts else mask]
    ]


def _finished(mask: SAM3D_PG_mask) -> bpy.types.Image | None:
    """A mask's image; None while it is made anew from the mask's box and points, which tell as well."""
    return None if mask.has_prompts and selections().is_at_work(mask.drawn) else mask.image


def _visual(
    place: SAM3D_PG_mask | SAM3D_PG_settings, mask: bpy.types.Image | None, capabilities: Capabilities
) -> SubjectPrompt:
    """What a mask, or the settings themselves, tell of the subject."""
    prompts = prompts_of(place)
    understood = all(point.positive and not point.radius for point in prompts.points)
    understood &= (capabilities.points or not prompts.points) and (capabilities.box or prompts.box is None)
    return SubjectPrompt((picture(mask),) if mask else (), prompts, understood)


def _top_seed(settings: SAM3D_PG_settings) -> int:
    assert settings.capabilities is not None  # `obstacle` has seen to it
    return min(settings.capabilities.largest_seed or LARGEST_SEED, LARGEST_SEED)


def _all_options(settings: SAM3D_PG_settings, subject: PhotoSubject, first_seed: int) -> list[ReconstructionOptions]:
    """What is asked for one subject: options for each task that its variations need."""
    capabilities = settings.capabilities
    assert capabilities is not None  # `obstacle` has seen to it
    together, prompts = min(settings.variations, capabilities.results), subject.visual.prompts
    return [
        ReconstructionOptions(
            subject=settings.kind,
            prompt=subject.prompt,
            points=prompts.positive_points if capabilities.points else (),
            box=prompts.box if capabilities.box else None,
            seed=(first_seed + number) % (_top_seed(settings) + 1),
            alternative=number,
            results=min(together, settings.variations - number),
            artifacts=settings.artifacts and capabilities.artifacts,
        )
        for number in range(0, settings.variations, together)
    ]


def _job(
    context: bpy.types.Context, photo: str, subject: PhotoSubject, options: ReconstructionOptions, group: str
) -> Job:
    scene = scene_of(context)
    settings = scene_settings(scene)
    job_id = uuid.uuid4().hex
    destination = Destination(
        blend=bpy.data.filepath,
        scene=scene.name,
        collection=photo,
        name=subject.name,
        location=cursor_of(scene),
        face_limit=settings.face_limit,
        height=settings.height,
        helper_bones=settings.helper_bones,
    )
    if subject.place is not None:
        destination = _at(subject.place, destination, options.alternative)
    return Job(
        id=job_id,
        provider=settings.provider,
        photo=photo,
        options=options,
        destination=destination,
        folder=_folder(context, subject.name, job_id),
        group=group,
        price=runner().price(settings.provider, options.subject) * options.results,
    )


def _at(place: Placeholder, destination: Destination, variation: int) -> Destination:
    """Where the scene's objects stand, as high, turned to the camera; each variation one width further along X."""
    x, y, z = place.base
    stride = place.width * (1 + GAP)
    return replace(
        destination,
        location=(x + variation * stride, y, z),
        height=destination.height or place.height,
        stride=stride,
        turn=place.turn,
    )


def _folder(context: bpy.types.Context, name: str, job_id: str) -> Path:
    # The time first, so that a file browser lists the jobs in order; the id, so that no two meet.
    label = bpy.path.clean_name(name)[:40]
    return results_folder(context) / f"{time.strftime('%Y-%m-%d_%H-%M-%S')}_{label}_{job_id[:6]}"
