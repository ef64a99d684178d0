# SPDX-License-Identifier: GPL-3.0-or-later
"""What the image editor itself gets: a way out of painting in its header, a switch among its overlays."""

import bpy


class SAM3D_PT_overlay(bpy.types.Panel):
    """The masks, among the overlays of the image editor."""

    bl_label = "SAM 3D"
    bl_space_type = "IMAGE_EDITOR"
    bl_region_type = "HEADER"
    bl_parent_id = "IMAGE_PT_overlay"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only over the photo."""
        return context.space_data.image is not None and context.space_data.image == context.scene.sam3d.image

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the switch."""
        self.layout.active = context.space_data.overlay.show_overlays
        self.layout.prop(context.scene.sam3d, "show_masks")


def register() -> None:
    """Add to Blender's own header."""
    bpy.types.IMAGE_HT_header.append(_draw_header)


def unregister() -> None:
    """Take it away."""
    bpy.types.IMAGE_HT_header.remove(_draw_header)


def _draw_header(header: bpy.types.Header, context: bpy.types.Context) -> None:
    mask = context.scene.sam3d.painted_mask(context.space_data)
    if mask is not None:
        header.layout.operator("sam3d.finish_painting", text=f"Done with {mask.name}", icon="CHECKMARK")
