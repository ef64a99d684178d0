# SPDX-License-Identifier: GPL-3.0-or-later
"""What the image editor itself gets: the ways out in its header, a switch among its overlays."""

import bpy

from ..properties import settings_of
from ..scene.data import area_of, image_editor_of, was_viewport


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
        return settings_of(context).photo_in(image_editor_of(context)) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the switch."""
        self.layout.active = image_editor_of(context).overlay.show_overlays
        self.layout.prop(settings_of(context), "show_masks")


def register() -> None:
    """Add to Blender's own header, at its beginning: the end is cut off in a narrow editor."""
    bpy.types.IMAGE_HT_header.prepend(_draw_header)


def unregister() -> None:
    """Take it away."""
    bpy.types.IMAGE_HT_header.remove(_draw_header)


def _draw_header(header: bpy.types.Header, context: bpy.types.Context) -> None:
    layout, settings, space = header.layout, settings_of(context), image_editor_of(context)
    if layout is None or settings.image is None:
        return
    mask = settings.painted_mask(space)
    if mask is not None:
        layout.operator("sam3d.finish_painting", text=f"Done with {mask.name}", icon="CHECKMARK")
    elif settings.photo_in(space) is not None and was_viewport(area_of(context)):
        layout.operator("sam3d.back_to_viewport", text="3D Viewport", icon="BACK")
