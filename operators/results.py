# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking through the list of results."""

from typing import Annotated

import bpy

from ..jobs.model import Job
from ..runtime.result_settings import NOTHING, results_of
from ..runtime.state import runtime
from ..scene.data import window_manager_of
from .job_actions import JobAction
from .result import Result


class SAM3D_OT_select_result(bpy.types.Operator):
    """Show all that is known of this result, and what can be done with it"""

    bl_idname = "sam3d.select_result"
    bl_label = "Show Result"
    bl_options = {"INTERNAL"}

    job_id: Annotated[str, bpy.props.StringProperty(name="Job", description="The job's ID", options={"SKIP_SAVE"})]

    def execute(self, context: bpy.types.Context) -> Result:
        """Make it the active one, or close it where it is."""
        settings = results_of(context)
        is_open = self.job_id == runtime().results.active(settings.active)
        settings.active = NOTHING if is_open else self.job_id
        return {"FINISHED"}


class SAM3D_OT_turn_page(bpy.types.Operator):
    """Show another part of the list of results"""

    bl_idname = "sam3d.turn_page"
    bl_label = "Turn Page"
    bl_options = {"INTERNAL"}

    to: Annotated[
        str,
        bpy.props.EnumProperty(
            name="To",
            description="Which page",
            items=[
                ("FIRST", "First", "To the latest results"),
                ("PREVIOUS", "Previous", "To later results"),
                ("NEXT", "Next", "To earlier results"),
                ("LAST", "Last", "To the earliest results"),
            ],
        ),
    ]

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """What the button at hand does."""
        return cls.bl_rna.properties["to"].enum_items[properties.to].description  # type: ignore[attr-defined, no-any-return]

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask for it."""
        settings, page = results_of(context), runtime().results.page
        last = max(0, page.total - 1) // settings.count * settings.count
        target = {
            "FIRST": 0,
            "PREVIOUS": page.first - settings.count,
            "NEXT": page.first + settings.count,
            "LAST": last,
        }
        settings.first = min(max(0, target[self.to]), last)
        return {"FINISHED"}


class SAM3D_OT_turn_page_at_work(bpy.types.Operator):
    """Show other jobs that are at work"""

    bl_idname = "sam3d.turn_page_at_work"
    bl_label = "Turn Page"
    bl_options = {"INTERNAL"}

    first: Annotated[
        int,
        bpy.props.IntProperty(name="First", description="The first job that is shown", min=0, options={"SKIP_SAVE"}),
    ]

    def execute(self, context: bpy.types.Context) -> Result:
        """Show them."""
        results_of(context).first_at_work = self.first
        return {"FINISHED"}


class SAM3D_OT_unfold(bpy.types.Operator):
    """Show all of this, or only a line"""

    bl_idname = "sam3d.unfold"
    bl_label = "Show More or Less"
    bl_options = {"INTERNAL"}

    key: Annotated[str, bpy.props.StringProperty(name="Key", description="Which note it is", options={"SKIP_SAVE"})]

    def execute(self, _context: bpy.types.Context) -> Result:
        """Note what is open."""
        runtime().results.unfolded ^= {self.key}
        return {"FINISHED"}


class SAM3D_OT_copy_seed(JobAction, bpy.types.Operator):
    """Copy the seed of this result, to use it once more"""

    bl_idname = "sam3d.copy_seed"
    bl_label = "Copy Seed"

    def act(self, context: bpy.types.Context, job: Job) -> str:
        """Put it into the clipboard."""
        window_manager_of(context).clipboard = str(job.options.seed)
        return ""
