# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of results: as a list with what became of each, or as a gallery of pictures."""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import bpy

from ..jobs.durations import clock
from ..jobs.model import Job, State
from ..runtime.state import runtime
from ..scene.data import interface_scale, region_of
from .result_details import draw_details
from .text import dollars

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

ICONS: "dict[State, IconItems]" = {
    State.READY: "PACKAGE",
    State.IMPORTED: "CHECKMARK",
    State.FAILED: "ERROR",
    State.CANCELLED: "CANCEL",
}
"""How a job stands, and in place of its picture where there is none."""
UNIT = 20.0
"""Pixels of a row of the interface at scale 1."""
BORDER = 40.0
"""What the panel's borders take of a region's width, in pixels at scale 1."""
PICTURE = 2.0
"""Size of a picture in the list, in rows."""
CELL = 76.0
"""The least width of a picture in the gallery, in pixels at scale 1."""
COLUMNS = (6, 4, 3, 2)
"""Of the gallery, where there is room: a page has whole rows of each."""


def draw_list(layout: bpy.types.UILayout, context: bpy.types.Context, jobs: Sequence[Job], active: str) -> None:
    """Two lines for each, and all that is known of the active one."""
    column = layout.column(align=True)
    today = time.localtime()[:3]
    for job in jobs:
        box = column.box()
        row = box.row(align=True)
        picture = row.row()
        picture.ui_units_x = PICTURE
        _draw_picture(picture, job, PICTURE)
        lines = row.column(align=True)
        _draw_first_line(lines.row(align=True), job)
        lines.label(text=facts(job, today))
        if job.id == active:
            draw_details(box, context, job)


def draw_gallery(layout: bpy.types.UILayout, context: bpy.types.Context, jobs: Sequence[Job], active: str) -> None:
    """As many pictures beside one another as there is room for; below the active one's row all that is known of it."""
    width = region_of(context).width / interface_scale(context) - BORDER
    columns = next((count for count in COLUMNS if width / count >= CELL), 1)
    scale = width / columns / UNIT - 0.5
    column = layout.column(align=True)
    for start in range(0, len(jobs), columns):
        grid = column.grid_flow(row_major=True, columns=columns, even_columns=True, even_rows=True, align=True)
        together = jobs[start : start + columns]
        for job in together:
            cell = grid.column(align=True)
            _draw_picture(cell, job, scale)
            button = cell.operator("sam3d.select_result", text=_title(job), depress=job.id == active, translate=False)
            button.job_id = job.id
        for _ in range(columns - len(together)):
            grid.column().label()
        for job in together:
            if job.id == active:
                draw_details(column.box(), context, job)


def _draw_picture(layout: bpy.types.UILayout, job: Job, scale: float) -> None:
    """The thumbnail, or in its place how the job stands."""
    icon = runtime().results.icon(job) or _icon_number(ICONS.get(job.state, "NONE"))
    layout.template_icon(icon_value=icon, scale=scale)


def _draw_first_line(line: bpy.types.UILayout, job: Job) -> None:
    """The name, which opens and closes what is known of it, and what it cost.

    How the job stands is told once: here, or in place of its picture.
    """
    icon = ICONS.get(job.state, "NONE") if runtime().results.icon(job) else "NONE"
    name = line.row()
    name.alignment = "LEFT"
    button = name.operator("sam3d.select_result", text=_title(job), icon=icon, emboss=False, translate=False)
    button.job_id = job.id
    right = line.row(align=True)
    right.alignment = "RIGHT"
    if job.cost:
        right.label(text=dollars(job.cost))
    if job.model is not None:
        right.operator("sam3d.import_job", text="", icon="IMPORT", emboss=False).job_id = job.id


def _title(job: Job) -> str:
    """The name, with its number where it is one of several variations."""
    together = runtime().results.page.variations.get(job.id, ())
    name = job.destination.name
    return f"{name}, {together.index(job.id) + 1} of {len(together)}" if together else name


@lru_cache(maxsize=64)
def _icon_number(name: str) -> int:
    """Blender's number of an icon."""
    return int(bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items[name].value)  # type: ignore[attr-defined]


def facts(job: Job, today: tuple[int, ...]) -> str:
    """When and where it was made, and how long that took."""
    service = runtime().queue.services.known.get(job.provider)
    name = service.name if service is not None else job.provider
    return _facts(job.created, job.finished, name, today)


@lru_cache(maxsize=512)
def _facts(created: float, finished: float | None, service: str, today: tuple[int, ...]) -> str:
    """A day as short as it is clear, the service, the seconds."""
    then = time.localtime(created)
    day = f"{then.tm_mday} {time.strftime('%b', then)}{'' if then.tm_year == today[0] else f' {then.tm_year}'}"
    parts = ("Today" if then[:3] == today else day, service, clock(max(0.0, finished - created)) if finished else "")
    return ", ".join(filter(None, parts))
