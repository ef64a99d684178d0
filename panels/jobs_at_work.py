# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs at work, a part of them at a time; those that wait for their turn fold into their photo's row."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import bpy

from ..jobs.at_work import PhotoAtWork
from ..jobs.durations import fraction_done, time_so_far
from ..jobs.model import Job
from ..runtime.result_settings import results_of
from ..runtime.state import runtime
from .text import characters, sentence

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

    from ..runtime.camera_capture import CameraCapture

MOST_UNFOLDED = 3
"""Waiting jobs of one photo, more than which fold into its row."""
ROWS = 6
"""That are shown at once."""


def draw_at_work(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """How far all are together with a way to stop them, then a row for each, those that run first."""
    queue, settings, now = runtime().queue, results_of(context), time.time()
    capture = runtime().capture
    if capture is not None:
        _draw_capture(layout.box(), capture)
    if runtime().matching.busy:
        layout.progress(factor=runtime().matching.fraction, text="Finding camera and places")
    photos = queue.photos_at_work()
    if not photos:
        return
    running = [job for photo in photos for job in photo.running]
    kinds = {(job.provider, job.options.subject) for job in running}
    expected = {kind: queue.services.expected_seconds(*kind) for kind in kinds}
    seconds = {job.id: expected[job.provider, job.options.subject] for job in running}
    _draw_total(layout, photos, sum(fraction_done(job, seconds[job.id], now) for job in running))
    rows = list(_rows(photos, runtime().results.unfolded))
    first = min(settings.first_at_work, (len(rows) - 1) // ROWS * ROWS)
    column = layout.column(align=True)
    for row in rows[first : first + ROWS]:
        box = column.box()
        if isinstance(row, PhotoAtWork):
            _draw_photo(box, row)
        elif row.waits:
            _draw_name(box, row)
        else:
            _draw_running(box, context, row, seconds[row.id])
    if len(rows) > ROWS:
        _draw_pages(layout, first, len(rows))


def _rows(photos: list[PhotoAtWork], unfolded: set[str]) -> Iterator[PhotoAtWork | Job]:
    """The jobs at work; of several for one photo, a row for that before."""
    for photo in photos:
        if len(photo.running) + len(photo.waiting) > 1:
            yield photo
        yield from photo.running
        if len(photo.waiting) <= MOST_UNFOLDED or _key(photo) in unfolded:
            yield from photo.waiting


def _key(photo: PhotoAtWork) -> str:
    return f"{photo.group} {photo.photo}"


def _draw_capture(box: bpy.types.UILayout, capture: "CameraCapture") -> None:
    """The photo that the scene's camera is taking: its jobs begin afterwards."""
    row = box.row()
    row.label(text="Camera", icon="CAMERA_DATA")
    row.operator("sam3d.cancel_capture", text="", icon="X", emboss=False)
    box.progress(factor=capture.fraction, text=capture.stage)


def _draw_total(layout: bpy.types.UILayout, photos: list[PhotoAtWork], running: float) -> None:
    """How far all are, with what has ended of those that were started together."""
    total, done = sum(photo.total for photo in photos), sum(photo.done for photo in photos)
    row = layout.split(factor=0.6)
    row.progress(factor=(done + running) / total, text=f"{done} of {total} done")
    row.operator("sam3d.cancel_all", icon="X")


def _draw_photo(box: bpy.types.UILayout, photo: PhotoAtWork) -> None:
    row = box.row(align=True)
    if len(photo.waiting) > MOST_UNFOLDED:
        is_open = _key(photo) in runtime().results.unfolded
        fold = row.operator("sam3d.unfold", text="", icon="DOWNARROW_HLT" if is_open else "RIGHTARROW", emboss=False)
        fold.key = _key(photo)
    row.label(text=photo.photo, translate=False)
    counts = row.row()
    counts.alignment = "RIGHT"
    counts.label(text=f"{len(photo.waiting)} waiting" if photo.waiting else f"{photo.done} of {photo.total}")
    button = row.operator("sam3d.cancel_group", text="", icon="X", emboss=False)
    button.group, button.photo = photo.group, "" if photo.group else photo.photo


def _draw_running(box: bpy.types.UILayout, context: bpy.types.Context, job: Job, expected: float) -> None:
    """The name, below it the bar with what is being done, which may be a sentence that needs more lines."""
    _draw_name(box, job)
    now, stage = time.time(), job.stage or "Starting"
    words = stage if len(stage) <= characters(context) else stage.partition(":")[0]
    box.progress(factor=fraction_done(job, expected, now), text=words)
    if words != stage:
        sentence(box, context, stage.removeprefix(words).lstrip(": "))
    if words := time_so_far(job, expected, now):
        box.label(text=words)


def _draw_name(box: bpy.types.UILayout, job: Job) -> None:
    row = box.row()
    row.label(text=job.destination.name, icon="SORTTIME", translate=False)
    row.operator("sam3d.cancel_job", text="", icon="X", emboss=False).job_id = job.id


def _draw_pages(layout: bpy.types.UILayout, first: int, total: int) -> None:
    row = layout.row(align=True)
    steps: tuple[tuple[int, IconItems], ...] = ((-ROWS, "TRIA_LEFT"), (ROWS, "TRIA_RIGHT"))
    for step, icon in steps:
        if step > 0:
            label = row.row()
            label.alignment = "CENTER"
            label.label(text=f"{first + 1}\N{EN DASH}{min(first + ROWS, total)} of {total}")
        button = row.row(align=True)
        button.enabled = 0 <= first + step < total
        button.operator("sam3d.turn_page_at_work", text="", icon=icon).first = max(0, first + step)
