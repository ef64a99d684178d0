# SPDX-License-Identifier: GPL-3.0-or-later
"""The one modal timer: it runs while jobs or selections are at work, or results on their way into the scene."""

import time

import bpy
from bpy.app.handlers import persistent

from ..jobs import runner, selections
from ..preferences import has_preferences, on_change
from ..runtime import camera_capture, import_queue, mask_sync
from ..runtime.service_credentials import refresh_credentials
from ..scene import mask_images
from ..scene.data import window_manager_of
from .result import Result

PERIOD = 0.1
"""Seconds between two ticks."""
REDRAW = 1.0
"""Seconds after which elapsed times are drawn anew, even when nothing else has changed."""
EDITORS = frozenset({"VIEW_3D", "IMAGE_EDITOR"})


class SAM3D_OT_watch_jobs(bpy.types.Operator):
    """Follow the running jobs and bring their results into the scene"""

    bl_idname = "sam3d.watch_jobs"
    bl_label = "Watch Jobs"
    bl_options = {"INTERNAL"}

    running = False

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Start the timer on the window that the operator is called in."""
        SAM3D_OT_watch_jobs.running = True
        self.timer = window_manager_of(context).event_timer_add(PERIOD, window=context.window)
        self.drawn = 0.0
        window_manager_of(context).modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Do a tick's work and let every other event pass."""
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        reason = camera_capture.tick(context)
        if reason:
            self.report({"WARNING"}, reason)
        changed = import_queue.tick(context) or bool(reason)
        if changed or time.monotonic() - self.drawn > REDRAW:
            self.drawn = time.monotonic()
            redraw(context)
        if busy():
            return {"PASS_THROUGH"}
        self._end(context)
        return {"FINISHED"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender takes the operator away with its window or its file: go on in what comes next."""
        self._end(context)
        if not bpy.app.timers.is_registered(follow):
            bpy.app.timers.register(follow, first_interval=PERIOD, persistent=True)

    def _end(self, context: bpy.types.Context) -> None:
        SAM3D_OT_watch_jobs.running = False
        window_manager_of(context).event_timer_remove(self.timer)


def busy() -> bool:
    """Whether anything is left to watch."""
    return bool(camera_capture.taking() or runner().at_work() or runner().awaited() or selections().busy)


def follow() -> None:
    """See to it that the timer runs while there is something to watch (also as a one-shot application timer)."""
    if bpy.app.background or SAM3D_OT_watch_jobs.running:
        return
    runner().drain()
    manager = window_manager_of(bpy.context)
    if busy() and manager.windows:
        with bpy.context.temp_override(window=manager.windows[0]):
            bpy.ops.sam3d.watch_jobs("INVOKE_DEFAULT")  # type: ignore[attr-defined]  # our own


def go_on() -> float | None:
    """Take up what earlier sessions have left, as soon as it is known (an application timer: returns the pause)."""
    if not runner().recalled:
        return PERIOD
    use_preferences(bpy.context)
    redraw(bpy.context)
    return None


def use_preferences(context: bpy.types.Context) -> None:
    """Go by what the preferences say now: a key that has just been entered lets waiting jobs go on."""
    refresh_credentials(context)
    if runner().recalled:
        runner().resume()
        follow()


def redraw(context: bpy.types.Context) -> None:
    """Draw the sidebars anew in which the panels live, and the photo with its masks."""
    for window in window_manager_of(context).windows:
        for area in window.screen.areas:
            if area.type in EDITORS:
                for region in area.regions:
                    if region.type == "UI" or area.type == "IMAGE_EDITOR":
                        region.tag_redraw()


@persistent
def on_load(_file: str) -> None:
    """A loaded file ends all modal operators."""
    SAM3D_OT_watch_jobs.running = False
    mask_images.reset()
    mask_sync.catch_up()
    follow()


@persistent
def on_undo(_scene: bpy.types.Scene) -> None:
    """The masks' images follow undo and redo, by way of the selections where need be."""
    mask_sync.catch_up()
    if selections().busy and not bpy.app.timers.is_registered(follow):
        bpy.app.timers.register(follow, first_interval=0.0)


def start_watching() -> None:
    """Called when the extension is enabled: follow undo and loaded files, and take up the jobs of earlier sessions."""
    camera_capture.start_guarding()
    bpy.app.handlers.load_post.append(on_load)
    bpy.app.handlers.undo_post.append(on_undo)
    bpy.app.handlers.redo_post.append(on_undo)
    on_change.append(use_preferences)
    if not bpy.app.background:
        bpy.app.timers.register(go_on, first_interval=0.5, persistent=True)
    elif has_preferences(bpy.context):
        runner().wait_for_journal()  # there are no timers; and nobody who would be kept waiting
        go_on()


def stop_watching() -> None:
    """Called when the extension is disabled: take back what `start_watching` and the timers have left."""
    camera_capture.stop_guarding()
    bpy.app.handlers.load_post.remove(on_load)
    bpy.app.handlers.undo_post.remove(on_undo)
    bpy.app.handlers.redo_post.remove(on_undo)
    on_change.remove(use_preferences)
    for timer in (follow, go_on):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
