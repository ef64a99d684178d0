# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the workers' news over and brings one finished result at a time into the scene."""

import traceback

import bpy
from mathutils import Vector

from ..jobs.body_joints import read_rig
from ..jobs.model import Job
from ..scene.data import scene_of
from ..scene.importing import ImportFailed, ResultInfo, can_import, import_result, push_undo_step
from . import mask_sync
from .state import runtime


def tick(context: bpy.types.Context) -> bool:
    """Drain the news and import at most one awaited result; returns whether there is something new to show."""
    changed = runtime().queue.drain() | mask_sync.take_over()
    for job in runtime().queue.awaited():
        reason = _why_wait(context, job)
        if reason:
            if reason != job.message:
                runtime().queue.mark_waiting(job.id, reason)
                changed = True
            continue
        bring_in(context, job)
        return True
    return changed


def bring_in(context: bpy.types.Context, job: Job) -> bool:
    """Import a job's result where it was asked for, as one undo step; returns whether that worked."""
    assert job.model is not None
    options, destination = job.options, job.destination
    info = ResultInfo(
        job=job.id,
        provider=job.provider,
        model=job.model_name,
        prompt=options.prompt,
        photo=job.photo,
        seed=options.seed,
        cost=job.cost or 0.0,
    )
    try:
        import_result(
            context,
            job.model,
            info=info,
            collection_name=destination.collection,
            object_name=destination.name,
            location=Vector(destination.location),
            face_limit=destination.face_limit,
            height=destination.height,
            people=read_rig(job.model),
            helper_bones=destination.helper_bones,
            turn=destination.turn,
        )
    except ImportFailed as error:
        runtime().queue.mark_failed(job.id, str(error))
        return False
    except Exception as error:  # the last resort: one result that nobody foresaw must not end the timer for all others
        traceback.print_exc()
        kept = f"it is kept as {job.model.name} in the results folder"
        runtime().queue.mark_failed(job.id, f"The result could not be brought in ({type(error).__name__}); {kept}.")
        return False
    push_undo_step(f"SAM 3D: {destination.name}")
    runtime().queue.mark_imported(job.id)
    return True


def _why_wait(context: bpy.types.Context, job: Job) -> str:
    """Why the scene cannot take the result now; empty when it can."""
    destination = job.destination
    if destination.blend != bpy.data.filepath or destination.scene not in bpy.data.scenes:
        return "Made for another scene: press Import to bring it into this one."
    if destination.scene != scene_of(context).name:
        return f"Waiting for its scene, {destination.scene}: switch to it, or press Import."
    return can_import(context)
