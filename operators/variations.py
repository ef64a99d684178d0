# SPDX-License-Identifier: GPL-3.0-or-later
"""Variations of one subject, compared in the place where one of them stands."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import bpy

from ..jobs.model import Job
from ..runtime.import_queue import bring_in
from ..runtime.result_settings import results_of
from ..runtime.state import runtime
from ..scene.data import scene_of
from ..scene.importing import can_import
from ..scene.result_objects import active_job, objects_of
from ..scene.variations import is_shown, show_only
from .arrived import NOTHING_SELECTED
from .job_actions import GONE
from .result import Result

WHAT = {
    1: "Show the next variation in the place of this one",
    -1: "Show the previous variation in the place of this one",
}
"""A button's words, by how far it steps."""
ALONE = "There are no other variations of this result."


class SAM3D_OT_show_variation(bpy.types.Operator):
    """Show another variation in the place of this one, and hide the others"""

    bl_idname = "sam3d.show_variation"
    bl_label = "Show Variation"
    bl_options = {"REGISTER", "UNDO"}

    job_id: Annotated[str, bpy.props.StringProperty(name="Job", options={"SKIP_SAVE", "HIDDEN"})]
    step: Annotated[
        int,
        bpy.props.IntProperty(
            name="Step",
            description="1 for the next one, -1 for the previous one, 0 for this one itself",
            default=1,
            options={"SKIP_SAVE"},
        ),
    ]

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """What the button at hand does."""
        return WHAT.get(properties.step, "Show this variation alone")

    def execute(self, context: bpy.types.Context) -> Result:
        """Bring it into the scene where it is not there."""
        reason = _show(context, self.job_id or active_job(context), self.step)
        if reason:
            self.report({"WARNING"}, reason)
            return {"CANCELLED"}
        return {"FINISHED"}


class SAM3D_OT_keep_variation(bpy.types.Operator):
    """Take the other variations out of the scene; they stay on the list, and can be imported again"""

    bl_idname = "sam3d.keep_variation"
    bl_label = "Keep This One"
    bl_options = {"REGISTER", "UNDO"}

    job_id: Annotated[str, bpy.props.StringProperty(name="Job", options={"SKIP_SAVE", "HIDDEN"})]

    def execute(self, context: bpy.types.Context) -> Result:
        """Show it, and remove the objects of the others."""
        this = self.job_id or active_job(context)
        reason = _show(context, this, 0)
        if reason:
            self.report({"WARNING"}, reason)
            return {"CANCELLED"}
        scene = scene_of(context)
        others = [job for job in _together(this) if job != this]
        bpy.data.batch_remove(objects_of(scene, others))
        return {"FINISHED"}


def _show(context: bpy.types.Context, job_id: str, step: int) -> str:
    """Show the variation that is `step` further than a job's; returns why not, as a sentence, or nothing."""
    together = _together(job_id)
    if runtime().queue.find(job_id) is None:
        return GONE if job_id else NOTHING_SELECTED
    if len(together) < 2:
        return ALONE
    target = _target(together, job_id, step)
    if target is None:
        return "No other variation has a result." if step else "This job has no result to import."
    reason = can_import(context)
    if reason:
        return reason
    stands = _standing(context, together, job_id)
    here = replace(target, destination=replace(target.destination, replaces=()))
    if not objects_of(scene_of(context), {target.id}) and not bring_in(context, here, is_undo_step=False):
        return runtime().queue.jobs[target.id].message
    show_only(context, target.id, [job for job in together if job != target.id], stands)
    results_of(context).active = target.id
    return ""


def _together(job_id: str) -> Sequence[str]:
    """The ids of the variations that a job is one of, in their order; empty where it is the only one."""
    job = runtime().queue.find(job_id)
    return () if job is None else runtime().results.variations(job)


def _target(together: Sequence[str], job_id: str, step: int) -> Job | None:
    """The next in that direction that has a result; the job itself for no step."""
    start = together.index(job_id)
    for number in range(1 if step else 0, len(together) if step else 1):
        job = runtime().queue.find(together[(start + number * step) % len(together)])
        if job is not None and job.model is not None:
            return job
    return None


def _standing(context: bpy.types.Context, together: Sequence[str], job_id: str) -> str:
    """The one of them whose place counts: this one, or another that is shown, or one that is there at all."""
    there = [job for job in together if objects_of(scene_of(context), {job})]
    return min(there, key=lambda job: (not is_shown(context, job), job != job_id), default="")
