# SPDX-License-Identifier: GPL-3.0-or-later
"""Showing objects on the photo with the mouse."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import bpy

from ..overlay.pen import Pen, draw
from ..overlay.view import view_frame
from ..photos.mask_worker import Change
from ..photos.orientation import Point
from ..photos.picture import Picture
from ..properties import settings_of
from ..runtime.gestures import Gesture, apply, new_mask
from ..runtime.pump import follow, redraw
from ..runtime.state import runtime
from ..scene.data import area_of, image_editor_of, interface_scale, window_manager_of, window_of, workspace_of
from ..scene.importing import push_undo_step
from ..scene.pixels import NoPixels, picture
from .image_editor import fit, show_photo
from .result import Result

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import IconItems

TOOLS = (
    ("BOX", "Box", "Drag a box around the object, close but whole", "SELECT_SET", 0),
    ("POINTS", "Points", "Click on the object", "PIVOT_CURSOR", 1),
    ("STROKE", "Stroke", "Brush roughly over the object, end to end", "BRUSH_DATA", 2),
    ("LASSO", "Lasso", "Draw the outline yourself", "GREASEPENCIL", 3),
)
PRESSED = frozenset({"PRESS", "DOUBLE_CLICK"})
ENDS = frozenset({"ESC", "RET", "NUMPAD_ENTER", "RIGHTMOUSE"})
BRACKETS = {"LEFT_BRACKET": 1 / 1.15, "RIGHT_BRACKET": 1.15}
"""The growth of the brush with each press."""
SMALLEST, LARGEST = 2.0, 400.0
"""Radius of the brush in pixels of the screen at scale 1."""


class SAM3D_OT_draw_mask(bpy.types.Operator):
    """Show an object on the photo with the mouse"""

    bl_idname = "sam3d.draw_mask"
    bl_label = "Draw Mask"

    tool: Annotated[str, bpy.props.EnumProperty(name="Tool", description="What the mouse draws", items=TOOLS)]
    new: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="New", description="Each gesture makes a further mask; off: it changes the active one", default=True
        ),
    ]

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """What the tool's button says."""
        how = next(description for tool, _name, description, *_ in TOOLS if tool == properties.tool)
        return f"{how}: {'each one is a further object' if properties.new else 'changes the active mask'}"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """In an image editor, with a photo."""
        if context.area is None or context.area.type != "IMAGE_EDITOR":
            cls.poll_message_set("Masks are drawn in the image editor.")
            return False
        if settings_of(context).image is None:
            cls.poll_message_set("Choose a photo first.")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> Result:
        """Show the photo and take the mouse until the tool is ended."""
        settings = settings_of(context)
        if not (self.new or settings.masks):
            self.report({"WARNING"}, "There is no mask to change: draw a new one.")
            return {"CANCELLED"}
        again = runtime().tool_in_hand == (self.tool, self.new)
        runtime().tool_in_hand = None  # which ends the tool in hand at its next event
        if again:
            return {"FINISHED"}
        try:
            self.photo: Picture = picture(settings.photo)
        except NoPixels as error:
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        finish = bpy.ops.sam3d.finish_painting  # type: ignore[attr-defined]  # our own
        if finish.poll():  # or the brush would stay white
            finish()
        runtime().tool_in_hand = self.use = (self.tool, self.new)
        runtime().masks.look_at(self.photo)
        area = area_of(context)
        is_new = image_editor_of(context).image != settings.image
        show_photo(area, settings.photo)
        if is_new:
            fit(window_of(context), area)
        self.photo_name, self.gestures = settings.photo.name, 0
        self.over = self.dragging = False
        self.change = Change.REPLACE  # what the keys said when the gesture began
        self.sizing: tuple[float, float] | None = None
        """Where the mouse was, and how large the brush, when its size began to be changed."""
        self.pen = Pen(area.as_pointer(), self.tool)
        self._set_radius(context, runtime().brush_radius)
        self.handle = bpy.types.SpaceImageEditor.draw_handler_add(draw, (self.pen,), "WINDOW", "POST_PIXEL")
        workspace_of(context).status_text_set(_status(self.tool))
        window_manager_of(context).modal_handler_add(self)
        redraw(context)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """A gesture begins and ends over the photo; what else happens there and elsewhere is not ours."""
        if not self._goes_on(context):
            self._end(context)
            return {"FINISHED"}
        region = next(region for region in area_of(context).regions if region.type == "WINDOW")
        mouse = event.mouse_x - region.x, event.mouse_y - region.y
        self._follow(context, region, mouse, event)
        if self.sizing is not None:
            return self._size(context, region, mouse, event)
        if self.dragging:
            return self._drag(context, region, mouse, event)
        if event.value not in PRESSED or not (self.over or event.type == "ESC"):
            return {"PASS_THROUGH"}
        if event.type in ENDS:
            self._end(context)
            return {"FINISHED"}
        return {"RUNNING_MODAL"} if self._press(context, region, mouse, event) else {"PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender takes the operator away with its window or its file."""
        self._end(context)

    def _goes_on(self, context: bpy.types.Context) -> bool:
        """Whether the editor still shows the photo, and no other tool was taken up."""
        if runtime().tool_in_hand is not self.use or context.area is None or context.area.type != "IMAGE_EDITOR":
            return False
        photo = settings_of(context).image
        return photo is not None and photo.name == self.photo_name and image_editor_of(context).image == photo

    def _follow(
        self, context: bpy.types.Context, region: bpy.types.Region, mouse: Point, event: bpy.types.Event
    ) -> None:
        """The cursor and the brush follow the mouse."""
        over = self.dragging or _is_over(area_of(context), region, event)
        if over is not self.over:
            self.over = over
            if over:
                window_of(context).cursor_modal_set("CROSSHAIR")
            else:
                window_of(context).cursor_modal_restore()
        if self.sizing is not None:
            return
        before = self.pen.mouse, self.pen.takes
        self.pen.mouse = mouse if over else None
        self.pen.takes = self.change is Change.SUBTRACT if self.dragging else event.ctrl
        if before != (self.pen.mouse, self.pen.takes):
            region.tag_redraw()

    def _press(
        self, context: bpy.types.Context, region: bpy.types.Region, mouse: Point, event: bpy.types.Event
    ) -> bool:
        """What a key or button does over the photo; whether it does anything."""
        if event.type == "LEFTMOUSE" and not event.alt:  # with Alt, some mice pan
            self.pen.path = [_view(region, mouse)]
            self.dragging = True
            self.change = Change.SUBTRACT if event.ctrl else Change.ADD if event.shift else Change.REPLACE
            if self.tool == "POINTS":
                self._finish(context, region)
        elif event.type == "BACK_SPACE" or (event.type == "Z" and (event.ctrl or event.oskey)):
            self._take_back()
        elif event.type in BRACKETS and self.tool == "STROKE":
            self._set_radius(context, runtime().brush_radius * BRACKETS[event.type])
            region.tag_redraw()
        elif event.type == "F" and self.tool == "STROKE":
            self.sizing = mouse[0], runtime().brush_radius
        else:
            return False
        return True

    def _size(
        self, context: bpy.types.Context, region: bpy.types.Region, mouse: Point, event: bpy.types.Event
    ) -> Result:
        """The brush gets as large as the mouse is moved to the right, until a click; Esc or a right click leaves it."""
        assert self.sizing is not None
        start, radius = self.sizing
        if event.type == "MOUSEMOVE":
            self._set_radius(context, radius + (mouse[0] - start) / interface_scale(context))
        elif event.value in PRESSED and event.type in {"LEFTMOUSE", *ENDS}:
            if event.type in {"ESC", "RIGHTMOUSE"}:
                self._set_radius(context, radius)
            self.sizing = None
        elif event.type == "TIMER":
            return {"PASS_THROUGH"}
        region.tag_redraw()
        return {"RUNNING_MODAL"}

    def _set_radius(self, context: bpy.types.Context, radius: float) -> None:
        runtime().brush_radius = min(max(radius, SMALLEST), LARGEST)
        self.pen.radius = runtime().brush_radius * interface_scale(context)

    def _drag(
        self, context: bpy.types.Context, region: bpy.types.Region, mouse: Point, event: bpy.types.Event
    ) -> Result:
        if event.type in {"MOUSEMOVE", "INBETWEEN_MOUSEMOVE"}:
            self.pen.path.append(_view(region, mouse))
            region.tag_redraw()
        elif event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self.pen.path.append(_view(region, mouse))
            self._finish(context, region)
        elif event.type in {"ESC", "RIGHTMOUSE"} and event.value in PRESSED:  # of this gesture alone
            self._drop(region)
        elif event.type in {"TIMER", "MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE"}:
            return {"PASS_THROUGH"}
        return {"RUNNING_MODAL"}

    def _finish(self, context: bpy.types.Context, region: bpy.types.Region) -> None:
        """The gesture becomes prompts or an outline, as one undo step."""
        settings = settings_of(context)
        width, height = settings.photo.size
        place = view_frame(region)
        gesture = Gesture(
            self.tool,
            path=tuple((x * width, (1.0 - y) * height) for x, y in self.pen.path),
            radius=self.pen.radius * width / (place.right - place.left),
            change=self.change,
        )
        self._drop(region)
        anew = self.new and gesture.change is Change.REPLACE
        if not gesture.is_enough((width, height)) or not (anew or settings.masks):
            return
        mask = new_mask(settings) if anew else settings.masks[min(settings.active_mask, len(settings.masks) - 1)]
        apply(gesture, mask, self.photo, (width, height))
        push_undo_step(f"SAM 3D: {self.tool.title()}")
        self.gestures += 1
        follow()
        redraw(context)

    def _drop(self, region: bpy.types.Region) -> None:
        self.pen.path, self.dragging = [], False
        region.tag_redraw()

    def _take_back(self) -> None:
        if self.gestures:
            self.gestures -= 1
            bpy.ops.ed.undo()

    def _end(self, context: bpy.types.Context) -> None:
        if runtime().tool_in_hand in (None, self.use):  # no other tool was taken up
            runtime().tool_in_hand = None
            workspace_of(context).status_text_set(None)
        bpy.types.SpaceImageEditor.draw_handler_remove(self.handle, "WINDOW")
        if self.over:
            window_of(context).cursor_modal_restore()
        redraw(context)


def _is_over(area: bpy.types.Area, region: bpy.types.Region, event: bpy.types.Event) -> bool:
    """Whether the mouse is over the photo's region and over no other one that lies on it, such as the sidebar."""
    under = [one for one in area.regions if _holds(one, event)]
    return under == [region]


def _holds(region: bpy.types.Region, event: bpy.types.Event) -> bool:
    return 0 <= event.mouse_x - region.x < region.width and 0 <= event.mouse_y - region.y < region.height


def _view(region: bpy.types.Region, mouse: Point) -> Point:
    """A place of the region in the image's own view."""
    x, y = region.view2d.region_to_view(*mouse)[:]
    return x, y


def _status(tool: str) -> Callable[[bpy.types.Header, bpy.types.Context], None]:
    """What the status bar tells of the keys."""
    keys: dict[str, tuple[tuple[str, IconItems], ...]] = {
        "BOX": (("Around the object", "MOUSE_LMB_DRAG"),),
        "POINTS": (("On the object", "MOUSE_LMB"), ("Not this", "EVENT_CTRL")),
        "STROKE": (
            ("Over the object", "MOUSE_LMB_DRAG"),
            ("Not this", "EVENT_CTRL"),
            ("Brush size: F, [ ]", "BRUSH_DATA"),
        ),
        "LASSO": (("Outline", "MOUSE_LMB_DRAG"), ("Add", "EVENT_SHIFT"), ("Take away", "EVENT_CTRL")),
    }
    always: tuple[tuple[str, IconItems], ...] = (
        ("Take back: Backspace", "LOOP_BACK"),
        ("End", "MOUSE_RMB"),
        ("", "EVENT_ESC"),
    )

    def show(header: bpy.types.Header, _context: bpy.types.Context) -> None:
        assert header.layout is not None
        row = header.layout.row()
        for text, icon in (*keys[tool], *always):
            row.label(text="", icon=icon)
            row.label(text=text)

    return show
