# SPDX-License-Identifier: GPL-3.0-or-later
"""The other photos of the photo's subject."""

from typing import TYPE_CHECKING

import bpy

from ..mask_properties import SAM3D_PG_mask
from ..properties import SAM3D_PG_settings, settings_of
from ..runtime.state import runtime
from .text import characters, sentence

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

NOT_SENT = "This service takes one photo: the added ones are not sent."
MARGIN = 8
"""Characters of a row that its buttons and the thumbnail take."""


def rows_of_views(settings: SAM3D_PG_settings) -> float:
    """How many rows of the panel they take."""
    return len(settings.views) + 1.0 if settings.sends_views else 0.0


def draw_views(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """A row for each, and the way to a further one where the service takes it."""
    settings = settings_of(context)
    views = settings.views
    if not settings.sends_views:
        if views:
            sentence(column, context, NOT_SENT, "INFO")
        return
    shown = settings.view_in(context.space_data)
    room = characters(context) - MARGIN
    for number, view in enumerate(views, 2):
        assert view.image is not None
        row = column.row(align=True)
        text, icon = f"{number}: {view.image.name}"[:room], column.icon(view.image)
        row.operator("sam3d.show_view", text=text, icon_value=icon, depress=view == shown).number = number
        row.label(text="", icon=_state(view.mask))
        row.operator("sam3d.remove_view", text="", icon="X").number = number
    if shown is not None:
        column.operator("sam3d.show_view", text="Back to Photo 1", icon="BACK").number = 1
    elif len(views) < settings.most_views:
        column.operator("sam3d.add_view", icon="ADD")


def _state(mask: SAM3D_PG_mask) -> "IconItems":
    """How a mask stands."""
    if runtime().masks.is_at_work(mask.drawn):
        return "SORTTIME"
    return "ERROR" if runtime().masks.problem(mask.drawn) or mask.is_empty else "CHECKMARK"
