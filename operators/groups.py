# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with all jobs that were started together."""

import bpy

from ..jobs import job_queue


class SAM3D_OT_cancel_group(bpy.types.Operator):
    """Stop all jobs of this photo that are still at work; what has arrived stays"""

    bl_idname = "sam3d.cancel_group"
    bl_label = "Cancel All"

    group: bpy.props.StringProperty(name="Group", options={"SKIP_SAVE"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Stop the workers."""
        job_queue().drain()
        jobs = [job for job in job_queue().at_work() if job.group == self.group]
        for job in jobs:
            job_queue().cancel(job.id)
        if not jobs:
            self.report({"WARNING"}, "All jobs of this photo have already ended.")
            return {"CANCELLED"}
        return {"FINISHED"}
