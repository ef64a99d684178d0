# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines along edges of the photo, by which the artist tells its camera."""

import math
from typing import Annotated, NamedTuple

import bpy

from ..match_properties import GUIDES_TOOL, SAM3D_PG_guide, SAM3D_PG_match
from ..overlay.handles import Handle, guide_at, handle_at, on_photo
from ..overlay.perspective import PAIR
from ..overlay.view import view_frame
from ..photos.orientation import Point
from ..properties import SAM3D_PG_settings, drawing_of, settings_of
from ..runtime.guides import follow, match_to_change
from ..runtime.pump import redraw
from ..scene.data import area_of, image_editor_of, interface_scale, region_of, window_manager_of, workspace_of
from ..scene.importing import push_undo_step
from .draw_mask import PASSED_ON
from .image_editor import open_photo, photo_can_be_shown, put_brush_away
from .match import go_on
from .result import Result

LEAST = 12.0
"""Pixels at scale 1 of a line that is meant as one."""


class _Ends(NamedTuple):
    """Where a guide begins and ends, in pixels of the photo as Blender shows it."""

    x1: float
    y1: float
    x2: float
    y2: float

    @classmethod
    def of(cls, guide: SAM3D_PG_guide) -> "_Ends":
        return cls(guide.x1, guide.y1, guide.x2, guide.y2)


class SAM3D_OT_draw_guide(bpy.types.Operator):
    """Drag along an edge that is straight in the world, or drag a guide's end"""

    bl_idname = "sam3d.draw_guide"
    bl_label = "Draw Guide"

    new: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="New", description="Draw a further guide, also from the end of another", options={"SKIP_SAVE"}
        ),
    ]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """In an image editor."""
        return _is_over_image(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Take the end under the mouse, or begin a line there."""
        settings = settings_of(context)
        if not _shows_photo(context, settings):
            self.report({"WARNING"}, "Guides are drawn over the photo of the SAM 3D panel: show it here.")
            return {"CANCELLED"}
        match = match_to_change(settings)
        handle = None if self.new else _end_under(context, match, event)
        self.before: _Ends | None = None
        if handle is None:
            self._begin(context, match, event)
        else:
            self.index, self.second = handle.guide, handle.is_second
            self.before = _Ends.of(match.guides[handle.guide])
        workspace_of(context).status_text_set("Release: keep the guide    Esc or right click: leave it")
        window_manager_of(context).modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def _begin(self, context: bpy.types.Context, match: SAM3D_PG_match, event: bpy.types.Event) -> None:
        """A new guide; there is one horizon only, which is drawn anew."""
        axis = drawing_of(window_manager_of(context)).guide_axis
        known = [index for index, guide in enumerate(match.guides) if guide.axis == axis == "HORIZON"]
        if known:
            self.index = known[0]
            self.before = _Ends.of(match.guides[self.index])
        else:
            self.index = len(match.guides)
            match.guides.add().axis = axis
        self.second = True
        guide = match.guides[self.index]
        guide.x1, guide.y1 = guide.x2, guide.y2 = _place(context, match, event)

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Follow the mouse until its button is released."""
        match = settings_of(context).match
        if match is None or self.index >= len(match.guides):  # a script has taken it away
            self.cancel(context)
            return {"CANCELLED"}
        guide = match.guides[self.index]
        if event.type in {"MOUSEMOVE", "INBETWEEN_MOUSEMOVE"}:
            self._move(guide, _place(context, match, event))
            region_of(context).tag_redraw()
        elif event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self._move(guide, _place(context, match, event))
            self.cancel(context)
            return self._finish(context, match)
        elif event.type in {"ESC", "RIGHTMOUSE"} and event.value == "PRESS":
            self.cancel(context)
            self._leave(match)
            return {"CANCELLED"}
        elif event.type in PASSED_ON:
            return {"PASS_THROUGH"}
        return {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        """It is done, or Blender takes the operator away with its window or its file."""
        workspace_of(context).status_text_set(None)
        redraw(context)

    def _move(self, guide: SAM3D_PG_guide, place: Point) -> None:
        if self.second:
            guide.x2, guide.y2 = place
        else:
            guide.x1, guide.y1 = place

    def _finish(self, context: bpy.types.Context, match: SAM3D_PG_match) -> Result:
        """The camera follows, as one undo step; a line that is hardly one was a slip of the hand."""
        settings = settings_of(context)
        guide = match.guides[self.index]
        place, (width, _) = view_frame(region_of(context)), match.shown_size
        length = math.hypot(guide.x2 - guide.x1, guide.y2 - guide.y1) * (place.right - place.left) / width
        if length < LEAST * interface_scale(context):
            self._leave(match)
            return {"CANCELLED"}
        drawing, axes = drawing_of(window_manager_of(context)), [guide.axis for guide in match.guides]
        if self.before is None and axes.count("X") == PAIR and drawing.guide_axis == "X" and "Y" not in axes:
            drawing.guide_axis = "Y"  # the other pair is what is drawn next
        follow(context, settings, match)
        push_undo_step("SAM 3D: Guide")
        redraw(context)
        return {"FINISHED"}

    def _leave(self, match: SAM3D_PG_match) -> None:
        """As it was before."""
        if self.before is None:
            match.guides.remove(self.index)
        else:
            guide = match.guides[self.index]
            guide.x1, guide.y1, guide.x2, guide.y2 = self.before


class SAM3D_OT_remove_guide(bpy.types.Operator):
    """Take the guide under the mouse away"""

    bl_idname = "sam3d.remove_guide"
    bl_label = "Remove Guide"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """In an image editor."""
        return _is_over_image(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Nothing where there is none: then the event is for others."""
        settings = settings_of(context)
        match = settings.match
        if match is None or not _shows_photo(context, settings):
            return {"PASS_THROUGH"}
        place, mouse = view_frame(region_of(context)), _mouse(context, event)
        index = guide_at(match.guides, match.shown_size, place, mouse, interface_scale(context))
        if index is None:
            return {"PASS_THROUGH"}
        match.guides.remove(index)
        follow(context, settings, match)
        push_undo_step("SAM 3D: Remove Guide")
        redraw(context)
        return {"FINISHED"}


class SAM3D_OT_clear_guides(bpy.types.Operator):
    """Take all guides of the photo away"""

    bl_idname = "sam3d.clear_guides"
    bl_label = "Clear Guides"
    bl_options = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be some."""
        match = settings_of(context).match
        if match is None or not match.guides:
            cls.poll_message_set("There are no guides on this photo.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> Result:
        """The camera is found anew by what the photo shows."""
        settings = settings_of(context)
        match = match_to_change(settings)
        match.guides.clear()
        follow(context, settings, match)
        redraw(context)
        return go_on(self, context)


class SAM3D_OT_draw_guides(bpy.types.Operator):
    """Show the photo in an image editor, where lines are drawn along its edges to tell its camera"""

    bl_idname = "sam3d.draw_guides"
    bl_label = "Draw Guides"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a photo."""
        return photo_can_be_shown(cls, context)

    def execute(self, context: bpy.types.Context) -> Result:
        """The whole editor becomes an image editor, with the tool in hand; the view stays where it is one already."""
        put_brush_away()
        if area_of(context).ui_type == "IMAGE_EDITOR" and _shows_photo(context, settings_of(context)):
            image_editor_of(context).mode = "VIEW"
            bpy.ops.wm.tool_set_by_id(name=GUIDES_TOOL)
        else:
            open_photo(context, GUIDES_TOOL)
        return {"FINISHED"}


class SAM3D_OT_follow_guides(bpy.types.Operator):
    """Have the photo's camera, and all that is placed by it, follow guides and lens"""

    bl_idname = "sam3d.follow_guides"
    bl_label = "Follow Guides"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """The artist must have told something, or there must be a camera to change."""
        match = settings_of(context).match
        return match is not None and (settings_of(context).camera is not None or len(match.guides) > 0)

    def execute(self, context: bpy.types.Context) -> Result:
        """Nothing moves where guides contradict each other; the panel tells."""
        settings = settings_of(context)
        match = match_to_change(settings)
        follow(context, settings, match)
        if match.problem:
            self.report({"WARNING"}, match.problem)
        redraw(context)
        return go_on(self, context)


def _is_over_image(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    if context.area is None or context.area.type != "IMAGE_EDITOR":
        cls.poll_message_set("Guides are drawn in the image editor.")
        return False
    return True


def _shows_photo(context: bpy.types.Context, settings: SAM3D_PG_settings) -> bool:
    return settings.image is not None and image_editor_of(context).image == settings.image and all(settings.image.size)


def _end_under(context: bpy.types.Context, match: SAM3D_PG_match, event: bpy.types.Event) -> Handle | None:
    place = view_frame(region_of(context))
    return handle_at(context, match, place, _mouse(context, event), interface_scale(context))


def _place(context: bpy.types.Context, match: SAM3D_PG_match, event: bpy.types.Event) -> Point:
    """Where the mouse is, in pixels of the photo."""
    return on_photo(_mouse(context, event), match.shown_size, view_frame(region_of(context)))


def _mouse(context: bpy.types.Context, event: bpy.types.Event) -> Point:
    """In pixels of the region: the middle of that which the mouse is at."""
    region = region_of(context)
    return event.mouse_x - region.x + 0.5, event.mouse_y - region.y + 0.5
