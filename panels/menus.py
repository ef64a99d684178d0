# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries in Blender's own menus, where artists look, and where its menu search finds them by their words."""

from collections.abc import Callable
from typing import Any, Final

import bpy

from ..scene.data import image_editor_of
from ..scene.result_objects import active_job

RECONSTRUCT: Final = "Reconstruct Photo as 3D Objects"
ICON: Final = "MOD_REMESH"


def _draw_add(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    _draw_open(menu, f"{RECONSTRUCT}...")


def _draw_import(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    _draw_open(menu, "Photo to 3D Objects (SAM 3D)")


def _draw_open(menu: bpy.types.Menu, text: str) -> None:
    assert menu.layout is not None
    menu.layout.operator_context = "INVOKE_DEFAULT"
    menu.layout.operator("sam3d.open_photo", text=text, icon=ICON).show_panel = True


def _draw_image(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    if menu.layout is not None and image_editor_of(context).image is not None:
        menu.layout.separator()
        menu.layout.operator_context = "INVOKE_DEFAULT"
        menu.layout.operator("sam3d.use_editor_image", text=RECONSTRUCT, icon=ICON)


def _draw_object(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """For a reference image: an empty that shows one."""
    obj = context.active_object
    if menu.layout is None or obj is None or not isinstance(obj.data, bpy.types.Image):
        return
    menu.layout.operator_context = "INVOKE_DEFAULT"
    menu.layout.operator("sam3d.use_reference", text=RECONSTRUCT, icon=ICON).image = obj.data.name
    menu.layout.separator()


def _draw_asset(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """For results that are selected."""
    if menu.layout is not None and active_job(context):
        menu.layout.operator_context = "INVOKE_DEFAULT"
        menu.layout.operator("sam3d.keep_as_asset", text="Keep as Asset (SAM 3D)")


MENUS: Final[tuple[tuple[str, str, Callable[[Any, bpy.types.Context], None]], ...]] = (
    ("VIEW3D_MT_image_add", "append", _draw_add),
    ("TOPBAR_MT_file_import", "append", _draw_import),
    ("IMAGE_MT_image", "append", _draw_image),
    ("VIEW3D_MT_object_context_menu", "prepend", _draw_object),
    ("VIEW3D_MT_object_asset", "append", _draw_asset),
)
"""Blender's menu, at which end, and what is drawn there."""


def register() -> None:
    """Add to Blender's menus."""
    for name, end, draw in MENUS:
        getattr(getattr(bpy.types, name), end)(draw)


def unregister() -> None:
    """Take it away."""
    for name, _, draw in MENUS:
        getattr(bpy.types, name).remove(draw)
