# SPDX-License-Identifier: GPL-3.0-or-later
"""The masks of the photo, and the tools that make and change them."""

from typing import TYPE_CHECKING

import bpy

from ..properties import SAM3D_PG_mask, SAM3D_PG_settings, settings_of
from ..runtime.state import runtime
from ..scene.data import area_of
from .text import sentence

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

ROWS = 3
TOOLS: "tuple[tuple[str, str, IconItems], ...]" = (
    ("BOX", "Box", "SELECT_SET"),
    ("POINTS", "Points", "PIVOT_CURSOR"),
    ("STROKE", "Stroke", "BRUSH_DATA"),
    ("LASSO", "Lasso", "GREASEPENCIL"),
)
COLUMNS = 2


class SAM3D_UL_masks(bpy.types.UIList):
    """A row for each mask: color, name, how it stands, on or off."""

    def draw_item(  # type: ignore[override]  # the list holds masks
        self,
        _context: bpy.types.Context,
        layout: bpy.types.UILayout,
        _data: bpy.types.AnyType,
        item: SAM3D_PG_mask,
        _icon: int,
        _active_data: bpy.types.AnyType,
        _active_property: str,
    ) -> None:
        """Draw one mask."""
        row = layout.row(align=True)
        swatch = row.row()
        swatch.ui_units_x = 0.8
        swatch.prop(item, "color", text="")
        row.separator(factor=0.5)
        name = row.row()
        name.active = item.use
        name.prop(item, "name", text="", emboss=False)
        if runtime().masks.is_at_work(item.drawn):
            row.label(text="", icon="SORTTIME")
        elif runtime().masks.problem(item.drawn) or item.is_empty:
            row.label(text="", icon="ERROR")
        row.prop(item, "use", text="", icon="HIDE_OFF" if item.use else "HIDE_ON", emboss=False)


class SAM3D_MT_masks(bpy.types.Menu):
    """What is done with all masks"""

    bl_label = "Masks"
    layout: bpy.types.UILayout

    def draw(self, _context: bpy.types.Context) -> None:
        """On, off, away."""
        layout = self.layout
        layout.operator("sam3d.switch_masks", text="Use All", icon="HIDE_OFF").to = "ON"
        layout.operator("sam3d.switch_masks", text="Use None", icon="HIDE_ON").to = "OFF"
        layout.operator("sam3d.switch_masks", text="Invert").to = "INVERT"
        layout.separator()
        layout.operator("sam3d.clear_masks", text="Remove All", icon="X")


def draw_masks(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """A foldable section that tells in its header what is used."""
    settings = settings_of(context)
    header, body = layout.panel("sam3d_masks")
    used = len(settings.used_masks())
    header.label(text=f"Masks ({used} of {len(settings.masks)})" if settings.masks else "Masks")
    if body is None:
        return
    active = settings.masks[settings.active_mask] if 0 <= settings.active_mask < len(settings.masks) else None
    if settings.masks:
        _draw_list(body, settings)
    else:
        note = body.row()
        note.active = False
        note.label(text="None: the whole photo is one subject")
    if active is not None and (problem := runtime().masks.problem(active.drawn)):
        sentence(body, context, problem, "ERROR")
    if settings.source == "IMAGE":
        if area_of(context).type == "IMAGE_EDITOR":
            _draw_tools(body, context, "New", new=True)
            if active is not None:
                _draw_tools(body, context, f"Refine {active.name}", new=False)
        else:
            body.operator("sam3d.choose_in_editor", icon="IMAGE")
    if active is not None:
        _draw_active(body, settings, active)


def _draw_list(body: bpy.types.UILayout, settings: SAM3D_PG_settings) -> None:
    row = body.row()
    several = len(settings.masks) > 1
    rows = ROWS + 2 if several else ROWS
    row.template_list("SAM3D_UL_masks", "", settings, "masks", settings, "active_mask", rows=rows, maxrows=8)
    column = row.column()
    buttons = column.column(align=True)
    buttons.operator("sam3d.add_mask", icon="ADD", text="")
    buttons.operator("sam3d.remove_mask", icon="REMOVE", text="")
    column.menu("SAM3D_MT_masks", icon="DOWNARROW_HLT", text="")
    if several:
        buttons = column.column(align=True)
        buttons.operator("sam3d.move_mask", icon="TRIA_UP", text="").direction = "UP"
        buttons.operator("sam3d.move_mask", icon="TRIA_DOWN", text="").direction = "DOWN"


def _draw_tools(body: bpy.types.UILayout, context: bpy.types.Context, title: str, *, new: bool) -> None:
    """The tools in a grid, the one in hand pressed."""
    assert context.window is not None
    in_hand = [
        (one.properties.tool, one.properties.new)
        for one in context.window.modal_operators
        if one.bl_idname == "SAM3D_OT_draw_mask"
    ]
    column = body.column(align=True)
    column.label(text=title)
    grid = column.grid_flow(row_major=True, columns=COLUMNS, even_columns=True, align=True)
    for tool, text, icon in TOOLS:
        button = grid.operator("sam3d.draw_mask", text=text, icon=icon, depress=(tool, new) in in_hand)
        button.tool, button.new = tool, new
    column.operator("sam3d.paint_mask", text="Paint", icon="TPAINT_HLT").new = new


def _draw_active(body: bpy.types.UILayout, settings: SAM3D_PG_settings, mask: SAM3D_PG_mask) -> None:
    """What the active mask is, and its image."""
    column = body.column(align=True)
    if settings.capabilities and settings.capabilities.prompt:
        column.prop(mask, "prompt", text="", icon="TEXT", placeholder="What is it? (in a few words)")
    row = column.row(align=True)
    row.template_ID(mask, "image", open="image.open")
    if mask.has_prompts:
        row.operator("sam3d.update_mask", text="", icon="FILE_REFRESH").index = settings.active_mask
