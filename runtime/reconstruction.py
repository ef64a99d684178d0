# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job: from what is set to jobs, and, where Blender is to wait, to objects in the scene."""

import time

import bpy

from ..jobs.model import Job, of_tasks
from ..jobs.plan import CannotStart, Plan, plan
from ..photos.picture import Picture
from ..scene.camera_render import CannotRender
from . import camera_capture, import_queue
from .service_credentials import refresh_credentials
from .snapshot import read_settings
from .state import runtime

PAUSE = 0.02
"""Seconds between two looks at the jobs while Blender waits for them."""


def start(context: bpy.types.Context) -> list[str]:
    """Start a job for each subject and variation; returns their ids. Raises CannotStart.

    Blender waits while the camera is rendered.
    """
    planned, photo = _plan(context)
    if photo is not None:
        return camera_capture.start_jobs(planned.new_jobs(photo))
    try:
        return camera_capture.start_jobs(camera_capture.take_now(context, planned))
    except CannotRender as error:
        raise CannotStart(str(error)) from error


def start_in_background(context: bpy.types.Context) -> None:
    """The same, but Blender goes on while the camera is rendered, after which the jobs begin. Raises CannotStart."""
    planned, photo = _plan(context)
    if photo is not None:
        camera_capture.start_jobs(planned.new_jobs(photo))
        return
    try:
        camera_capture.take(context, planned)
    except CannotRender as error:
        raise CannotStart(str(error)) from error


def _plan(context: bpy.types.Context) -> tuple[Plan, Picture | None]:
    """The jobs that are asked for now, and the photo, None where the camera is to take it; raises CannotStart."""
    refresh_credentials(context)
    settings = read_settings(context)
    return plan(settings, runtime().queue.services), settings.picture


def wait_for(context: bpy.types.Context, ids: list[str]) -> list[Job]:
    """Pump the jobs without the timer until each has arrived, failed or was cancelled.

    A result that the scene cannot take (in Edit Mode, say) stays ready: nothing changes while Blender waits.
    """
    jobs = runtime().queue.jobs
    while not all(job.is_settled for job in of_tasks(jobs.values(), ids)):
        import_queue.tick(context)
        time.sleep(PAUSE)
    runtime().queue.take_ended()  # the caller tells
    runtime().arrivals.take_remarks()
    return of_tasks(jobs.values(), ids)
