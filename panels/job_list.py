# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of this Blender, newest first."""

import bpy

from ..jobs.model import Job, State
from ..jobs.runner import Runner
from .text import clock, dollars, sentence

MOST_SHOWN = 12
MOST_GUESSED = 0.95
"""How far a job may seem to be while its service does not say that it is ready."""
ICONS = {
    State.READY: "IMPORT",
    State.IMPORTED: "CHECKMARK",
    State.FAILED: "ERROR",
    State.CANCELLED: "X",
}


def draw_jobs(layout: bpy.types.UILayout, context: bpy.types.Context, runner: Runner, now: float) -> None:
    """A box for each job, those at work first."""
    if not runner.jobs:
        return
    column = layout.column()
    ordered = sorted(runner.jobs.values(), key=lambda job: (not job.at_work, -job.created))
    for job in ordered[:MOST_SHOWN]:
        if job.at_work:
            _draw_running(column.box(), runner, job, now)
        else:
            _draw_ended(column.box(), context, job, now)
    row = column.row()
    row.operator("sam3d.open_results", icon="FILE_FOLDER", text="Results Folder")
    row.operator("sam3d.clear_jobs", icon="TRASH", text="Clear List")


def _draw_running(box: bpy.types.UILayout, runner: Runner, job: Job, now: float) -> None:
    expected = runner.expected_seconds(job.provider, job.wish.subject)
    row = box.row()
    row.label(text=job.destination.name, icon="SORTTIME")
    row.operator("sam3d.cancel_job", text="", icon="X", emboss=False).job_id = job.id
    box.progress(factor=_fraction(job, expected, now), text=job.stage or "Starting")
    times = box.row()
    times.active = False
    times.label(text=f"{clock(job.elapsed(now))} of about {clock(expected)}")


def _fraction(job: Job, expected: float, now: float) -> float:
    """How far a job is: as the service says, or guessed from the time for those that do not say."""
    if job.state is not State.RUNNING or job.submitted is None:
        return job.fraction
    return max(job.fraction, min(MOST_GUESSED, (now - job.submitted) / expected))


def _draw_ended(box: bpy.types.UILayout, context: bpy.types.Context, job: Job, now: float) -> None:
    row = box.row(align=True)
    row.label(text=job.destination.name, icon=ICONS.get(job.state, "NONE"))
    detail = row.row()
    detail.active = False
    detail.alignment = "RIGHT"
    detail.label(text=f"{dollars(job.cost)}, {clock(job.elapsed(now))}" if job.cost else clock(job.elapsed(now)))
    if job.model is not None:
        row.operator("sam3d.import_job", text="", icon="IMPORT", emboss=False).job_id = job.id
    elif job.fetchable or job.repeatable:
        row.operator("sam3d.retry_job", text="", icon="FILE_REFRESH", emboss=False).job_id = job.id
    row.operator("sam3d.remove_job", text="", icon="X", emboss=False).job_id = job.id
    if job.message:
        sentence(box, context, job.message)
    for note in job.notes:
        sentence(box, context, note, "INFO")
