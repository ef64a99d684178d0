# SPDX-License-Identifier: GPL-3.0-or-later
"""The masks of the photo, and the tools that make and change them."""

from typing import TYPE_CHECKING

import bpy

from ..mask_properties import SAM3D_PG_mask, SAM3D_PG_view
from ..properties import SAM3D_PG_settings, drawing_of, settings_of
from ..runtime.state import runtime
from ..scene.data import window_manager_of, workspace_of
from .question import is_asked
from .selection import draw_candidates, draw_everything, draw_looking, draw_model, has_room
from .text import characters, sentence

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

ROWS, MOST_ROWS, LONG_LIST = 3, 6, 3
"""Rows of the list, of a list of many, and masks from which on they are many."""
TOOLS: "tuple[tuple[str, str, IconItems], ...]" = (
    ("BOX", "Box", "SELECT_SET"),
    ("POINTS", "Points", "PIVOT_CURSOR"),
    ("STROKE", "Stroke", "BRUSH_DATA"),
    ("LASSO", "Lasso", "GREASEPENCIL"),
)
COLUMNS, WIDE = 3, 30
"""Of the tools, in a sidebar that has room for so many characters; there are two in a narrower one."""


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
        """On, off, up, down, away."""
        layout = self.layout
        layout.operator("sam3d.switch_masks", text="Use All", icon="HIDE_OFF").to = "ON"
        layout.operator("sam3d.switch_masks", text="Use None", icon="HIDE_ON").to = "OFF"
        layout.operator("sam3d.switch_masks", text="Invert").to = "INVERT"
        layout.separator()
        layout.operator("sam3d.move_mask", text="Move Up", icon="TRIA_UP").direction = "UP"
        layout.operator("sam3d.move_mask", text="Move Down", icon="TRIA_DOWN").direction = "DOWN"
        layout.separator()
        layout.operator("sam3d.clear_masks", text="Remove All", icon="X")


def draw_masks(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """A foldable section that tells in its header what is used."""
    settings = settings_of(context)
    view = settings.view_in(context.space_data)
    header, body = layout.panel("sam3d_masks")
    header.label(text=_title(settings, view))
    if body is None:
        return
    if view is not None:
        _draw_mask_of_view(body, context, view)
        return
    active = settings.active
    if settings.source == "IMAGE" and settings.image is not None:
        _draw_drawing(body, context, settings)
        is_here = isinstance(context.space_data, bpy.types.SpaceImageEditor)  # where masks are drawn
        draw_model(body, context, offers=is_here and (has_room(context) or not settings.masks))
        draw_looking(body, context)
    if settings.masks:
        _draw_list(body, settings)
    elif not is_asked(settings):
        body.label(text="None: the whole photo is one subject")
    if active is not None:
        if problem := runtime().masks.problem(active.drawn):
            sentence(body, context, problem, "ERROR", explained=True)
        draw_candidates(body, context, active)
        _draw_active(body, settings, active)


def _title(settings: SAM3D_PG_settings, view: SAM3D_PG_view | None) -> str:
    """What is used; over an added photo, of which one the mask is."""
    if view is not None:
        return f"Mask (Photo {settings.views.index(view) + 2})"
    used = len(settings.used_masks())
    return f"Masks ({used} of {len(settings.masks)})" if settings.masks else "Masks"


def _draw_mask_of_view(body: bpy.types.UILayout, context: bpy.types.Context, view: SAM3D_PG_view) -> None:
    """The one mask of an added photo: the tools, and what became of the drawing."""
    _draw_drawing(body, context, settings_of(context))
    draw_looking(body, context)
    mask = view.mask
    if problem := runtime().masks.problem(mask.drawn):
        sentence(body, context, problem, "ERROR", explained=True)
    elif mask.is_empty:
        sentence(body, context, "Draw a box around the same thing, or click on it.", "INFO")
    draw_candidates(body, context, mask)
    body.template_ID(mask, "image", open="image.open")


def draw_target(row: bpy.types.UILayout, context: bpy.types.Context, *, room: int) -> None:
    """What the next gesture makes: a further mask, or a change of the active one, which is named where there is room
    for so many characters.
    """
    drawing, active = drawing_of(window_manager_of(context)), settings_of(context).active
    row.prop_enum(drawing, "target", "NEW")
    change = row.row(align=True)
    change.enabled = active is not None
    named = f"Change {active.name}" if active is not None else "Change Mask"
    change.prop_enum(drawing, "target", "ACTIVE", text=named if len(named) <= room else "Change")


def _draw_drawing(body: bpy.types.UILayout, context: bpy.types.Context, settings: SAM3D_PG_settings) -> None:
    """The way to the tools, or where they are, the tools; while a mask is painted, the way out."""
    space = context.space_data
    if not isinstance(space, bpy.types.SpaceImageEditor):
        body.operator("sam3d.choose_in_editor", icon="IMAGE")
        return
    painted = settings.painted_mask(space)
    if painted is not None:
        row = body.row()
        row.scale_y = 1.5
        named = f"Done with {painted.name}"
        text = named if len(named) <= characters(context) else "Done"
        row.operator("sam3d.finish_painting", text=text, icon="CHECKMARK")
    elif settings.photo_in(space) is None:
        body.operator("sam3d.choose_in_editor", text="Show Photo", icon="IMAGE_DATA")
    else:
        _draw_tools(body, context, settings)


def _draw_tools(body: bpy.types.UILayout, context: bpy.types.Context, settings: SAM3D_PG_settings) -> None:
    """The tools, the one in hand pressed."""
    column = body.column(align=True)
    is_first = settings.view_in(context.space_data) is None  # an added photo has one mask
    if settings.masks and is_first:
        draw_target(column.row(align=True), context, room=characters(context) // 2)
    in_hand = workspace_of(context).tools.from_space_image_mode("VIEW")
    columns = COLUMNS if characters(context) >= WIDE else 2
    grid = column.grid_flow(row_major=True, columns=columns, even_columns=True, align=True)
    for tool, text, icon in TOOLS:
        depress = in_hand is not None and in_hand.idname == f"sam3d.{tool.lower()}"
        grid.operator("sam3d.choose_tool", text=text, icon=icon, depress=depress).tool = tool
    is_new = not settings.masks or drawing_of(window_manager_of(context)).target == "NEW"
    grid.operator("sam3d.paint_mask", text="Paint", icon="TPAINT_HLT").new = is_new
    if is_first:
        grid.operator("sam3d.find_everything", text="Everything")
        draw_everything(body)


def _draw_list(body: bpy.types.UILayout, settings: SAM3D_PG_settings) -> None:
    row = body.row()
    many = len(settings.masks) > LONG_LIST
    rows = ROWS + 2 if many else ROWS
    row.template_list("SAM3D_UL_masks", "", settings, "masks", settings, "active_mask", rows=rows, maxrows=MOST_ROWS)
    column = row.column()
    buttons = column.column(align=True)
    buttons.operator("sam3d.add_mask", icon="ADD", text="")
    buttons.operator("sam3d.remove_mask", icon="REMOVE", text="")
    buttons.menu("SAM3D_MT_masks", icon="DOWNARROW_HLT", text="")
    if many:
        buttons = column.column(align=True)
        buttons.operator("sam3d.move_mask", icon="TRIA_UP", text="").direction = "UP"
        buttons.operator("sam3d.move_mask", icon="TRIA_DOWN", text="").direction = "DOWN"


def _draw_active(body: bpy.types.UILayout, settings: SAM3D_PG_settings, mask: SAM3D_PG_mask) -> None:
    """What the active mask is, which names it, and its image."""
    column = body.column(align=True)
    column.prop(mask, "prompt", text="", icon="TEXT", placeholder="What is it? (in a few words)")
    row = column.row(align=True)
    row.template_ID(mask, "image", open="image.open")
    if mask.has_prompts:
        row.operator("sam3d.update_mask", text="", icon="FILE_REFRESH").index = settings.active_mask
