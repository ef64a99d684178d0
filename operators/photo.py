# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the photo comes from, and where everything is kept."""

import bpy

from ..preferences import results_folder


class SAM3D_OT_use_editor_image(bpy.types.Operator):
    """Take the image that this editor shows as the photo"""

    bl_idname = "sam3d.use_editor_image"
    bl_label = "Use This Image"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """The editor must show an image."""
        return getattr(context.space_data, "image", None) is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set the scene's photo."""
        settings = context.scene.sam3d
        settings.source = "IMAGE"
        settings.image = context.space_data.image
        return {"FINISHED"}


class SAM3D_OT_open_results(bpy.types.Operator):
    """Show the folder in which photos, masks and models of all jobs are kept"""

    bl_idname = "sam3d.open_results"
    bl_label = "Open Results Folder"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Open the system's file browser."""
        folder = results_folder(context)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.report({"WARNING"}, f"{folder} cannot be opened ({error.strerror}): choose another results folder.")
            return {"CANCELLED"}
        bpy.ops.wm.path_open(filepath=str(folder))
        return {"FINISHED"}
