# SPDX-License-Identifier: GPL-3.0-or-later
"""How far all that is at work is, for the status bar."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy

from ..jobs.durations import fraction_done
from ..scene.data import window_manager_of

if TYPE_CHECKING:
    from .state import Runtime

OUR_MODALS = "SAM3D_OT_watch_jobs"


@dataclass(frozen=True)
class Progress:
    """A bar, and the words in it."""

    fraction: float
    words: str


def progress_of(runtime: "Runtime") -> Progress | None:
    """How far the jobs are together; None where none is at work. Of the camera's renders Blender itself tells."""
    jobs, now = runtime.queue.at_work(), time.time()
    if not jobs:
        return None
    expected = runtime.queue.services.expected_seconds
    done = [fraction_done(job, expected(job.provider, job.options.subject), now) for job in jobs]
    fraction = sum(done) / len(done)
    return Progress(fraction, f"SAM 3D: {len(jobs)} at work {fraction:.0%}")


def redraw_status_bars(context: bpy.types.Context) -> None:
    """Draw the status bars anew, but not where a tool shows its keys there.

    Blender lets nobody redraw them, but does so when the text of such a tool is taken away, where there is none, too.
    """
    for window in window_manager_of(context).windows:
        if all(modal.bl_idname == OUR_MODALS for modal in window.modal_operators):
            with context.temp_override(window=window):
                bpy.types.WorkSpace.status_text_set_internal(None)
