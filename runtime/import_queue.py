# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the workers' news over and brings one finished result at a time into the scene."""

import traceback
import uuid
from collections.abc import Sequence
from dataclasses import replace

import bpy
from mathutils import Vector

from ..jobs.model import Job, State, of_tasks
from ..jobs.places import read_place
from ..preferences import has_preferences, preferences
from ..scene.blockout import replaced
from ..scene.data import cursor_of, scene_of, unit_of
from ..scene.importing import ImportFailed, can_import, push_undo_step
from ..scene.motion import what_plays
from . import arrival, mask_sync, standing
from .assets import is_kept, keep_objects
from .job_import import import_job
from .state import runtime


def tick(context: bpy.types.Context) -> bool:
    """Drain the news and import at most one awaited result; returns whether there is something new to show."""
    changed = runtime().queue.drain() | mask_sync.take_over()
    awaited = runtime().queue.awaited()
    for job in awaited:
        reason = _why_wait(context, job)
        if reason:
            if reason != job.message:
                runtime().queue.mark_waiting(job.id, reason)
                changed = True
            continue
        together = arrival.key_of(job)
        peers = [peer for peer in runtime().queue.jobs.values() if arrival.key_of(peer) == together]
        # what stands as in the photo is one step all together
        step = runtime().matching.together(job.id)
        is_last = not any(other.id in step for other in awaited if other.id != job.id)
        if bring_in(context, job, peers, together, is_undo_step=is_last):
            arrival.show(context, job)
        return True
    return changed


def bring_in(
    context: bpy.types.Context,
    job: Job,
    peers: Sequence[Job] = (),
    arrangement: str = "",
    *,
    is_undo_step: bool = True,
) -> bool:
    """Import a job's result where it was asked for, or beside what is in the way there.

    It is an undo step of its own, unless it is part of an operator that makes one. `peers` are the jobs whose results
    keep their places to each other, as that `arrangement`. Returns whether that worked.
    """
    assert job.model is not None
    destination = job.destination
    at, told = standing.standing(context, job)
    try:
        objects = import_job(
            context,
            job,
            Vector(destination.location),
            photo_source=destination.source,
            turn=destination.turn if at is None else at.turn,
            seen=None if at is None else at.matrix,
            replaces=replaced(destination.replaces),
        )
        if at is not None:
            standing.take_place(context, job, objects, at)
        elif destination.is_as_in_photo:  # they have no places to each other
            arrival.make_room(context, job, objects)
        else:
            arrival.make_room(context, job, objects, peers, arrangement)
    except ImportFailed as error:
        runtime().queue.mark_failed(job.id, str(error))
        return False
    except Exception as error:  # the last resort: one result that nobody foresaw must not end the timer for all others
        traceback.print_exc()
        kept = f"it is kept as {job.model.name} in the results folder"
        runtime().queue.mark_failed(job.id, f"The result could not be brought in ({type(error).__name__}); {kept}.")
        return False
    if is_undo_step:
        push_undo_step(f"SAM 3D: {destination.name}")
    notes = [what_plays(objects), *told]
    if has_preferences(context) and preferences(context).keep_every_result and not is_kept(context, job):
        notes.append(keep_objects(context, job, objects))
    runtime().queue.mark_imported(job.id, *notes)
    return True


def bring_all_here(context: bpy.types.Context, jobs: Sequence[Job]) -> list[str]:
    """Import results that have come together once more, around the 3D cursor as they stood to each other.

    Returns why each could not be, or nothing.
    """
    arrangement = uuid.uuid4().hex
    return [bring_here(context, job, jobs, arrangement) for job in jobs]


def bring_here(context: bpy.types.Context, job: Job, peers: Sequence[Job] = (), arrangement: str = "") -> str:
    """Import a job's result into the scene that is open, at the 3D cursor; returns why it could not be, or nothing.

    A result that has come with others stands to the cursor as it stood to that of its start, and so to the others. One
    whose place in the photo was not found yet comes when it is: at the next ticks.
    """
    reason = can_import(context)
    if reason:
        return reason
    if job.destination.is_as_in_photo and job.model is not None and read_place(job.model) is None:
        _await_here(context, job)
        return ""
    cursor, destination = cursor_of(scene_of(context)), job.destination
    has_come_with_others = job.group or len(of_tasks(runtime().queue.jobs.values(), [job.task_name])) > 1
    if destination.origin is None or not has_come_with_others:
        place = replace(destination, location=cursor, origin=cursor, turn=0.0, replaces=())
    else:
        moves = zip(cursor, destination.location, destination.origin, strict=True)
        units = destination.unit / unit_of(scene_of(context))
        x, y, z = (now + (then - start) * units for now, then, start in moves)
        place = replace(destination, location=(x, y, z), origin=cursor, replaces=())
    here = replace(job, destination=place)
    if not bring_in(context, here, peers, arrangement):
        return runtime().queue.jobs[job.id].message
    arrival.show(context, here)
    return ""


def _await_here(context: bpy.types.Context, job: Job) -> None:
    """Have a result come into the scene that is open by itself, around the 3D cursor, when its place is found."""
    scene = scene_of(context)
    here = replace(
        job.destination,
        blend=bpy.data.filepath,
        scene=scene.name,
        identity=runtime().scenes.of(scene),
        origin=cursor_of(scene),
        location=cursor_of(scene),
        unit=unit_of(scene),
        replaces=(),
    )
    runtime().queue.await_again(replace(job, state=State.READY, message="", destination=here))


def _why_wait(context: bpy.types.Context, job: Job) -> str:
    """Why the scene cannot take the result now; empty when it can."""
    scene = runtime().scenes.find(job.destination)
    if scene is None:
        return "Made for another scene: press Import to bring it into this one."
    if scene != scene_of(context):
        return f"Waiting for its scene, {scene.name}: switch to it, or press Import."
    return can_import(context) or standing.why_wait(context, job)
