# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries in Blender's keymap editor, without a key: the artist gives them one."""

from typing import Final

import bpy

from ..scene.data import window_manager_of

ANYWHERE: Final = ("sam3d.reconstruct", "sam3d.choose_in_editor", "sam3d.open_photo", "sam3d.paste_photo")
IN_VIEWPORT: Final = ("sam3d.show_variation", "sam3d.show_variation", "sam3d.keep_variation", "sam3d.move_to_cursor")
"""Of the active object's result; the second of the same name goes the other way."""

Entry = tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]


def register() -> list[Entry]:
    """Add them; returns what `unregister` takes back, nothing where there is no keyboard."""
    configuration = window_manager_of(bpy.context).keyconfigs.addon
    if configuration is None:
        return []
    viewport = configuration.keymaps.new(name="3D View", space_type="VIEW_3D")
    editor = configuration.keymaps.new(name="Image", space_type="IMAGE_EDITOR")
    entries = [
        (keymap, keymap.keymap_items.new(operator, type="NONE", value="PRESS"))
        for keymap, operators in ((viewport, ANYWHERE + IN_VIEWPORT), (editor, ANYWHERE))
        for operator in operators
    ]
    back = entries[len(ANYWHERE) + IN_VIEWPORT.index("sam3d.show_variation") + 1][1]
    setattr(back.properties, "step", -1)  # noqa: B010 - the stubs know no properties of operators
    return entries


def unregister(entries: list[Entry]) -> None:
    """Take them back."""
    for keymap, item in entries:
        keymap.keymap_items.remove(item)
    entries.clear()
