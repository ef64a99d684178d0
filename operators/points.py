# SPDX-License-Identifier: GPL-3.0-or-later
"""The points on the subject."""

from typing import Annotated

import bpy

from ..properties import settings_of
from .result import Result


class SAM3D_OT_add_point(bpy.types.Operator):
    """Add a point on the subject, in pixels from the photo's top left"""

    bl_idname = "sam3d.add_point"
    bl_label = "Add Point"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Append a point in the middle of the photo."""
        settings = settings_of(context)
        point = settings.points.add()
        if settings.image is not None:
            point.x, point.y = (edge / 2 for edge in settings.image.size)
        return {"FINISHED"}


class SAM3D_OT_remove_point(bpy.types.Operator):
    """Remove this point"""

    bl_idname = "sam3d.remove_point"
    bl_label = "Remove Point"
    bl_options = {"REGISTER", "UNDO"}

    index: Annotated[
        int, bpy.props.IntProperty(name="Point", description="Its place in the list", min=0, options={"SKIP_SAVE"})
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Take it off the list."""
        settings_of(context).points.remove(self.index)
        return {"FINISHED"}
