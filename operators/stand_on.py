# SPDX-License-Identifier: GPL-3.0-or-later
"""What a result stands on: the ground, or another one, as a cup on a book."""

from typing import Annotated

import bpy

from ..runtime import matching
from ..runtime.matching import CannotMatch
from ..scene.placed import placed_top
from .match import go_on
from .result import Result


class SAM3D_OT_stand_on(bpy.types.Operator):
    """Tell what the active object stands on, and fit it to the photo anew"""

    bl_idname = "sam3d.stand_on"
    bl_label = "Stand On"
    bl_options = {"REGISTER"}

    by_itself: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="By Itself", description="What it stands on is found by what fits the photo", options={"SKIP_SAVE"}
        ),
    ]
    job_id: Annotated[
        str,
        bpy.props.StringProperty(
            name="Job",
            description="The job of the result that it stands on; empty for the ground",
            options={"SKIP_SAVE"},
        ),
    ]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """The active object must stand as its photo shows it."""
        if placed_top(context.active_object) is None:
            cls.poll_message_set("The active object does not stand as a photo shows it.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> Result:
        """Look for its place, in the background where there is a window."""
        top = placed_top(context.active_object)
        assert top is not None
        try:
            matching.stand_on(context, top, None if self.by_itself else self.job_id)
        except CannotMatch as error:
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        return go_on(self, context)
