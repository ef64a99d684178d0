# SPDX-License-Identifier: GPL-3.0-or-later
"""What the image editor itself gets: a way out of painting in its header, a switch among its overlays."""

import bpy

from ..properties import settings_of
from ..scene.data import image_editor_of


class SAM3D_PT_overlay(bpy.types.Panel):
    """The masks, among the overlays of the image editor."""

    bl_label = "SAM 3D"
    bl_space_type = "IMAGE_EDITOR"
    bl_region_type = "HEADER"
    bl_parent_id = "IMAGE_PT_overlay"
    layout: bpy.types.UILayout

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only over the photo."""
        image = image_editor_of(context).image
        return image is not None and image == settings_of(context).image

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the switch."""
        self.layout.active = image_editor_of(context).overlay.show_overlays
        self.layout.prop(settings_of(context), "show_masks")


def register() -> None:
    """Add to Blender's own header."""
    bpy.types.IMAGE_HT_header.append(_draw_header)


def unregister() -> None:
    """Take it away."""
    bpy.types.IMAGE_HT_header.remove(_draw_header)


def _draw_header(header: bpy.types.Header, context: bpy.types.Context) -> None:
    mask = settings_of(context).painted_mask(image_editor_of(context))
    if mask is not None and header.layout is not None:
        header.layout.operator("sam3d.finish_painting", text=f"Done with {mask.name}", icon="CHECKMARK")
