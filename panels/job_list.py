# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of this Blender, newest first."""

from collections.abc import Iterable, Sequence

import bpy

from ..jobs.model import Job, State
from ..jobs.runner import Runner
from .text import clock, dollars, sentence

MOST_SHOWN = 12
MOST_OPEN = 6
"""Jobs that were started together are shown at once, unless they are more."""
MOST_GUESSED = 0.95
"""How far a job may seem to be while its service does not say that it is ready."""
ICONS = {
    State.READY: "IMPORT",
    State.IMPORTED: "CHECKMARK",
    State.FAILED: "ERROR",
    State.CANCELLED: "X",
}


def draw_jobs(layout: bpy.types.UILayout, context: bpy.types.Context, runner: Runner, now: float) -> None:
    """A box for each job, a foldable one for jobs that were started together; those at work first."""
    if not runner.jobs:
        return
    shown = 0
    for jobs in _together(runner.jobs.values()):
        if shown >= MOST_SHOWN:
            break
        if len(jobs) > 1:
            shown += _draw_group(layout, context, runner, jobs, now)
        else:
            _draw_job(layout.box(), context, runner, jobs[0], now)
            shown += 1
    row = layout.row()
    row.operator("sam3d.open_results", icon="FILE_FOLDER", text="Results Folder")
    row.operator("sam3d.clear_jobs", icon="TRASH", text="Clear List")


def _together(jobs: Iterable[Job]) -> list[list[Job]]:
    """The jobs that were started together, in the order in which they were; the latest first, but for those at work."""
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(job.group or job.id, []).append(job)
    found = [sorted(group, key=lambda job: job.created) for group in groups.values()]
    return sorted(found, key=lambda group: (not any(job.at_work for job in group), -group[0].created))


def _draw_group(
    layout: bpy.types.UILayout, context: bpy.types.Context, runner: Runner, jobs: Sequence[Job], now: float
) -> int:
    """All jobs of one photo, with their common progress; returns how many rows that took."""
    running = [job for job in jobs if job.at_work]
    arrived = sum(job.state is State.IMPORTED for job in jobs)
    header, body = layout.panel(f"sam3d_group_{jobs[0].group}", default_closed=len(jobs) > MOST_OPEN)
    header.label(text=f"{jobs[0].photo}: {arrived} of {len(jobs)}")
    if running:
        header.operator("sam3d.cancel_group", text="", icon="X", emboss=False).group = jobs[0].group
        done = sum(_fraction(job, _expected(runner, job), now) if job.at_work else 1.0 for job in jobs)
        layout.progress(factor=done / len(jobs), text=f"{len(running)} at work")
    elif (cost := sum(job.cost or 0.0 for job in jobs)) > 0:
        detail = header.row()
        detail.active = False
        detail.alignment = "RIGHT"
        detail.label(text=dollars(cost))
    if body is None:
        return 1
    for job in jobs[:MOST_SHOWN]:
        _draw_job(body.box(), context, runner, job, now)
    return 1 + len(jobs)


def _expected(runner: Runner, job: Job) -> float:
    return runner.expected_seconds(job.provider, job.wish.subject)


def _draw_job(box: bpy.types.UILayout, context: bpy.types.Context, runner: Runner, job: Job, now: float) -> None:
    if job.at_work:
        _draw_running(box, runner, job, now)
    else:
        _draw_ended(box, context, job, now)


def _draw_running(box: bpy.types.UILayout, runner: Runner, job: Job, now: float) -> None:
    expected = _expected(runner, job)
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
