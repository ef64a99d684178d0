# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries in Blender's keymap editor, without a key: the artist gives them one."""

from typing import Final

import bpy

from ..scene.data import window_manager_of

OPERATORS: Final = ("sam3d.reconstruct", "sam3d.choose_in_editor", "sam3d.open_photo", "sam3d.paste_photo")

Entry = tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]


def register() -> list[Entry]:
    """Add them; returns what `unregister` takes back, nothing where there is no keyboard."""
    configuration = window_manager_of(bpy.context).keyconfigs.addon
    if configuration is None:
        return []
    keymaps = (
        configuration.keymaps.new(name="3D View", space_type="VIEW_3D"),
        configuration.keymaps.new(name="Image", space_type="IMAGE_EDITOR"),
    )
    return [
        (keymap, keymap.keymap_items.new(operator, type="NONE", value="PRESS"))
        for keymap in keymaps
        for operator in OPERATORS
    ]


def unregister(entries: list[Entry]) -> None:
    """Take them back."""
    for keymap, item in entries:
        keymap.keymap_items.remove(item)
    entries.clear()
