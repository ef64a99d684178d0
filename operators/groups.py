# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with all jobs that were started together."""

from typing import Annotated

import bpy

from ..runtime.state import runtime
from .result import Result


class SAM3D_OT_cancel_group(bpy.types.Operator):
    """Stop all jobs of this photo that are still at work; what has arrived stays"""

    bl_idname = "sam3d.cancel_group"
    bl_label = "Cancel All"

    group: Annotated[str, bpy.props.StringProperty(name="Group", options={"SKIP_SAVE"})]

    def execute(self, _context: bpy.types.Context) -> Result:
        """Stop the workers."""
        runtime().queue.drain()
        jobs = [job for job in runtime().queue.at_work() if job.group == self.group]
        for job in jobs:
            runtime().queue.cancel(job.id)
        if not jobs:
            self.report({"WARNING"}, "All jobs of this photo have already ended.")
            return {"CANCELLED"}
        return {"FINISHED"}
