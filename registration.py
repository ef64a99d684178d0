# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that Blender gets to know of the extension, and how it is taken back."""

import inspect
from pathlib import Path
from typing import Final

import bpy

from . import command_line, log, operators, panels
from .mask_properties import SAM3D_PG_mask, SAM3D_PG_point, SAM3D_PG_view
from .match_properties import SAM3D_PG_guide, SAM3D_PG_match
from .operators import keymap, toolbar
from .overlay import handler as overlay
from .panels import menus, painting, status_bar
from .preferences import default_results_folder, user_folder
from .properties import SAM3D_PG_drawing, SAM3D_PG_painting, SAM3D_PG_settings
from .runtime import handlers, manual_map, state
from .runtime.addon_preferences import SAM3D_AP_preferences
from .runtime.result_settings import SAM3D_PG_results

CLASSES: Final[tuple[type, ...]] = (
    SAM3D_AP_preferences,
    SAM3D_PG_point,
    SAM3D_PG_mask,
    SAM3D_PG_view,
    SAM3D_PG_painting,
    SAM3D_PG_drawing,
    SAM3D_PG_guide,
    SAM3D_PG_match,
    SAM3D_PG_settings,
    SAM3D_PG_results,
    *operators.CLASSES,
    *panels.CLASSES,
)

PRESETS: Final = str(Path(__file__).resolve().parent)
"""The folder that has presets of ours, beside the artist's own."""
POINTERS: Final[tuple[tuple[type[bpy.types.ID], str, type[bpy.types.PropertyGroup]], ...]] = (
    (bpy.types.Scene, "sam3d", SAM3D_PG_settings),
    (bpy.types.WorkSpace, "sam3d_painting", SAM3D_PG_painting),
    (bpy.types.WindowManager, "sam3d_drawing", SAM3D_PG_drawing),
    (bpy.types.WindowManager, "sam3d_results", SAM3D_PG_results),
)


def register() -> None:
    """The console's log, classes, the scene's settings, what this Blender has in hand, the handlers, the command."""
    log.start_console(debug=bpy.app.debug)
    for cls in CLASSES:
        _unwrap_properties(cls)
        bpy.utils.register_class(cls)
    for owner, name, group in POINTERS:
        setattr(owner, name, bpy.props.PointerProperty(type=group))  # type: ignore[func-returns-value]  # it does
    runtime = state.register(user_folder() / "journal.sqlite3", default_results_folder().with_name("receipts"))
    handlers.register()
    runtime.draw_handle = overlay.register()
    painting.register()
    status_bar.register()
    toolbar.register()
    menus.register()
    manual_map.register()
    bpy.utils.register_preset_path(PRESETS)
    runtime.keymap_entries = keymap.register()
    runtime.command = command_line.register()


def unregister() -> None:
    """The mirror image of `register`."""
    runtime = state.runtime()
    command_line.unregister(runtime.command)
    keymap.unregister(runtime.keymap_entries)
    bpy.utils.unregister_preset_path(PRESETS)
    manual_map.unregister()
    menus.unregister()
    toolbar.unregister()
    status_bar.unregister()
    painting.unregister()
    overlay.unregister(runtime.draw_handle)
    handlers.unregister()
    state.unregister()
    for owner, name, _ in reversed(POINTERS):
        delattr(owner, name)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    log.stop_console()


def _unwrap_properties(cls: type) -> None:
    """Takes Blender's properties out of annotations such as `Annotated[float, FloatProperty()]`.

    Blender wants a property to be the annotation itself, which would tell nobody the type of its values.
    """
    for base in cls.__mro__:
        if annotations := inspect.get_annotations(base):
            base.__annotations__ = {name: _property(annotation) for name, annotation in annotations.items()}


def _property(annotation: object) -> object:
    """What Blender wants as an annotation."""
    return getattr(annotation, "__metadata__", (annotation,))[0]
