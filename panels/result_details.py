# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is known of one result, and what can be done with it."""

import textwrap
import time
from functools import lru_cache
from typing import TYPE_CHECKING

import bpy

from ..jobs.durations import clock
from ..jobs.model import Job, State
from ..runtime.state import runtime
from ..scene.data import interface_scale, region_of
from .assets import draw_asset
from .help import draw_help
from .text import dollars

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

BORDERS, LABEL, BUTTON = 72.0, 52.0, 20.0
"""Widths in pixels at scale 1: of all borders, of the names of facts, and of a button without words."""
LETTER = 5.9
"""The same of a letter, generously."""
PICTURE = 7.0
"""Height of the picture in rows."""
READING = 3.5
"""The same of the picture of another reading."""
NAMES = {"revolution": "Turned", "box": "Box", "carved": "Carved", "organic": "Rounded"}
"""What the panel calls kinds of shapes, where not by their own name."""


def draw_details(layout: bpy.types.UILayout, context: bpy.types.Context, job: Job) -> None:
    """The picture, what to do with it, its variations or other readings, and where it comes from."""
    column = layout.column()
    if icon := runtime().results.icon(job):
        column.template_icon(icon_value=icon, scale=PICTURE)
    _draw_actions(column, job)
    _draw_variations(column, job)
    _draw_readings(column, job)
    if job.message:
        _draw_note(column, context, job, job.message, "ERROR" if job.state is State.FAILED else "INFO")
    for note in job.notes:
        _draw_note(column, context, job, note, "INFO")
    facts = column.column(align=True)
    for name, value in _facts(job):
        _draw_fact(facts, context, name, value)
    if job.model is not None:
        row = _fact_row(facts, context, "Seed")
        row.label(text=str(job.options.seed), translate=False)
        row.operator("sam3d.copy_seed", text="", icon="COPYDOWN", emboss=False).job_id = job.id


def _draw_actions(column: bpy.types.UILayout, job: Job) -> None:
    """What there is to do next in words, and the way to be rid of it."""
    block = column.column(align=True)
    row = block.row(align=True)
    if job.model is not None:
        row.operator("sam3d.import_job", text="Import", icon="IMPORT").job_id = job.id
    if job.state is State.IMPORTED:
        row.operator("sam3d.frame_result", icon="ZOOM_SELECTED").job_id = job.id
    fetches = job.fetchable and (job.model is None or job.state is State.FAILED)
    if fetches or (job.repeatable and job.model is None):
        row.operator("sam3d.retry_job", text="Retry", icon="FILE_REFRESH").job_id = job.id
    row.operator("sam3d.remove_job", text="", icon="X").job_id = job.id
    row = block.row(align=True)
    if job.state is State.IMPORTED:
        row.operator("sam3d.move_to_cursor", icon="PIVOT_CURSOR").job_id = job.id
    draw_asset(row, job)
    if job.group and job.model is not None:
        block.operator("sam3d.import_group", text="Import All of This Photo", icon="IMPORT").group = job.group


def _draw_variations(column: bpy.types.UILayout, job: Job) -> None:
    """Which one it is, and the way to the others in its place."""
    together = runtime().results.page.variations.get(job.id, ())
    if len(together) < 2:
        return
    block = column.column(align=True)
    row = block.row(align=True)
    steps: tuple[tuple[int, IconItems], ...] = ((-1, "TRIA_LEFT"), (1, "TRIA_RIGHT"))
    for step, icon in steps:
        if step == 1:
            label = row.row()
            label.alignment = "CENTER"
            label.label(text=f"Variation {together.index(job.id) + 1} of {len(together)}")
        button = row.operator("sam3d.show_variation", text="", icon=icon)
        button.job_id, button.step = job.id, step
    block.operator("sam3d.keep_variation", icon="CHECKMARK").job_id = job.id


def _draw_readings(column: bpy.types.UILayout, job: Job) -> None:
    """Pictures of the other shapes that a draft's photo may show, each with the button that takes it."""
    results = runtime().results
    if results.page.variations.get(job.id):
        return  # they are such shapes themselves
    readings = results.other_readings(job)
    if not readings:
        return
    block = column.column(align=True)
    block.label(text="Other Readings")
    row = block.row(align=True)
    for reading in readings:
        cell = row.column(align=True)
        cell.template_icon(icon_value=results.picture(reading), scale=READING)
        button = cell.operator("sam3d.show_reading", text=NAMES.get(reading.kind, reading.kind.title()))
        button.job_id, button.kind = job.id, reading.kind


def _draw_note(column: bpy.types.UILayout, context: bpy.types.Context, job: Job, text: str, icon: "IconItems") -> None:
    """One line of it, or all where it is unfolded."""
    if len(text) <= _letters(context, 2 * BUTTON):
        row = column.row(align=True)
        row.label(text=text, icon=icon)
        draw_help(row, text)
        return
    key, width = f"{job.id} {text}", _letters(context, 3 * BUTTON)
    is_open = key in runtime().results.unfolded
    row = column.row(align=True)
    lines = row.column(align=True)
    lines.scale_y = 0.85 if is_open else 1.0
    shown = _wrapped(text, width) if is_open else [_shortened(text, width)]
    for number, line in enumerate(shown):
        lines.label(text=line, icon=icon if number == 0 else "BLANK1")
    fold = row.operator("sam3d.unfold", text="", icon="DOWNARROW_HLT" if is_open else "RIGHTARROW", emboss=False)
    fold.key = key
    draw_help(row, text)


def _facts(job: Job) -> list[tuple[str, str]]:
    """Names and values, without what is empty."""
    service, thumbnail = runtime().queue.services.known.get(job.provider), runtime().results.thumbnail(job)
    faces = f"{thumbnail.faces:,} faces, {_megabytes(thumbnail.size)}" if thumbnail and thumbnail.faces else ""
    took = clock(job.elapsed(job.created)) if job.finished else ""
    facts = [
        ("Photo", job.photo),
        ("Prompt", job.options.prompt),
        ("Service", service.name if service is not None else job.provider),
        ("Model", job.model_name),
        ("Date", time.strftime("%Y-%m-%d %H:%M", time.localtime(job.created))),
        ("Took", ", ".join(filter(None, (took, dollars(job.cost) if job.cost else "free" if job.model else "")))),
        ("File", faces),
    ]
    return [(name, value) for name, value in facts if value]


def _draw_fact(column: bpy.types.UILayout, context: bpy.types.Context, name: str, value: str) -> None:
    lines = _fact_row(column, context, name).column(align=True)
    lines.scale_y = 0.85
    for line in _wrapped(value, _letters(context, LABEL)):
        lines.label(text=line, translate=False)


def _fact_row(column: bpy.types.UILayout, context: bpy.types.Context, name: str) -> bpy.types.UILayout:
    """Room for a value, beside its name."""
    split = column.split(factor=LABEL / max(LABEL * 2, _width(context)), align=True)
    label = split.row()
    label.alignment = "LEFT"
    label.label(text=name)
    return split.row(align=True)


def _width(context: bpy.types.Context) -> float:
    """Pixels at scale 1 between the borders."""
    return region_of(context).width / interface_scale(context) - BORDERS


def _letters(context: bpy.types.Context, taken: float) -> int:
    """How many fit into a line of which so many pixels at scale 1 are taken."""
    return max(12, int((_width(context) - taken) / LETTER))


@lru_cache(maxsize=256)
def _wrapped(text: str, width: int) -> list[str]:
    """Wrapping costs more than drawing."""
    return textwrap.wrap(text, width)


@lru_cache(maxsize=256)
def _shortened(text: str, width: int) -> str:
    """The beginning, in one line."""
    return textwrap.shorten(text, width, placeholder=" …")


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, size // 2**10)} kB"
