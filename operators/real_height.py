# SPDX-License-Identifier: GPL-3.0-or-later
"""The size of a photo's scene, by the height of one thing of it."""

from typing import Annotated

import bpy

from ..runtime.real_height import set_height
from ..scene.data import window_manager_of
from ..scene.placed import height_of, placed_top
from .result import Result


class SAM3D_OT_set_real_height(bpy.types.Operator):
    """Tell how high the active object really is: all that stands in its photo, and the camera, take that size"""

    bl_idname = "sam3d.set_real_height"
    bl_label = "Real Height"
    bl_options = {"REGISTER", "UNDO"}

    height: Annotated[
        float,
        bpy.props.FloatProperty(
            name="Height",
            description="Of the active object, in the scene's units",
            min=0.0001,
            soft_max=100.0,
            default=1.0,
            subtype="DISTANCE",
            options={"SKIP_SAVE"},
        ),
    ]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """The active object must stand as its photo shows it."""
        top = placed_top(context.active_object)
        if top is None or height_of(top) <= 0.0:
            cls.poll_message_set("The active object does not stand as a photo shows it.")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Ask for it, beginning with what it is."""
        top = placed_top(context.active_object)
        assert top is not None
        self.height = height_of(top)
        return window_manager_of(context).invoke_props_dialog(self)

    def execute(self, context: bpy.types.Context) -> Result:
        """One step of undo for all of it."""
        top = placed_top(context.active_object)
        assert top is not None
        set_height(context, top, self.height)
        return {"FINISHED"}
