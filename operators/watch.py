# SPDX-License-Identifier: GPL-3.0-or-later
"""The one modal timer: it runs while jobs or selections are at work, or results on their way into the scene."""

import time

import bpy

from ..runtime.pump import PERIOD, busy, follow_soon, redraw, tick
from ..runtime.state import runtime
from ..scene.data import window_manager_of
from .result import Result

REDRAW = 1.0
"""Seconds after which elapsed times are drawn anew, even when nothing else has changed."""


class SAM3D_OT_watch_jobs(bpy.types.Operator):
    """Follow the running jobs and bring their results into the scene"""

    bl_idname = "sam3d.watch_jobs"
    bl_label = "Watch Jobs"
    bl_options = {"INTERNAL"}

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Start the timer on the window that the operator is called in."""
        runtime().is_watching = True
        self.timer = window_manager_of(context).event_timer_add(PERIOD, window=context.window)
        self.drawn = 0.0
        window_manager_of(context).modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Do a tick's work and let every other event pass."""
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        changed, told = tick(context)
        for each in told:
            self.report({"WARNING" if each.is_warning else "INFO"}, each.text)
        if changed or time.monotonic() - self.drawn > REDRAW:
            self.drawn = time.monotonic()
            redraw(context)
        if busy():
            return {"PASS_THROUGH"}
        redraw(context)
        self._end(context)
        return {"FINISHED"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender takes the operator away with its window or its file: go on in what comes next."""
        self._end(context)
        follow_soon(PERIOD, persistent=True)

    def _end(self, context: bpy.types.Context) -> None:
        runtime().is_watching = False
        window_manager_of(context).event_timer_remove(self.timer)
