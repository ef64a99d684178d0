# SPDX-License-Identifier: GPL-3.0-or-later
"""From the scene's settings to the jobs that they ask for."""

import random
import time
import uuid
from pathlib import Path

import bpy

from ..jobs.model import Destination, Job, Order
from ..jobs.picture import Picture
from ..preferences import results_folder
from ..properties import SAM3D_PG_settings
from ..providers import Subject, Wish
from ..scene.pixels import NoPixels, photo_name, picture
from ..scene.renders import render_camera

LARGEST_SEED = 2**31 - 1
"""What Blender's own integer properties hold."""


class CannotStart(Exception):
    """Nothing was started; `str(error)` is a sentence for the artist."""


def orders(context: bpy.types.Context) -> list[Order]:
    """One order for each used mask and variation of the scene's photo; raises CannotStart."""
    scene = context.scene
    settings: SAM3D_PG_settings = scene.sam3d
    obstacle = settings.obstacle(scene)
    if obstacle:
        raise CannotStart(obstacle)
    try:
        name, photo = _photo(context, settings)
        masks: list[tuple[str, Picture | None]] = [
            (mask.name or name, picture(mask.image)) for mask in settings.used_masks()
        ]
    except NoPixels as error:
        raise CannotStart(str(error)) from error
    first_seed = settings.seed if settings.use_seed else random.randrange(LARGEST_SEED)
    return [
        Order(photo, mask, _job(context, name, subject_name, (first_seed + variation) % LARGEST_SEED, variation))
        for subject_name, mask in masks or [(name, None)]
        for variation in range(settings.variations)
    ]


def _photo(context: bpy.types.Context, settings: SAM3D_PG_settings) -> tuple[str, Picture]:
    if settings.source == "CAMERA":
        return context.scene.camera.name, render_camera(context)
    return photo_name(settings.image), picture(settings.image)


def _job(context: bpy.types.Context, photo: str, name: str, seed: int, variation: int) -> Job:
    scene = context.scene
    settings: SAM3D_PG_settings = scene.sam3d
    job_id = uuid.uuid4().hex
    return Job(
        id=job_id,
        provider=settings.provider,
        photo=photo,
        wish=Wish(
            subject=Subject(settings.subject),
            prompt=settings.prompt,
            points=tuple((point.x, point.y) for point in settings.points),
            box=tuple(settings.box) if settings.use_box else None,
            seed=seed,
            alternative=variation,
            artifacts=settings.artifacts,
        ),
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
    )


def _folder(context: bpy.types.Context, name: str, job_id: str) -> Path:
    # The time first, so that a file browser lists the jobs in order; the id, so that no two meet.
    label = bpy.path.clean_name(name)[:40]
    return results_folder(context) / f"{time.strftime('%Y-%m-%d_%H-%M-%S')}_{label}_{job_id[:6]}"
