# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at work, in Blender's status bar."""

import bpy

from ..runtime.state import runtime

WIDTH = 9.0
"""In units of the interface: room for the words in the bar."""


def _draw(header: bpy.types.Header, _context: bpy.types.Context) -> None:
    """What the timer has put together: the bar is drawn often."""
    progress = runtime().progress
    if progress is None:
        return
    assert header.layout is not None
    row = header.layout.row()
    row.ui_units_x = WIDTH
    row.progress(factor=progress.fraction, text=progress.words)


def register() -> None:
    """Add it at the end of the bar."""
    bpy.types.STATUSBAR_HT_header.append(_draw)


def unregister() -> None:
    """Take it away."""
    bpy.types.STATUSBAR_HT_header.remove(_draw)
