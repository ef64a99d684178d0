# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of masks."""

import bpy

from .gestures import new_mask


class SAM3D_OT_add_mask(bpy.types.Operator):
    """Add a mask: each one that is switched on becomes an object of its own"""

    bl_idname = "sam3d.add_mask"
    bl_label = "Add Mask"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Append an empty mask and make it the active one."""
        new_mask(context.scene.sam3d)
        return {"FINISHED"}


class SAM3D_OT_remove_mask(bpy.types.Operator):
    """Remove the active mask from the list; its image stays"""

    bl_idname = "sam3d.remove_mask"
    bl_label = "Remove Mask"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a mask."""
        return bool(context.scene.sam3d.masks)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove it and make its neighbour active."""
        settings = context.scene.sam3d
        settings.masks.remove(settings.active_mask)
        settings.active_mask = min(settings.active_mask, len(settings.masks) - 1)
        return {"FINISHED"}
