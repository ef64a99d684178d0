# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done at each tick of the modal timer, when it runs, and what is drawn anew."""

import contextlib

import bpy

from ..jobs.announcements import Announcement, announcement
from ..scene.data import window_manager_of
from . import camera_capture, import_queue, matching, selection_model
from .progress import progress_of, redraw_status_bars
from .service_credentials import refresh_credentials
from .state import runtime

PERIOD = 0.1
"""Seconds between two ticks."""
EDITORS = frozenset({"VIEW_3D", "IMAGE_EDITOR"})


def tick(context: bpy.types.Context) -> tuple[bool, list[Announcement]]:
    """A tick's work; returns whether there is something new to show, and what is to be told."""
    reason = camera_capture.tick(context)
    changed = import_queue.tick(context) | runtime().results.drain() | selection_model.tick(context)
    told = [Announcement(reason, is_warning=True)] if reason else []
    told += matching.tick(context)
    ended = list(filter(None, map(announcement, runtime().queue.take_ended())))
    if ended:
        told += [*ended[:-1], ended[-1].followed_by(runtime().arrivals.take_remarks())]
    return changed or bool(told), told


def busy() -> bool:
    """Whether anything is left to watch."""
    queue = runtime().queue
    others = (runtime().masks, runtime().selection_model, runtime().results, runtime().matching)
    return bool(camera_capture.taking() or queue.at_work() or queue.awaited() or any(other.busy for other in others))


def follow() -> None:
    """See to it that the timer runs while there is something to watch (also as a one-shot application timer)."""
    if bpy.app.background or runtime().is_watching:
        return
    runtime().queue.drain()
    manager = window_manager_of(bpy.context)
    if not busy() or not manager.windows:
        return
    # Only where there is no window: under Python 3.11 an override is no place for operators while threads are at work,
    # for Blender looks into its dictionary without Python's lock
    needs_window = bpy.context.window is None
    with bpy.context.temp_override(window=manager.windows[0]) if needs_window else contextlib.nullcontext():
        bpy.ops.sam3d.watch_jobs("INVOKE_DEFAULT")  # type: ignore[attr-defined]  # our own


def follow_soon(seconds: float, *, persistent: bool = False) -> None:
    """Follow a little later, where Blender cannot start the timer now; `persistent` outlives a file being loaded."""
    if not bpy.app.timers.is_registered(follow):
        bpy.app.timers.register(follow, first_interval=seconds, persistent=persistent)


def go_on() -> float | None:
    """Take up what earlier sessions have left, as soon as it is known (an application timer: returns the pause)."""
    if not runtime().queue.recalled:
        return PERIOD
    use_preferences(bpy.context)
    redraw(bpy.context)
    return None


def use_preferences(context: bpy.types.Context) -> None:
    """Go by what the preferences say now: a key that has just been entered lets waiting jobs go on."""
    refresh_credentials(context)
    selection_model.use(context)
    if runtime().queue.recalled:
        runtime().queue.resume()
        follow()


def redraw(context: bpy.types.Context) -> None:
    """Draw the sidebars anew in which the panels live, the photo with its masks, the preferences, and what the status
    bar tells.
    """
    before, runtime().progress = runtime().progress, progress_of(runtime())
    if runtime().progress != before:
        redraw_status_bars(context)
    for window in window_manager_of(context).windows:
        for area in window.screen.areas:
            if area.type in EDITORS:
                for region in area.regions:
                    if region.type == "UI" or area.type == "IMAGE_EDITOR":
                        region.tag_redraw()
            elif area.type == "PREFERENCES":
                area.tag_redraw()
