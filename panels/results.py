# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel with all jobs and what has become of them, drawn in two editors."""

from typing import TYPE_CHECKING

import bpy

from ..runtime.pump import follow_soon
from ..runtime.result_settings import SAM3D_PG_results, results_of
from ..runtime.state import runtime
from .jobs_at_work import draw_at_work
from .result_rows import draw_gallery, draw_list
from .text import sentence

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems, RegionTypeItems

TURNS: "tuple[tuple[str, IconItems], ...]" = (
    ("FIRST", "REW"),
    ("PREVIOUS", "TRIA_LEFT"),
    ("NEXT", "TRIA_RIGHT"),
    ("LAST", "FF"),
)


class _ResultsPanel:
    bl_label = "Results"
    bl_category = "SAM 3D"
    bl_region_type: "RegionTypeItems" = "UI"
    bl_order = 20
    layout: bpy.types.UILayout

    def draw(self, context: bpy.types.Context) -> None:
        """Those at work first, then a page of all others."""
        layout, settings, results = self.layout, results_of(context), runtime().results
        if runtime().queue.trouble:
            sentence(layout, context, runtime().queue.trouble, "ERROR", explained=True)
        draw_at_work(layout, context)
        page = results.look(settings.query)
        if results.busy:
            follow_soon(0.0)
        if not page.total and not settings.is_filtered:
            if results.is_known and not runtime().queue.at_work():
                _note(layout, "Nothing here yet")
            return
        _draw_search(layout, settings)
        jobs = results.jobs
        draw = draw_list if settings.view == "LIST" else draw_gallery
        draw(layout, context, jobs, results.active(settings.active))
        if not page.total:
            _note(layout, "Nothing found")
        if page.total > settings.count:
            _draw_pages(layout, page.first, len(page.jobs), page.total)
        row = layout.row()
        row.operator("sam3d.open_results", icon="FILE_FOLDER", text="Results Folder")
        row.operator("sam3d.clear_jobs", icon="TRASH", text="Clear List")


class SAM3D_PT_results_view3d(_ResultsPanel, bpy.types.Panel):
    """What has become of the photos"""

    bl_space_type = "VIEW_3D"


class SAM3D_PT_results_image_editor(_ResultsPanel, bpy.types.Panel):
    """What has become of the photos"""

    bl_space_type = "IMAGE_EDITOR"


def _draw_search(layout: bpy.types.UILayout, settings: SAM3D_PG_results) -> None:
    column = layout.column(align=True)
    row = column.row(align=True)
    row.prop(settings, "text", text="", icon="VIEWZOOM", placeholder="Search")
    row.prop(settings, "show_filters", text="", icon="FILTER")
    row.separator()
    row.prop(settings, "view", text="", expand=True)
    if settings.show_filters:
        column.prop(settings, "photo", text="", icon="IMAGE_DATA", placeholder="All Photos")
        row = column.row(align=True)
        row.prop(settings, "provider", text="")
        row.prop(settings, "state", text="")


def _draw_pages(layout: bpy.types.UILayout, first: int, count: int, total: int) -> None:
    """Which part of the list is shown, between the ways to others."""
    row = layout.row(align=True)
    for to, icon in TURNS:
        if to == "NEXT":
            label = row.row()
            label.alignment = "CENTER"
            label.label(text=f"{first + 1:,}\N{EN DASH}{first + count:,} of {total:,}")
        button = row.row(align=True)
        button.enabled = first > 0 if to in ("FIRST", "PREVIOUS") else first + count < total
        button.operator("sam3d.turn_page", text="", icon=icon).to = to


def _note(layout: bpy.types.UILayout, text: str) -> None:
    row = layout.row()
    row.alignment = "CENTER"
    row.label(text=text)
