# SPDX-License-Identifier: GPL-3.0-or-later
"""The main button: from the scene's photo to objects in the scene."""

import time
from typing import Annotated

import bpy

from ..jobs import runner
from ..jobs.model import Job, State
from ..properties import settings_of
from ..runtime import camera_capture, import_queue
from ..runtime.job_plan import CannotStart, plan
from ..scene.camera_render import CannotRender
from ..scene.pixels import NoPixels, picture
from .result import Result
from .watch import follow

PAUSE = 0.02
"""Seconds between two looks at the jobs while Blender waits for them."""


def start(context: bpy.types.Context) -> list[str]:
    """Start a job for each used mask and variation; returns their ids. Raises CannotStart.

    Blender waits while the camera is rendered.
    """
    wanted = plan(context)
    settings = settings_of(context)
    try:
        if settings.source == "CAMERA":
            new_jobs = camera_capture.take_now(context, wanted)
        else:
            new_jobs = wanted.new_jobs(picture(settings.photo))
    except (NoPixels, CannotRender) as error:
        raise CannotStart(str(error)) from error
    return camera_capture.start_jobs(new_jobs)


def wait_for(context: bpy.types.Context, ids: list[str]) -> list[Job]:
    """Pump the jobs without the timer until each has arrived, failed or was cancelled.

    A result that the scene cannot take (in Edit Mode, say) stays ready: nothing changes while Blender waits.
    """
    while not all(map(_settled, _with_siblings(ids))):
        import_queue.tick(context)
        time.sleep(PAUSE)
    return _with_siblings(ids)


def _with_siblings(ids: list[str]) -> list[Job]:
    """The jobs of these ids, and those that further results of their tasks have become."""
    wanted = set(ids)
    return [
        job
        for job in runner().jobs.values()
        if job.id in wanted or (job.request is not None and job.request.id in wanted)
    ]


def _settled(job: Job) -> bool:
    return not job.at_work and (job.state is not State.READY or bool(job.message))


class SAM3D_OT_reconstruct(bpy.types.Operator):
    """Turn the photo into a textured object at the 3D cursor"""

    bl_idname = "sam3d.reconstruct"
    bl_label = "Reconstruct"
    bl_options = {"REGISTER"}

    wait: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Wait",
            description="Return when the objects stand in the scene; always so without a window",
            default=False,
            options={"SKIP_SAVE"},
        ),
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Start the jobs; wait for them where that was asked for."""
        waits = self.wait or bpy.app.background
        try:
            if settings_of(context).source == "CAMERA" and not waits:
                camera_capture.take(context, plan(context))
            else:
                ids = start(context)
        except (CannotStart, CannotRender) as error:
            # A warning, not an error: for scripts an error would be an exception instead of the answer CANCELLED.
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        if not waits:
            follow()
            return {"FINISHED"}
        ended = wait_for(context, ids)
        for job in ended:
            for sentence in (job.message, *job.notes):
                if sentence:
                    self.report({"WARNING"}, sentence)
        return {"FINISHED"} if any(job.state is State.IMPORTED for job in ended) else {"CANCELLED"}
