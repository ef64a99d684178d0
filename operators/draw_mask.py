# SPDX-License-Identifier: GPL-3.0-or-later
"""One gesture of the mouse over the photo, which shows an object. The tools of the toolbar begin it."""

from typing import Annotated

import bpy

from ..mask_properties import SAM3D_PG_mask
from ..overlay.pen import Pen, draw
from ..overlay.view import view_frame
from ..photos.mask_maker import Change
from ..photos.orientation import Point
from ..photos.picture import Picture
from ..properties import drawing_of, settings_of
from ..runtime.gestures import Gesture, apply, begin_anew, new_mask
from ..runtime.pump import follow, redraw
from ..runtime.state import runtime
from ..scene.data import area_of, image_editor_of, region_of, window_manager_of, workspace_of
from ..scene.importing import push_undo_step
from ..scene.pixels import NoPixels
from .result import Result

TOOLS = (
    ("BOX", "Box", "Drag a box around the object, close but whole", "SELECT_SET", 0),
    ("POINTS", "Points", "Click on the object", "PIVOT_CURSOR", 1),
    ("STROKE", "Stroke", "Brush roughly over the object, end to end", "BRUSH_DATA", 2),
    ("LASSO", "Lasso", "Draw the outline yourself", "GREASEPENCIL", 3),
)
CLICK = 3.0
"""Pixels of the screen below which a drag is a click."""
PASSED_ON = frozenset({"TIMER", "MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE"})
"""Events that are Blender's own in the middle of a gesture."""


class SAM3D_OT_draw_mask(bpy.types.Operator):
    """Show an object on the photo with the mouse"""

    bl_idname = "sam3d.draw_mask"
    bl_label = "Draw Mask"

    tool: Annotated[str, bpy.props.EnumProperty(name="Tool", description="What the mouse draws", items=TOOLS)]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """In an image editor."""
        if context.area is None or context.area.type != "IMAGE_EDITOR":
            cls.poll_message_set("Masks are drawn in the image editor.")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Begin where the mouse is; without a drag, the gesture is a click."""
        settings, region, space = settings_of(context), region_of(context), image_editor_of(context)
        photo = settings.photo_in(space)
        if photo is None or space.image != photo:
            return self._refuse(
                "This tool draws over the photo of the SAM 3D panel: show it here, or take another tool."
            )
        try:
            self.photo: Picture = runtime().photo.picture(photo)
        except NoPixels as error:
            return self._refuse(str(error))
        self.change = Change.SUBTRACT if event.ctrl else Change.ADD if event.shift else Change.REPLACE
        self.pen = Pen(
            area_of(context).as_pointer(),
            self.tool,
            path=[_view(region, event)],
            radius=drawing_of(window_manager_of(context)).brush_radius,
            takes=self.change is Change.SUBTRACT,
        )
        if self.tool == "POINTS":
            self._finish(context)
            return {"FINISHED"}
        self.handle = bpy.types.SpaceImageEditor.draw_handler_add(draw, (self.pen,), "WINDOW", "POST_PIXEL")
        workspace_of(context).status_text_set("Release: make the mask    Esc or right click: leave it")
        window_manager_of(context).modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Follow the mouse until its button is released."""
        region = region_of(context)
        if event.type in {"MOUSEMOVE", "INBETWEEN_MOUSEMOVE"}:
            self.pen.path.append(_view(region, event))
            region.tag_redraw()
        elif event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self.pen.path.append(_view(region, event))
            self.cancel(context)
            self._finish(context)
            return {"FINISHED"}
        elif event.type in {"ESC", "RIGHTMOUSE"} and event.value == "PRESS":
            self.cancel(context)
            return {"CANCELLED"}
        elif event.type in PASSED_ON:
            return {"PASS_THROUGH"}
        return {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Draw it no more: it is done, or Blender takes the operator away with its window or its file."""
        bpy.types.SpaceImageEditor.draw_handler_remove(self.handle, "WINDOW")
        workspace_of(context).status_text_set(None)
        redraw(context)

    def _finish(self, context: bpy.types.Context) -> None:
        """The gesture becomes prompts or an outline, as one undo step."""
        photo = settings_of(context).photo_in(image_editor_of(context))
        if photo is None:
            return
        width, height = photo.size
        place = view_frame(region_of(context))
        gesture = Gesture(
            "POINTS" if self.tool == "BOX" and self._is_click(region_of(context)) else self.tool,
            path=tuple((x * width, (1.0 - y) * height) for x, y in self.pen.path),
            radius=self.pen.radius * width / (place.right - place.left),
            change=self.change,
        )
        mask = self._mask(context) if gesture.is_enough((width, height)) else None
        if mask is None:
            return
        apply(gesture, mask, self.photo, (width, height))
        push_undo_step(f"SAM 3D: {self.tool.title()}")
        follow()
        redraw(context)

    def _mask(self, context: bpy.types.Context) -> SAM3D_PG_mask | None:
        """What the gesture changes: an added photo has one mask, which it begins anew or adds to; the photo may have
        many, of which it makes a new one or changes the active one. None where there is nothing to take away from.
        """
        settings = settings_of(context)
        view = settings.view_in(image_editor_of(context))
        if view is not None:
            if self.change is Change.REPLACE:
                begin_anew(view.mask)
            return None if self.change is Change.SUBTRACT and view.mask.is_empty else view.mask
        if not settings.masks and self.change is Change.SUBTRACT:
            return None
        adds = self.change is not Change.REPLACE or drawing_of(window_manager_of(context)).target == "ACTIVE"
        if adds and settings.masks:
            return settings.masks[min(settings.active_mask, len(settings.masks) - 1)]
        return new_mask(settings)

    def _is_click(self, region: bpy.types.Region) -> bool:
        """Whether the mouse has hardly moved: then a point is meant, whatever is in hand."""
        place = view_frame(region)
        (x, y), (end_x, end_y) = self.pen.path[0], self.pen.path[-1]
        across, up = (end_x - x) * (place.right - place.left), (end_y - y) * (place.top - place.bottom)
        return max(abs(across), abs(up)) < CLICK

    def _refuse(self, reason: str) -> Result:
        self.report({"WARNING"}, reason)
        return {"CANCELLED"}


def _view(region: bpy.types.Region, event: bpy.types.Event) -> Point:
    """The mouse's place in the image's own view."""
    x, y = region.view2d.region_to_view(event.mouse_x - region.x, event.mouse_y - region.y)[:]
    return x, y
