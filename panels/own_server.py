# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the artist's own server is there and what it makes, before anything is sent to it."""

from typing import TYPE_CHECKING

import bpy

from ..properties import settings_of
from ..runtime import own_server
from ..runtime.state import runtime
from .text import sentence

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems


def draw_own_server(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What it has told last; where it is not there, what helps."""
    own_server.follow()
    server = runtime().own_server
    icon: IconItems = "ERROR" if server.problem else "CHECKMARK" if server.account else "SORTTIME"
    sentence(layout, context, server.words(settings_of(context).kind), icon)
    if server.problem:
        row = layout.row(align=True)
        row.operator("sam3d.help", text="How to Get One", icon="QUESTION").page = "server.html"
        row.operator("sam3d.open_preferences", text="Address", icon="PREFERENCES")
