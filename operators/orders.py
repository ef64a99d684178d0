# SPDX-License-Identifier: GPL-3.0-or-later
"""From the scene's settings to the jobs that they ask for."""

import random
import time
import uuid
from pathlib import Path

import bpy

from ..jobs import runner
from ..jobs.model import Destination, Job, Order
from ..jobs.picture import Picture
from ..preferences import preferences, results_folder
from ..properties import SAM3D_PG_settings
from ..providers import Wish
from ..scene.pixels import NoPixels, photo_name, picture
from ..scene.renders import render_camera
from .access import refresh_access

LARGEST_SEED = 2**31 - 1
"""What Blender's own integer properties hold."""


class CannotStart(Exception):
    """Nothing was started; `str(error)` is a sentence for the artist."""


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
        masks = [(mask.name or name, picture(mask.image)) for mask in settings.used_masks()]
    except NoPixels as error:
        raise CannotStart(str(error)) from error
    subjects: list[tuple[str, tuple[Picture, ...]]] = [(label, (mask,)) for label, mask in masks] or [(name, ())]
    if settings.sends_masks_together:
        subjects = [(name, tuple(mask for _, mask in masks))]
    longest_edge, wishes = preferences(context).longest_edge, _wishes(settings)
    return [
        Order(photo, pictures, _job(context, name, subject_name, wish), longest_edge)
        for subject_name, pictures in subjects
        for wish in wishes
    ]


def _wishes(settings: SAM3D_PG_settings) -> list[Wish]:
    """What is asked for one subject: a wish for each task that its variations need."""
    offer = settings.offer
    assert offer is not None  # `obstacle` has seen to it
    together = min(settings.variations, offer.results)
    top = min(offer.largest_seed or LARGEST_SEED, LARGEST_SEED)
    first_seed = settings.seed if settings.use_seed else random.randrange(top)
    return [
        Wish(
            subject=settings.kind,
            prompt=settings.prompt,
            points=tuple((point.x, point.y) for point in settings.points) if offer.points else (),
            box=tuple(settings.box) if settings.use_box and offer.box else None,
            seed=(first_seed + number) % (top + 1),
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


def _job(context: bpy.types.Context, photo: str, name: str, wish: Wish) -> Job:
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
        price=runner().price(settings.provider, wish.subject) * wish.results,
    )


def _folder(context: bpy.types.Context, name: str, job_id: str) -> Path:
    # The time first, so that a file browser lists the jobs in order; the id, so that no two meet.
    label = bpy.path.clean_name(name)[:40]
    return results_folder(context) / f"{time.strftime('%Y-%m-%d_%H-%M-%S')}_{label}_{job_id[:6]}"
