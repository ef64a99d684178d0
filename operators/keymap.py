# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries in Blender's keymap editor: keys for the tools of the image editor, and for the rest none: the artist gives
them one.
"""

from typing import TYPE_CHECKING, Final

import bpy

from ..scene.data import window_manager_of

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import EventTypeItems

ANYWHERE: Final = ("sam3d.reconstruct", "sam3d.choose_in_editor", "sam3d.open_photo", "sam3d.paste_photo")
IN_VIEWPORT: Final = ("sam3d.show_variation", "sam3d.show_variation", "sam3d.keep_variation", "sam3d.move_to_cursor")
"""Of the active object's result; the second of the same name goes the other way."""

TOOL_KEYS: "Final[dict[str, EventTypeItems]]" = {"BOX": "B", "POINTS": "P", "STROKE": "S", "LASSO": "L"}

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
    for tool, key in TOOL_KEYS.items():
        item = editor.keymap_items.new("sam3d.choose_tool", key, "PRESS")
        setattr(item.properties, "tool", tool)  # noqa: B010 - as above
        entries.append((editor, item))
    return entries


def unregister(entries: list[Entry]) -> None:
    """Take them back."""
    for keymap, item in entries:
        keymap.keymap_items.remove(item)
    entries.clear()
