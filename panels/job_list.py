# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of this Blender, newest first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import bpy

from ..jobs.durations import clock, time_so_far
from ..jobs.model import Job, State
from ..jobs.queue import JobQueue
from .text import dollars, sentence

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

MOST_SHOWN = 10
MOST_OPEN = 6
"""Jobs that were started together are shown at once, unless they are more."""
BAR_WIDTH = 8.0
"""Of a progress bar beside a name, in units of the interface: room for the words in it."""
MOST_GUESSED = 0.95
"""How far a job may seem to be while its service does not say that it is ready."""
ICONS: "dict[State, IconItems]" = {
    State.READY: "IMPORT",
    State.IMPORTED: "CHECKMARK",
    State.FAILED: "ERROR",
    State.CANCELLED: "X",
}


def draw_jobs(layout: bpy.types.UILayout, context: bpy.types.Context, queue: JobQueue, now: float) -> None:
    """A box for each job, a foldable one for jobs that were started together; those at work first."""
    if queue.trouble:
        sentence(layout, context, queue.trouble, "ERROR", explained=True)
    if not queue.jobs:
        return
    shown = 0
    for jobs in queue.listed():
        if shown >= MOST_SHOWN:
            break
        if len(jobs) > 1:
            shown += _draw_group(layout, context, queue, jobs, now)
        else:
            if jobs[0].at_work:
                _draw_running(layout.box(), queue, jobs[0], now)
            else:
                _draw_ended(layout.box(), context, jobs[0], now)
            shown += 1
    row = layout.row()
    row.operator("sam3d.open_results", icon="FILE_FOLDER", text="Results Folder")
    row.operator("sam3d.clear_jobs", icon="TRASH", text="Clear List")


def _draw_group(
    layout: bpy.types.UILayout, context: bpy.types.Context, queue: JobQueue, jobs: Sequence[Job], now: float
) -> int:
    """All jobs of one photo, with their common progress; returns how many rows that took."""
    group, running = jobs[0].group, [job for job in jobs if job.at_work]
    arrived = f"{sum(job.state is State.IMPORTED for job in jobs)} of {len(jobs)}"
    header, body = layout.panel(f"sam3d_group_{group}", default_closed=len(jobs) > MOST_OPEN)
    header.label(text=jobs[0].photo)
    if running:
        factor = sum(_fraction(job, queue, now) if job.at_work else 1.0 for job in jobs) / len(jobs)
        _bar(header).progress(factor=factor, text=arrived)
        header.operator("sam3d.cancel_group", text="", icon="X", emboss=False).group = group
    else:
        cost = sum(job.cost or 0.0 for job in jobs)
        _draw_detail(header, f"{arrived}, {dollars(cost)}" if cost else arrived)
        if any(job.model is not None for job in jobs):
            header.operator("sam3d.import_group", text="", icon="IMPORT", emboss=False).group = group
    if body is None:
        return 1
    for job in jobs[:MOST_SHOWN]:
        if job.at_work:
            row = body.box().row()
            row.label(text=job.destination.name, icon="SORTTIME")
            _bar(row).progress(factor=_fraction(job, queue, now), text=job.stage or "Starting")
            row.operator("sam3d.cancel_job", text="", icon="X", emboss=False).job_id = job.id
        else:
            _draw_ended(body.box(), context, job, now)
    return 1 + len(jobs)


def _bar(row: bpy.types.UILayout) -> bpy.types.UILayout:
    """Room for a progress bar beside a name."""
    bar = row.row()
    bar.ui_units_x = BAR_WIDTH
    return bar


def _draw_running(box: bpy.types.UILayout, queue: JobQueue, job: Job, now: float) -> None:
    row = box.row()
    row.label(text=job.destination.name, icon="SORTTIME")
    row.operator("sam3d.cancel_job", text="", icon="X", emboss=False).job_id = job.id
    box.progress(factor=_fraction(job, queue, now), text=job.stage or "Starting")
    times = box.row()
    times.active = False
    times.label(text=time_so_far(job, _expected(job, queue), now))


def _expected(job: Job, queue: JobQueue) -> float:
    return queue.services.expected_seconds(job.provider, job.options.subject)


def _fraction(job: Job, queue: JobQueue, now: float) -> float:
    """How far a job is: as the service says, or guessed from the time for those that do not say."""
    if job.state is not State.RUNNING or job.submitted is None:
        return job.fraction
    return max(job.fraction, min(MOST_GUESSED, (now - job.submitted) / _expected(job, queue)))


def _draw_detail(row: bpy.types.UILayout, text: str) -> None:
    """Small print at the right."""
    detail = row.row()
    detail.active = False
    detail.alignment = "RIGHT"
    detail.label(text=text)


def _draw_ended(box: bpy.types.UILayout, context: bpy.types.Context, job: Job, now: float) -> None:
    row = box.row(align=True)
    row.label(text=job.destination.name, icon=ICONS.get(job.state, "NONE"))
    _draw_detail(row, f"{dollars(job.cost)}, {clock(job.elapsed(now))}" if job.cost else clock(job.elapsed(now)))
    if job.model is not None:
        row.operator("sam3d.import_job", text="", icon="IMPORT", emboss=False).job_id = job.id
    if (job.model is None and job.repeatable) or (job.fetchable and (job.model is None or job.state is State.FAILED)):
        row.operator("sam3d.retry_job", text="", icon="FILE_REFRESH", emboss=False).job_id = job.id
    row.operator("sam3d.remove_job", text="", icon="X", emboss=False).job_id = job.id
    if job.message:
        sentence(box, context, job.message, explained=True)
    for note in job.notes:
        sentence(box, context, note, "INFO")
