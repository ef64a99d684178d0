# SPDX-License-Identifier: GPL-3.0-or-later
"""Other shapes that the photo of a draft may show."""

from typing import Annotated

import bpy

from ..jobs.model import Job
from ..runtime.readings import show_reading
from ..runtime.state import runtime
from .job_actions import JobAction


class SAM3D_OT_show_reading(JobAction, bpy.types.Operator):
    """Show this shape in the place of the one that stands in the scene"""

    bl_idname = "sam3d.show_reading"
    bl_label = "Show Other Reading"
    bl_options = {"REGISTER", "UNDO"}

    kind: Annotated[
        str,
        bpy.props.StringProperty(
            name="Kind", description="The kind of shape, as the name of the model has it", options={"SKIP_SAVE"}
        ),
    ]

    def act(self, context: bpy.types.Context, job: Job) -> str:
        """Swap the meshes."""
        reading = runtime().results.reading(job, self.kind)
        if reading is None:
            return (
                "This draft has no such other reading: open it in Results, and wait for the pictures of what there is."
            )
        return show_reading(context, job, reading)
