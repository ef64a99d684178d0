# SPDX-License-Identifier: GPL-3.0-or-later
"""All objects of the photo at once, of which the artist takes some by clicks."""

import traceback

import bpy

from ..overlay.proposals import ShownProposals, draw_proposals
from ..properties import settings_of
from ..runtime.everything import Everything, search
from ..runtime.pump import PERIOD, redraw
from ..runtime.state import runtime
from ..scene.data import image_editor_of, window_manager_of, workspace_of
from ..scene.importing import push_undo_step
from ..scene.pixels import NoPixels
from .result import Result

ENDS = frozenset({"RET", "NUMPAD_ENTER", "ESC", "RIGHTMOUSE"})
MOUSE = frozenset({"MOUSEMOVE", "INBETWEEN_MOUSEMOVE", "LEFTMOUSE"})
TOLD = "Click: take an object as a mask    Enter or Esc: done"


class SAM3D_OT_find_everything(bpy.types.Operator):
    """Find all objects of the photo, and take those you want with a click each"""

    bl_idname = "sam3d.find_everything"
    bl_label = "Everything"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Over the photo, by the model, and not twice."""
        if not runtime().masks.has_model:
            cls.poll_message_set("This needs the selection model: download it in the panel or in the preferences.")
            return False
        if context.area is None or context.area.ui_type != "IMAGE_EDITOR":
            cls.poll_message_set("Objects are chosen in the image editor.")
            return False
        image = settings_of(context).image
        return image is not None and image_editor_of(context).image == image and runtime().everything is None

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Begin to search; Blender goes on meanwhile."""
        try:
            self.sought = search(settings_of(context).photo)
        except NoPixels as error:
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        runtime().everything = self.sought
        self.shown: ShownProposals | None = None
        self.timer = window_manager_of(context).event_timer_add(PERIOD, window=context.window)
        window_manager_of(context).modal_handler_add(self)
        redraw(context)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Wait for what is found; then the mouse points at it and takes it."""
        if self.sought.ended or not _is_shown(context, self.sought.photo):
            return self._finish(context)
        if event.type == "TIMER":
            return self._look(context)
        canvas = _canvas_under(context, event, self.sought.photo)
        if canvas is not None and event.type in ENDS and event.value == "PRESS":
            return self._finish(context)
        if canvas is None or self.shown is None or event.type not in MOUSE:
            return {"PASS_THROUGH"}
        self._point(canvas, event)
        if event.type != "LEFTMOUSE":
            return {"PASS_THROUGH"}
        if event.value == "PRESS":
            self._take(context)
        return {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        """It is done, or Blender takes the operator away with its window or its file."""
        self.sought.search.stop()
        runtime().everything = None
        window_manager_of(context).event_timer_remove(self.timer)
        if self.shown is not None:
            bpy.types.SpaceImageEditor.draw_handler_remove(self.handle, "WINDOW")
            workspace_of(context).status_text_set(None)

    def _finish(self, context: bpy.types.Context) -> Result:
        self.cancel(context)
        redraw(context)
        return {"FINISHED"}

    def _look(self, context: bpy.types.Context) -> Result:
        """Show what was found as soon as it is there."""
        if self.shown is not None:
            hidden = self.sought.taken(settings_of(context))
            if hidden != self.shown.hidden:
                self.shown.hidden = hidden
                redraw(context)
            return {"PASS_THROUGH"}
        try:
            problem = self.sought.take_over()
        except Exception as error:  # the last resort: the artist can do without it
            traceback.print_exception(error)
            problem = f"The objects could not be found ({type(error).__name__}): see Blender's console."
        if problem:
            self.report({"WARNING"}, problem)
            return self._finish(context)
        if self.sought.proposals is not None:
            self.shown = ShownProposals(self.sought.photo, self.sought.proposals.numbers)
            self.handle = bpy.types.SpaceImageEditor.draw_handler_add(
                draw_proposals, (self.shown,), "WINDOW", "POST_PIXEL"
            )
            workspace_of(context).status_text_set(TOLD)
        redraw(context)
        return {"PASS_THROUGH"}

    def _point(self, canvas: bpy.types.Region, event: bpy.types.Event) -> None:
        assert self.shown is not None
        x, y = canvas.view2d.region_to_view(event.mouse_x - canvas.x, event.mouse_y - canvas.y)[:]
        before, self.shown.under_mouse = self.shown.under_mouse, self.shown.at(x, y)
        if before != self.shown.under_mouse:
            canvas.tag_redraw()

    def _take(self, context: bpy.types.Context) -> None:
        assert self.shown is not None
        number, settings = self.shown.under_mouse, settings_of(context)
        if not number:
            return
        self.sought.take(settings, number)
        self.shown.hidden, self.shown.under_mouse = self.sought.taken(settings), 0
        push_undo_step("SAM 3D: Take Object")
        redraw(context)


class SAM3D_OT_end_everything(bpy.types.Operator):
    """Stop searching, or taking objects"""

    bl_idname = "sam3d.end_everything"
    bl_label = "Done with Everything"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """While it is at work."""
        return runtime().everything is not None

    def execute(self, _context: bpy.types.Context) -> Result:
        """Let it end with its next event."""
        sought: Everything | None = runtime().everything
        if sought is not None:
            sought.ended = True
        return {"FINISHED"}


def _is_shown(context: bpy.types.Context, photo: int) -> bool:
    """Whether an image editor shows the photo that is still the scene's."""
    image = settings_of(context).image
    spaces = (area.spaces.active for area in context.screen.areas) if context.screen is not None else ()
    shown = any(isinstance(space, bpy.types.SpaceImageEditor) and space.image == image for space in spaces)
    return shown and image is not None and image.session_uid == photo


def _canvas_under(context: bpy.types.Context, event: bpy.types.Event, photo: int) -> bpy.types.Region | None:
    """The region of the image editor under the mouse that shows the photo; None over its bars, and elsewhere."""
    if context.window is None:
        return None
    for area in context.window.screen.areas:
        space = area.spaces.active
        if not isinstance(space, bpy.types.SpaceImageEditor) or space.image is None:
            continue
        if space.image.session_uid != photo:
            continue
        under = [region for region in area.regions if _holds(region, event)]
        if under and all(region.type == "WINDOW" for region in under):
            return under[0]
    return None


def _holds(region: bpy.types.Region, event: bpy.types.Event) -> bool:
    if region.width <= 1 or region.height <= 1:
        return False
    across, up = event.mouse_x - region.x, event.mouse_y - region.y
    return 0 <= across < region.width and 0 <= up < region.height
