# SPDX-License-Identifier: GPL-3.0-or-later
"""All that Blender calls by itself: handlers of files, of undo, and application timers."""

import bpy
from bpy.app.handlers import persistent

from ..preferences import has_preferences
from ..properties import scene_settings
from ..scene import camera_render
from ..scene.masks import keep_in_file
from . import camera_capture, mask_sync, own_server, pump, question
from .brush import leave_what_is_gone
from .state import runtime


@persistent
def _interrupt_capture(*_: object) -> None:
    """Undo and a file being loaded end Blender's renders, which then leave half a picture."""
    camera_capture.interrupt()


@persistent
def _remove_leftovers(*_: object) -> None:
    """A step of undo, or a recovered file, may hold the scene of a render."""
    camera_render.remove_leftovers()


@persistent
def _show_loaded(*_: object) -> None:
    """A loaded file ends all modal operators."""
    runtime().is_watching = False
    runtime().scenes.read_file()
    runtime().drawn_images.reset()
    runtime().photo.forget()
    runtime().arrivals.forget_file()
    question.close()
    runtime().asked.clear()
    mask_sync.catch_up()
    pump.follow()


@persistent
def _catch_up(*_: object) -> None:
    """The masks' images follow undo and redo, by way of the masks' thread where need be."""
    mask_sync.catch_up()
    if runtime().masks.busy:
        pump.follow_soon(0.0)


@persistent
def _leave_painting(*_: object) -> None:
    """Undo may take the image away that is being painted."""
    leave_what_is_gone()


@persistent
def _keep_painted(*_: object) -> None:
    """What was painted goes with the file."""
    masks = (mask for scene in bpy.data.scenes for mask in scene_settings(scene).all_masks())
    keep_in_file({mask.image for mask in masks if mask.image is not None})


@persistent
def _keep_identities(*_: object) -> None:
    """A result finds its scene again in a file that is opened later."""
    runtime().scenes.keep_in_file()


@persistent
def _note_saved(*_: object) -> None:
    """The file may have another name now; its scenes are the same."""
    runtime().scenes.note_saved()


@persistent
def _note_render(words: str) -> None:
    """On the render's own thread, many times a second."""
    if (capture := runtime().capture) is not None:
        capture.note_progress(words)


HANDLERS = {
    "load_pre": (_interrupt_capture,),
    "load_post": (_remove_leftovers, _show_loaded),
    "save_pre": (_keep_painted, _keep_identities),
    "save_post": (_note_saved,),
    "undo_pre": (_interrupt_capture,),
    "undo_post": (_remove_leftovers, _catch_up, _leave_painting),
    "redo_pre": (_interrupt_capture,),
    "redo_post": (_remove_leftovers, _catch_up),
    "render_stats": (_note_render,),
}
"""By Blender's list of handlers, in the order in which they are called: what a render has left goes first, before
anything looks at the scenes."""
TIMERS = (pump.follow, pump.go_on, own_server.look)
"""Application timers that may be waiting for their turn."""


def register() -> None:
    """Let Blender call; take up the jobs of earlier sessions."""
    for name, handlers in HANDLERS.items():
        getattr(bpy.app.handlers, name).extend(handlers)
    if not bpy.app.background:
        bpy.app.timers.register(pump.go_on, first_interval=0.5, persistent=True)
    elif has_preferences(bpy.context):
        runtime().queue.wait_for_journal()  # there are no timers; and nobody who would be kept waiting
        pump.go_on()


def unregister() -> None:
    """Take back what `register` and the timers have left."""
    question.close()
    for timer in TIMERS:
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
    for name, handlers in reversed(HANDLERS.items()):
        for handler in reversed(handlers):
            getattr(bpy.app.handlers, name).remove(handler)
