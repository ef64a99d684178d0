# SPDX-License-Identifier: GPL-3.0-or-later
"""From the scene's settings to the jobs that they ask for."""

import random
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import bpy

from ..jobs import runner, selections
from ..jobs.batch import Batch, Pick
from ..jobs.model import Destination, Job, Order
from ..jobs.picture import Picture
from ..preferences import preferences, results_folder
from ..properties import SAM3D_PG_mask, SAM3D_PG_settings
from ..providers import Offer, Wish
from ..scene.pixels import NoPixels, photo_name, picture
from ..scene.renders import render_camera
from .access import refresh_access
from .drawings import marks_of

LARGEST_SEED = 2**31 - 1
"""What Blender's own integer properties hold."""


class CannotStart(Exception):
    """Nothing was started; `str(error)` is a sentence for the artist."""


@dataclass(frozen=True)
class _Subject:
    """One subject of the photo, and what tells it."""

    name: str
    prompt: str
    pick: Pick


def orders(context: bpy.types.Context) -> list[Order]:
    """One order for each used mask and variation of the scene's photo; raises CannotStart."""
    scene = context.scene
    settings: SAM3D_PG_settings = scene.sam3d
    refresh_access(context)
    price = runner().price(settings.provider, settings.kind) if settings.offer else 0.0
    obstacle = settings.obstacle(scene) or runner().obstacle(
        settings.provider, price * settings.result_count, online=bpy.app.online_access
    )
    if obstacle:
        raise CannotStart(obstacle)
    try:
        name, photo = _photo(context, settings)
        subjects = _subjects(settings, name)
    except NoPixels as error:
        raise CannotStart(str(error)) from error
    batch = Batch(photo, [subject.pick for subject in subjects], preferences(context).longest_edge)
    first_seed = settings.seed if settings.use_seed else random.randrange(_top_seed(settings))
    several = settings.result_count > 1
    group = uuid.uuid4().hex if several else ""
    arranged = several or settings.sends_masks_together
    return [
        Order(batch, number, _job(context, name, subject.name, wish, group), arranged)
        for number, subject in enumerate(subjects)
        for wish in _wishes(settings, subject, first_seed)
    ]


def _subjects(settings: SAM3D_PG_settings, photo: str) -> list[_Subject]:
    """What the masks that are switched on tell, or all of the photo; raises NoPixels."""
    masks, offer = settings.used_masks(), settings.offer
    assert offer is not None  # `obstacle` has seen to it
    if settings.sends_masks_together:
        pictures = tuple(picture(mask.image) for mask in masks)
        return [_Subject(photo, settings.prompt, Pick(pictures))]
    if not masks:
        return [_Subject(photo, settings.prompt, _pick(settings, None, offer))]
    return [
        _Subject(mask.name or photo, mask.prompt or settings.prompt, _pick(place, _finished(mask), offer))
        for mask in masks
        # the settings' own points and box are about the one subject that there is
        for place in [settings if len(masks) == 1 and not mask.is_marked else mask]
    ]


def _finished(mask: SAM3D_PG_mask) -> bpy.types.Image | None:
    """A mask's image; None while it is made anew from the mask's box and points, which tell as well."""
    return None if mask.is_marked and selections().is_at_work(mask.drawn) else mask.image


def _pick(place: SAM3D_PG_mask | SAM3D_PG_settings, mask: bpy.types.Image | None, offer: Offer) -> Pick:
    """What a mask, or the settings themselves, tell of the subject."""
    marks = marks_of(place)
    understood = all(dot.inside and not dot.radius for dot in marks.dots)
    understood &= (offer.points or not marks.dots) and (offer.box or marks.box is None)
    return Pick((picture(mask),) if mask else (), marks, understood)


def _top_seed(settings: SAM3D_PG_settings) -> int:
    assert settings.offer is not None  # `obstacle` has seen to it
    return min(settings.offer.largest_seed or LARGEST_SEED, LARGEST_SEED)


def _wishes(settings: SAM3D_PG_settings, subject: _Subject, first_seed: int) -> list[Wish]:
    """What is asked for one subject: a wish for each task that its variations need."""
    offer = settings.offer
    assert offer is not None  # `obstacle` has seen to it
    together, marks = min(settings.variations, offer.results), subject.pick.marks
    return [
        Wish(
            subject=settings.kind,
            prompt=subject.prompt,
            points=marks.points if offer.points else (),
            box=marks.box if offer.box else None,
            seed=(first_seed + number) % (_top_seed(settings) + 1),
            alternative=number,
            results=min(together, settings.variations - number),
            artifacts=settings.artifacts and offer.artifacts,
        )
        for number in range(0, settings.variations, together)
    ]


def _photo(context: bpy.types.Context, settings: SAM3D_PG_settings) -> tuple[str, Picture]:
    if settings.source == "CAMERA":
        return context.scene.camera.name, render_camera(context)
    return photo_name(settings.image), picture(settings.image)


def _job(context: bpy.types.Context, photo: str, name: str, wish: Wish, group: str) -> Job:
    scene = context.scene
    settings: SAM3D_PG_settings = scene.sam3d
    job_id = uuid.uuid4().hex
    return Job(
        id=job_id,
        provider=settings.provider,
        photo=photo,
        wish=wish,
        destination=Destination(
            blend=bpy.data.filepath,
            scene=scene.name,
            collection=photo,
            name=name,
            location=tuple(scene.cursor.location),
            face_limit=settings.face_limit,
            height=settings.height,
        ),
        folder=_folder(context, name, job_id),
        group=group,
        price=runner().price(settings.provider, wish.subject) * wish.results,
    )


def _folder(context: bpy.types.Context, name: str, job_id: str) -> Path:
    # The time first, so that a file browser lists the jobs in order; the id, so that no two meet.
    label = bpy.path.clean_name(name)[:40]
    return results_folder(context) / f"{time.strftime('%Y-%m-%d_%H-%M-%S')}_{label}_{job_id[:6]}"
