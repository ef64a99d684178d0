# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with all jobs that were started together."""

from typing import Annotated

import bpy

from ..runtime.import_queue import bring_here
from ..runtime.state import runtime
from .result import Result


class SAM3D_OT_import_group(bpy.types.Operator):
    """Bring all results of this photo into the scene once more, around the 3D cursor as they stood to each other"""

    bl_idname = "sam3d.import_group"
    bl_label = "Import All"

    group: Annotated[str, bpy.props.StringProperty(name="Group", description="The photo's jobs", options={"SKIP_SAVE"})]

    def execute(self, context: bpy.types.Context) -> Result:
        """Import one after the other."""
        runtime().queue.drain()
        jobs = [job for job in runtime().queue.jobs.values() if job.group == self.group and job.model is not None]
        reasons = [bring_here(context, job) for job in jobs] or ["No result of this photo has arrived yet."]
        for reason in dict.fromkeys(filter(None, reasons)):
            self.report({"WARNING"}, reason)
        return {"CANCELLED"} if all(reasons) else {"FINISHED"}


class SAM3D_OT_cancel_group(bpy.types.Operator):
    """Stop all jobs of this photo that are still at work; what has arrived stays"""

    bl_idname = "sam3d.cancel_group"
    bl_label = "Cancel All"

    group: Annotated[str, bpy.props.StringProperty(name="Group", description="The photo's jobs", options={"SKIP_SAVE"})]

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
