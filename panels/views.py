# SPDX-License-Identifier: GPL-3.0-or-later
"""The other photos of the photo's subject."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import bpy

from ..mask_properties import SAM3D_PG_mask, SAM3D_PG_view
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
    rows = len(settings.views) + 1.0 if settings.views or _takes_more(settings) else 0.0
    return rows if settings.sends_views else 0.0


def _takes_more(settings: SAM3D_PG_settings) -> bool:
    """Whether another photo may serve: several show one thing, so that several masks leave no room for that."""
    views = settings.views
    return len(views) < settings.most_views and (bool(views) or settings.subject_count == 1)


def draw_views(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """A row for each, and the way to a further one where the service takes it."""
    settings = settings_of(context)
    views, shown = settings.views, settings.view_in(context.space_data)
    if settings.sends_views:
        _draw_rows(column, context, views, shown)
    elif views:
        sentence(column, context, NOT_SENT, "INFO", explained=True)
    if shown is not None:
        column.operator("sam3d.show_view", text="Back to Photo 1", icon="BACK").number = 1
    elif _takes_more(settings):
        column.operator("sam3d.add_view", icon="ADD")


def _draw_rows(
    column: bpy.types.UILayout,
    context: bpy.types.Context,
    views: Sequence[SAM3D_PG_view],
    shown: SAM3D_PG_view | None,
) -> None:
    """Each with its picture, how its mask stands, and a cross; a click shows it."""
    room = characters(context) - MARGIN
    for number, view in enumerate(views, 2):
        assert view.image is not None
        row = column.row(align=True)
        text, icon = f"{number}: {view.image.name}"[:room], column.icon(view.image)
        row.operator("sam3d.show_view", text=text, icon_value=icon, depress=view == shown).number = number
        row.label(text="", icon=_state(view.mask))
        row.operator("sam3d.remove_view", text="", icon="X").number = number


def _state(mask: SAM3D_PG_mask) -> "IconItems":
    """How a mask stands."""
    if runtime().masks.is_at_work(mask.drawn):
        return "SORTTIME"
    return "ERROR" if runtime().masks.problem(mask.drawn) or mask.is_empty else "CHECKMARK"
