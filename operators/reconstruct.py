# SPDX-License-Identifier: GPL-3.0-or-later
"""The main button: from the scene's photo to objects in the scene."""

from typing import Annotated

import bpy

from ..jobs.model import State
from ..jobs.plan import CannotStart
from ..runtime import camera_capture, reconstruction
from ..runtime.pump import follow
from .result import Result


class SAM3D_OT_reconstruct(bpy.types.Operator):
    """Turn the photo into textured objects of the scene"""

    bl_idname = "sam3d.reconstruct"
    bl_label = "Reconstruct"
    bl_options = {"REGISTER"}

    wait: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Wait",
            description="Return when the objects stand in the scene; always so without a window",
            default=False,
            options={"SKIP_SAVE"},
        ),
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Start the jobs; wait for them where that was asked for."""
        waits = self.wait or bpy.app.background
        ids: list[str] = []
        try:
            if waits:
                ids = reconstruction.start(context)
            else:
                reconstruction.start_in_background(context)
        except CannotStart as error:
            # A warning, not an error: for scripts an error would be an exception instead of the answer CANCELLED.
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        if not waits:
            follow()
            return {"FINISHED"}
        ended = reconstruction.wait_for(context, ids)
        for job in ended:
            for sentence in (job.message, *job.notes):
                if sentence:
                    self.report({"WARNING"}, sentence)
        return {"FINISHED"} if any(job.state is State.IMPORTED for job in ended) else {"CANCELLED"}


class SAM3D_OT_cancel_capture(bpy.types.Operator):
    """Stop rendering the camera; no job begins"""

    bl_idname = "sam3d.cancel_capture"
    bl_label = "Cancel Render"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether the camera is just taking a photo."""
        return camera_capture.taking()

    def execute(self, context: bpy.types.Context) -> Result:
        """Stop Blender's render."""
        camera_capture.cancel(context)
        return {"FINISHED"}
