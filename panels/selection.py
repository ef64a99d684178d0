# SPDX-License-Identifier: GPL-3.0-or-later
"""What selects: the offer of the model, its way here, how far its look at the photo is; and what a mask may be else."""

import bpy

from ..mask_properties import SAM3D_PG_mask
from ..runtime import selection_model
from ..runtime.mask_sync import candidates_of
from ..runtime.state import runtime
from .help import draw_help
from .text import rows_high, sentence

ROOM = 26.0
"""Rows of a sidebar that is not a low one."""
UNSURE = "Not sure that this is meant: draw a box around it, or Shift-click on more of it."


def has_room(context: bpy.types.Context) -> bool:
    """Whether the main button stays in view beside what could be told in fewer words."""
    return rows_high(context) >= ROOM


def draw_model(body: bpy.types.UILayout, context: bpy.types.Context, *, offers: bool) -> None:
    """The model's download while it runs, why it failed, and where it `offers` one, the offer."""
    model = runtime().selection_model
    if model.busy:
        row = body.row(align=True)
        row.progress(factor=model.fraction, text=f"Downloading {model.fraction:.0%} of {model.wanted.megabytes} MB")
        row.operator("sam3d.cancel_download", text="", icon="X")
        return
    if model.problem:
        sentence(body, context, model.problem, "ERROR", explained=True)
    if (offers and selection_model.is_offered(context)) or model.problem:
        row = body.row(align=True)
        text = f"Better Masks: Download {model.wanted.megabytes} MB"
        row.operator("sam3d.download_model", text=text, icon="IMPORT")
        row.operator("sam3d.decline_model", text="", icon="X")


def draw_looking(body: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """How far the model's look at the photo is, or why it does not serve."""
    masks = runtime().masks
    if (fraction := masks.looking) is not None:
        body.progress(factor=fraction, text=f"Looking at the photo {fraction:.0%}")
    elif masks.problem_of_model:
        sentence(body, context, masks.problem_of_model, "ERROR", explained=True)


def draw_everything(body: bpy.types.UILayout) -> None:
    """How far the search for all objects is, or how many there are to take."""
    sought = runtime().everything
    if sought is None:
        return
    row = body.row(align=True)
    if sought.proposals is not None:
        row.label(text=f"Click: {len(sought.keys)} found", icon="RESTRICT_SELECT_OFF")
        row.operator("sam3d.end_everything", text="Done")
        return
    row.progress(factor=sought.fraction, text=f"Looking for everything {sought.fraction:.0%}")
    row.operator("sam3d.end_everything", text="", icon="X")


def draw_candidates(body: bpy.types.UILayout, context: bpy.types.Context, mask: SAM3D_PG_mask) -> None:
    """What else the active mask may be, and whether that is needed."""
    made = candidates_of(mask)
    if made is None:
        return
    if (count := len(made.candidates)) > 1:
        row = body.row(align=True)
        row.operator("sam3d.choose_candidate", text="", icon="TRIA_LEFT").step = -1
        row.operator("sam3d.choose_candidate", text=f"{made.chosen + 1} of {count}").step = 1
        row.operator("sam3d.choose_candidate", text="", icon="TRIA_RIGHT").step = 1
    if not made.is_unsure or made.is_first:
        return
    if has_room(context):
        sentence(body, context, UNSURE, "QUESTION", explained=True)
        row = body.row()
    else:
        row = body.row(align=True)
        row.label(text="Not sure", icon="QUESTION")
    if isinstance(context.space_data, bpy.types.SpaceImageEditor):
        box = row.operator("sam3d.choose_tool", text="Draw a Box", icon="SELECT_SET")
        box.tool, box.change = "BOX", True
    if not has_room(context):
        draw_help(row, UNSURE)
