# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that Blender gets to know of the extension, and how it is taken back."""

from typing import Final

import bpy

from . import command_line, operators, panels
from .overlay import handler as overlay
from .panels import painting
from .preferences import SAM3D_AP_preferences, Session, user_folder
from .properties import SAM3D_PG_mask, SAM3D_PG_painting, SAM3D_PG_point, SAM3D_PG_settings
from .runtime import handlers, pump, state

CLASSES: Final[tuple[type, ...]] = (
    SAM3D_AP_preferences,
    SAM3D_PG_point,
    SAM3D_PG_mask,
    SAM3D_PG_painting,
    SAM3D_PG_settings,
    *operators.CLASSES,
    *panels.CLASSES,
)


def register() -> None:
    """Classes, the scene's settings, what this Blender has in hand, the handlers, what is drawn, the command."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.sam3d = bpy.props.PointerProperty(type=SAM3D_PG_settings)
    bpy.types.WorkSpace.sam3d_painting = bpy.props.PointerProperty(type=SAM3D_PG_painting)
    runtime = state.register(user_folder() / "journal.sqlite3", Session(on_change=pump.use_preferences))
    SAM3D_AP_preferences.session = runtime.preferences
    handlers.register()
    runtime.draw_handle = overlay.register()
    painting.register()
    runtime.command = command_line.register()


def unregister() -> None:
    """The mirror image of `register`."""
    runtime = state.runtime()
    command_line.unregister(runtime.command)
    painting.unregister()
    overlay.unregister(runtime.draw_handle)
    handlers.unregister()
    SAM3D_AP_preferences.session = None
    state.unregister()
    del bpy.types.WorkSpace.sam3d_painting
    del bpy.types.Scene.sam3d
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
