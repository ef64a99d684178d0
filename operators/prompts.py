# SPDX-License-Identifier: GPL-3.0-or-later
"""The box and points of the photo itself, which scripts set."""

import bpy

from ..properties import settings_of
from .result import Result


class SAM3D_OT_clear_prompts(bpy.types.Operator):
    """Forget the box and the points that a script has set for the whole photo"""

    bl_idname = "sam3d.clear_prompts"
    bl_label = "Clear Box and Points"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Take them away."""
        settings = settings_of(context)
        settings.points.clear()
        settings.use_box = False
        return {"FINISHED"}
