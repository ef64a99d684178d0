# SPDX-License-Identifier: GPL-3.0-or-later
"""The main button: from the scene's photo to objects in the scene."""

import contextlib
from typing import Annotated

import bpy

from ..jobs.model import State
from ..jobs.plan import CannotStart
from ..jobs.subject_guess import Guess
from ..overlay.proposals import ShownProposals, draw_proposals
from ..properties import settings_of
from ..runtime import camera_capture, question, reconstruction
from ..runtime.pump import PERIOD, follow, redraw
from ..runtime.selection_model import look_at
from ..runtime.state import runtime
from ..scene.data import window_manager_of
from ..scene.pixels import NoPixels
from .image_editor import FIRST_TOOL, editor_for, open_photo
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

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Start, unless it is not sure which thing of the photo is meant: then ask, once for a photo."""
        if bpy.app.background or self.wait or runtime().guessing or not question.is_needed(context):
            return self.execute(context)
        try:
            self.guess = question.look(context)
        except NoPixels:
            return self.execute(context)  # which tells
        self.photo, self.place = (
            settings_of(context).photo.session_uid,
            0 if context.area is None else context.area.as_pointer(),
        )
        self.timer = window_manager_of(context).event_timer_add(PERIOD, window=context.window)
        window_manager_of(context).modal_handler_add(self)
        runtime().guessing = True
        redraw(context)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Wait for the guess."""
        if event.type != "TIMER" or not self.guess.done():
            return {"PASS_THROUGH"}
        self.cancel(context)
        image = settings_of(context).image
        if image is None or image.session_uid != self.photo:
            return {"CANCELLED"}  # the artist has gone on to another photo
        guess = None if self.guess.exception() else self.guess.result()
        if guess is None or guess.is_sure or not question.is_needed(context):
            return self.execute(context)
        self._ask(context, image, guess)
        return {"CANCELLED"}

    def cancel(self, context: bpy.types.Context) -> None:
        """The guess is there, or Blender takes the operator away with its window or its file."""
        runtime().guessing = False
        window_manager_of(context).event_timer_remove(self.timer)
        redraw(context)

    def _ask(self, context: bpy.types.Context, image: bpy.types.Image, guess: Guess) -> None:
        """Put the question in the panel, the guess over the photo, and the tool into the hand."""
        handle = None
        if guess.numbers is not None:
            shown = ShownProposals(image.session_uid, guess.numbers, while_no_mask=True)
            handle = bpy.types.SpaceImageEditor.draw_handler_add(draw_proposals, (shown,), "WINDOW", "POST_PIXEL")
        question.ask(image, guess, handle)
        area = editor_for(context, image, self.place)
        if area is not None:
            with context.temp_override(area=area):
                open_photo(context, FIRST_TOOL)
            with contextlib.suppress(NoPixels):  # the first gesture tells
                look_at(image)
        follow()
        redraw(context)

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
