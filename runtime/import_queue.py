# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the workers' news over and brings one finished result at a time into the scene."""

import traceback
from dataclasses import replace

import bpy
from mathutils import Vector

from ..jobs.body_joints import read_rig
from ..jobs.model import Job, of_tasks
from ..preferences import has_preferences, preferences
from ..scene.data import cursor_of, scene_of, unit_of
from ..scene.importing import ImportFailed, can_import, import_result, push_undo_step
from ..scene.motion import what_plays
from . import mask_sync
from .assets import is_kept, keep_objects
from .result_info import result_info
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
    destination = job.destination
    try:
        names = import_result(
            context,
            job.model,
            info=result_info(job),
            collection_name=destination.collection,
            object_name=destination.name,
            location=Vector(destination.location),
            face_limit=destination.face_limit,
            height=destination.height,
            people=read_rig(job.model),
            helper_bones=destination.helper_bones,
            turn=destination.turn,
            photo_source=destination.source,
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
    runtime().queue.mark_imported(job.id, what_plays(bpy.data.objects[name] for name in names))
    if has_preferences(context) and preferences(context).keep_every_result and not is_kept(context, job):
        runtime().queue.mark_imported(job.id, keep_objects(context, job, [bpy.data.objects[name] for name in names]))
    return True


def bring_here(context: bpy.types.Context, job: Job) -> str:
    """Import a job's result into the scene that is open, at the 3D cursor; returns why it could not be, or nothing.

    A result that has come with others stands to the cursor as it stood to that of its start, and so to the others.
    """
    reason = can_import(context)
    if reason:
        return reason
    place, destination = cursor_of(scene_of(context)), job.destination
    has_come_with_others = job.group or len(of_tasks(runtime().queue.jobs.values(), [job.task_name])) > 1
    if destination.origin is None or not has_come_with_others:
        here = replace(destination, location=place, turn=0.0)
    else:
        moves = zip(place, destination.location, destination.origin, strict=True)
        units = destination.unit / unit_of(scene_of(context))
        x, y, z = (now + (then - start) * units for now, then, start in moves)
        here = replace(destination, location=(x, y, z))
    return "" if bring_in(context, replace(job, destination=here)) else runtime().queue.jobs[job.id].message


def _why_wait(context: bpy.types.Context, job: Job) -> str:
    """Why the scene cannot take the result now; empty when it can."""
    scene = runtime().scenes.find(job.destination)
    if scene is None:
        return "Made for another scene: press Import to bring it into this one."
    if scene != scene_of(context):
        return f"Waiting for its scene, {scene.name}: switch to it, or press Import."
    return can_import(context)
