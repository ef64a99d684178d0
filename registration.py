# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that Blender gets to know of the extension, and how it is taken back."""

from typing import Final

import bpy

from . import command_line, jobs, log, operators, panels
from .operators import watch
from .overlay import handler as overlay
from .panels import painting
from .preferences import SAM3D_AP_preferences, user_folder
from .properties import SAM3D_PG_mask, SAM3D_PG_painting, SAM3D_PG_point, SAM3D_PG_settings
from .runtime import handlers

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
    """The console's log, classes, the scene's settings, the queue, the handlers, the command."""
    log.start_console(debug=bpy.app.debug)
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.sam3d = bpy.props.PointerProperty(type=SAM3D_PG_settings)
    bpy.types.WorkSpace.sam3d_painting = bpy.props.PointerProperty(type=SAM3D_PG_painting)
    jobs.start(user_folder() / "journal.sqlite3")
    watch.start_watching()
    handlers.register()
    overlay.register()
    painting.register()
    command_line.register()


def unregister() -> None:
    """The mirror image of `register`."""
    command_line.unregister()
    painting.unregister()
    overlay.unregister()
    handlers.unregister()
    watch.stop_watching()
    jobs.stop()
    del bpy.types.WorkSpace.sam3d_painting
    del bpy.types.Scene.sam3d
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    log.stop_console()
