# SPDX-License-Identifier: GPL-3.0-or-later
"""The masks of the photo."""

import bpy

ROWS = 2


class SAM3D_UL_masks(bpy.types.UIList):
    """A row for each mask: on or off, name, image."""

    def draw_item(
        self,
        _context: bpy.types.Context,
        layout: bpy.types.UILayout,
        _data: bpy.types.AnyType,
        item: bpy.types.AnyType,
        _icon: int,
        _active_data: bpy.types.AnyType,
        _active_property: str,
    ) -> None:
        """Draw one mask."""
        row = layout.row(align=True)
        row.prop(item, "use", text="")
        row.prop(item, "name", text="", emboss=False)
        if item.image is not None:
            row.label(text="", icon_value=row.icon(item.image))


def draw_masks(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """A foldable section that tells in its header what is used."""
    settings = context.scene.sam3d
    header, body = layout.panel("sam3d_masks")
    used = len(settings.used_masks())
    header.label(text=f"Masks ({used} of {len(settings.masks)})" if settings.masks else "Masks")
    if body is None:
        return
    if not settings.masks:
        body.operator("sam3d.add_mask", icon="ADD")
        note = body.row()
        note.active = False
        note.label(text="None: the whole photo is one subject")
        return
    row = body.row()
    row.template_list("SAM3D_UL_masks", "", settings, "masks", settings, "active_mask", rows=ROWS, maxrows=6)
    buttons = row.column(align=True)
    buttons.operator("sam3d.add_mask", icon="ADD", text="")
    buttons.operator("sam3d.remove_mask", icon="REMOVE", text="")
    if 0 <= settings.active_mask < len(settings.masks):
        body.template_ID(settings.masks[settings.active_mask], "image", new="image.new", open="image.open")
