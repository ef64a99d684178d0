# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with several jobs at once: with those of one photo, or with all at work."""

from typing import Annotated

import bpy

from ..jobs.model import Charge, Job
from ..runtime.import_queue import bring_all_here
from ..runtime.state import runtime
from .job_actions import arrive, ask, draw_question
from .result import Result

HINT = "Retry asks for the result at no cost."


class SAM3D_OT_import_group(bpy.types.Operator):
    """Bring all results of this photo into the scene once more, around the 3D cursor as they stood to each other"""

    bl_idname = "sam3d.import_group"
    bl_label = "Import All"

    group: Annotated[str, bpy.props.StringProperty(name="Group", description="The photo's jobs", options={"SKIP_SAVE"})]

    def execute(self, context: bpy.types.Context) -> Result:
        """Import one after the other."""
        found = runtime().queue.find_group(self.group) if self.group else []
        jobs = [job for job in found if job.model is not None]
        reasons = bring_all_here(context, jobs) or ["No result of this photo has arrived yet."]
        late = "" if any(reasons) else arrive(context, [job.id for job in jobs])
        for reason in dict.fromkeys(filter(None, [*reasons, late])):
            self.report({"WARNING"}, reason)
        for remark in runtime().arrivals.take_remarks():
            self.report({"INFO"}, remark)
        return {"CANCELLED"} if all(reasons) else {"FINISHED"}


class SAM3D_OT_cancel_group(bpy.types.Operator):
    """Stop all jobs of this photo that are still at work; what has arrived stays"""

    bl_idname = "sam3d.cancel_group"
    bl_label = "Cancel Photo"

    group: Annotated[str, bpy.props.StringProperty(name="Group", description="The photo's jobs", options={"SKIP_SAVE"})]
    photo: Annotated[
        str,
        bpy.props.StringProperty(
            name="Photo", description="Of jobs that were started one by one", options={"SKIP_SAVE"}
        ),
    ]

    def execute(self, _context: bpy.types.Context) -> Result:
        """Stop the workers."""
        runtime().queue.drain()
        jobs = [job for job in runtime().queue.at_work() if job.group == self.group]
        if not self.group:
            jobs = [job for job in jobs if job.photo == self.photo]
        for job in jobs:
            runtime().queue.cancel(job.id)
        if not jobs:
            self.report({"WARNING"}, "All jobs of this photo have already ended.")
            return {"CANCELLED"}
        return {"FINISHED"}


class SAM3D_OT_cancel_all(bpy.types.Operator):
    """Stop all jobs that are at work; what has arrived stays"""

    bl_idname = "sam3d.cancel_all"
    bl_label = "Cancel All"

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Ask first where services have been paid for what is still to come."""
        runtime().queue.drain()
        return ask(self, context, "Stop All Jobs?", "Stop All") if _paid() else self.execute(context)

    def draw(self, _context: bpy.types.Context) -> None:
        """The question."""
        count = len(_paid())
        question = f"{count} of the jobs are paid for, or may be: a service may finish them all the same. {HINT}"
        if count == 1:
            question = f"One of the jobs is paid for, or may be: its service may finish it all the same. {HINT}"
        draw_question(self.layout, question)

    def execute(self, _context: bpy.types.Context) -> Result:
        """Stop the workers, those first that wait, so that none of them begins."""
        runtime().queue.drain()
        jobs = sorted(runtime().queue.at_work(), key=lambda job: not job.waits)
        for job in jobs:
            runtime().queue.cancel(job.id)
        if not jobs:
            self.report({"WARNING"}, "No job is at work.")
            return {"CANCELLED"}
        return {"FINISHED"}


def _paid() -> list[Job]:
    """The jobs at work that a service has charged, or may have."""
    return [job for job in runtime().queue.at_work() if job.price > 0 and job.charge is not Charge.NOTHING]
