# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with one job of the list: stop, retry, import, forget."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import bpy

from ..jobs.messages import has_charged
from ..jobs.model import Charge, Job
from ..providers import SERVICES
from ..runtime.import_queue import bring_here
from ..runtime.pump import follow
from ..runtime.reconstruction import wait_for
from ..runtime.result_settings import results_of
from ..runtime.service_credentials import refresh_credentials
from ..runtime.state import runtime
from ..scene.data import window_manager_of
from .result import Result

QUESTION_WIDTH, QUESTION_LETTERS = 380, 58
"""Of a dialog: pixels at scale 1, and the letters that they hold."""

GONE = "There is no such job any more."

if TYPE_CHECKING:
    _Operator = bpy.types.Operator  # what is mixed in; Blender takes properties from other bases only
else:
    _Operator = object


class JobAction(_Operator):
    """Finds the job that the operator names."""

    job_id: Annotated[str, bpy.props.StringProperty(name="Job", description="The job's ID", options={"SKIP_SAVE"})]

    def execute(self, context: bpy.types.Context) -> Result:
        """Act on the job, or say that there is none."""
        runtime().queue.drain()
        job = runtime().queue.find(self.job_id)
        reason = GONE if job is None else self.act(context, job)
        if reason:
            self.report({"WARNING"}, reason)
            return {"CANCELLED"}
        return {"FINISHED"}

    def act(self, context: bpy.types.Context, job: Job) -> str:
        """Do it; returns a sentence that says why not, or nothing."""
        raise NotImplementedError


class SAM3D_OT_cancel_job(JobAction, bpy.types.Operator):
    """Stop this job"""

    bl_idname = "sam3d.cancel_job"
    bl_label = "Cancel Job"

    def act(self, _context: bpy.types.Context, job: Job) -> str:
        """Stop the worker."""
        if not job.at_work:
            return "This job has already ended."
        runtime().queue.cancel(job.id)
        return ""


class SAM3D_OT_retry_job(JobAction, bpy.types.Operator):
    """Fetch the result once more, which is free, or run the job again"""

    bl_idname = "sam3d.retry_job"
    bl_label = "Retry Job"

    pay_again: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Pay Again",
            description="Run a job again that the service has charged, or may have charged, already",
            options={"SKIP_SAVE"},
        ),
    ]

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Ask first where it would be paid for a second time."""
        job = runtime().queue.find(self.job_id)
        if job is None or not _costs_again(job):
            return self.execute(context)
        self.pay_again = True  # what is executed once the artist agrees
        return ask(self, context, "Pay Again?", "Run Again")

    def draw(self, context: bpy.types.Context) -> None:
        """The question."""
        if job := runtime().queue.jobs.get(self.job_id):
            draw_question(self.layout, _question(job))

    def act(self, context: bpy.types.Context, job: Job) -> str:
        """Go on from the submitted task where there is one, else from the job's pictures."""
        if job.at_work:
            return "This job is still at work."
        if job.provider not in SERVICES:
            return "This version does not know the service of this job: use Import for its result."
        refresh_credentials(context)
        if job.fetchable:
            runtime().queue.fetch_again(job.id)
        elif not job.repeatable:
            return "This job was never sent: press Reconstruct to start it anew."
        elif _costs_again(job) and not self.pay_again:
            return f"{_question(job)} Run it with pay_again=True if you want that."
        else:
            reason = runtime().queue.services.obstacle(job.provider, job.price, online=bpy.app.online_access)
            if reason:
                return reason
            runtime().queue.run_again(job.id)
        follow()
        return ""


def ask(operator: bpy.types.Operator, context: bpy.types.Context, title: str, confirm: str) -> Result:
    """Ask with what the operator draws; Enter, as Esc, leaves everything as it is."""
    return window_manager_of(context).invoke_props_dialog(
        operator, width=QUESTION_WIDTH, title=title, confirm_text=confirm, cancel_default=True
    )


def draw_question(layout: bpy.types.UILayout | None, question: str) -> None:
    """Words in a dialog, over as many lines as they need."""
    assert layout is not None
    column = layout.column(align=True)
    for number, line in enumerate(textwrap.wrap(question, QUESTION_LETTERS)):
        column.label(text=line, icon="BLANK1" if number else "ERROR")


def _costs_again(job: Job) -> bool:
    return job.repeatable and job.price > 0 and job.charge is not Charge.NOTHING


def _question(job: Job) -> str:
    return f"{has_charged(job, SERVICES[job.provider])} this job already; running it again costs ${job.price:.3f} more."


class SAM3D_OT_import_job(JobAction, bpy.types.Operator):
    """Bring this job's result into the scene, at the 3D cursor; results of one photo keep their places to each other"""

    bl_idname = "sam3d.import_job"
    bl_label = "Import Result"

    def act(self, context: bpy.types.Context, job: Job) -> str:
        """Import into the scene that is open now."""
        if job.model is None:
            return "This job has no result to import."
        reason = bring_here(context, job) or arrive(context, [job.id])
        for remark in runtime().arrivals.take_remarks():
            self.report({"INFO"}, remark)
        return reason


def arrive(context: bpy.types.Context, ids: Sequence[str]) -> str:
    """See to it that results come whose places are still being looked for; without a window, wait for them.

    Returns why one has not come, or nothing.
    """
    if not bpy.app.background:
        follow()
        return ""
    jobs = wait_for(context, list(ids))
    return next((job.message for job in jobs if job.message), "")


class SAM3D_OT_remove_job(JobAction, bpy.types.Operator):
    """Take this job off the list; its files stay in the results folder"""

    bl_idname = "sam3d.remove_job"
    bl_label = "Remove Job"

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Ask first where something paid for would be given up."""
        job = runtime().queue.find(self.job_id)
        if job is None or not job.at_stake:
            return self.execute(context)
        return ask(self, context, "Remove Job?", "Remove")

    def draw(self, _context: bpy.types.Context) -> None:
        """The question."""
        draw_question(self.layout, "This job may have been charged, or its result is not fetched: it is given up.")

    def act(self, _context: bpy.types.Context, job: Job) -> str:
        """Forget the job; one at work is stopped first."""
        if job.at_work:
            runtime().queue.cancel(job.id)
        runtime().queue.remove(job.id)
        return ""


class SAM3D_OT_clear_jobs(bpy.types.Operator):
    """Take the ended jobs off the list, of those that are searched for; files stay in the results folder"""

    bl_idname = "sam3d.clear_jobs"
    bl_label = "Clear Ended Jobs"

    everything: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Clear Them, Too",
            description="Also the jobs that may have been charged, or have a result that is not fetched",
            options={"SKIP_SAVE"},
        ),
    ]

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Ask: a long list is not soon made again."""
        title = "Clear What Was Found?" if results_of(context).is_filtered else "Clear List?"
        return ask(self, context, title, "Clear")

    def draw(self, _context: bpy.types.Context) -> None:
        """The question, and what answers it."""
        page = runtime().results.page
        assert self.layout is not None
        question = f"{page.total:,} jobs are taken off the list: their files stay in the results folder."
        if page.total == 1:
            question = "One job is taken off the list: its files stay in the results folder."
        draw_question(self.layout, question)
        if page.at_stake:
            question = f"{page.at_stake:,} of the jobs may have been charged, or have a result to fetch: they stay."
            if page.at_stake == 1:
                question = "One of the jobs may have been charged, or has a result to fetch: it stays."
            draw_question(self.layout, question)
            self.layout.prop(self, "everything")

    def execute(self, context: bpy.types.Context) -> Result:
        """Forget what is neither at work nor waiting for its scene, nor at stake unless that was agreed to."""
        runtime().queue.clear(results_of(context).query, everything=self.everything)
        return {"FINISHED"}
