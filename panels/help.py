# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to the guide, from the panel's header and from whatever went wrong."""

import bpy

from .presets import SAM3D_PT_presets


def draw_header(layout: bpy.types.UILayout) -> None:
    """The presets and the guide, at the right end of the panel's header."""
    SAM3D_PT_presets.draw_panel_header(layout)
    layout.operator("sam3d.help", text="", icon="QUESTION", emboss=False)


def draw_help(layout: bpy.types.UILayout, message: str) -> None:
    """A button that shows what a message means and what to do."""
    layout.operator("sam3d.explain", text="", icon="QUESTION", emboss=False).message = message
