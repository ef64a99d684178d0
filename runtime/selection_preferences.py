# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the add-on's preferences that chooses what selects."""

import bpy

from . import selection_model
from .state import is_enabled, runtime


def draw_selection(
    column: bpy.types.UILayout, context: bpy.types.Context, preferences: bpy.types.AddonPreferences
) -> None:
    """Which selection, where there is a choice; else the ways to the model that makes it one."""
    heading = column.row()
    heading.label(text="Selection")
    guide = heading.operator("sam3d.help", text="", icon="QUESTION", emboss=False)
    guide.page, guide.anchor = "choosing.html", "better-selections"
    if not is_enabled():
        return
    model = runtime().selection_model
    megabytes = model.wanted.megabytes
    if model.busy:
        row = column.row(align=True)
        row.progress(factor=model.fraction, text=f"Downloading {model.fraction:.0%} of {megabytes} MB")
        row.operator("sam3d.cancel_download", text="", icon="X")
    elif model.is_here:
        row = column.row(align=True)
        row.prop(preferences, "selection", text="Masks by")
        row.operator("sam3d.remove_model", text="", icon="TRASH")
    else:
        row = column.row(align=True, heading="Segment Anything")
        row.operator("sam3d.download_model", text=f"Download {megabytes} MB", icon="IMPORT")
        row.operator("sam3d.open_model", text="Choose File", icon="FILE_FOLDER")
    told = model.problem or ("" if model.is_here else selection_model.obstacle(context))
    if told:
        column.label(text=told, icon="ERROR" if model.problem else "INFO")
    column.label(text="MobileSAM, under the Apache License 2.0, from its authors' repository", icon="BLANK1")
