# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools that draw masks, in the image editor's own toolbar: a tool stays in hand until another is chosen."""

from typing import Annotated, Any, ClassVar

import bpy
from gpu_extras.presets import draw_circle_2d

from ..match_properties import GUIDES_TOOL
from ..overlay.handles import end_under
from ..panels.masks import draw_target
from ..properties import drawing_of, settings_of
from ..runtime.pump import follow
from ..runtime.selection_model import look_at
from ..scene.data import area_of, image_editor_of, window_manager_of
from ..scene.pixels import NoPixels
from .draw_mask import TOOLS
from .image_editor import put_brush_away, show_photo
from .result import Result

BLENDERS_OWN = "builtin.sample"
"""The tool that the image editor begins with."""
BRUSH_RADIUS = "window_manager.sam3d_drawing.brush_radius"
GROWTH = 1.15
"""Of the brush, with each press of a bracket."""
RING = 9.0
"""Pixels around the end of a guide that the mouse would take."""
LONGEST = 40
"""Characters that the header has room for to name a mask."""
SEGMENTS = 48
"""Of the circle that is the brush."""

Item = tuple[str, dict[str, Any], dict[str, Any] | None]
"""An entry of a tool's keymap as Blender takes it."""


_CANDIDATES: tuple[Item, ...] = (
    ("sam3d.choose_candidate", {"type": "TAB", "value": "PRESS"}, {"properties": [("step", 1)]}),
    ("sam3d.choose_candidate", {"type": "TAB", "value": "PRESS", "shift": True}, {"properties": [("step", -1)]}),
)
"""What else a drawing may mean; where there is nothing else, Tab is Blender's own."""


def _keymap(tool: str, *others: Item) -> tuple[Item, ...]:
    """The left button draws, with Shift and Ctrl, too."""
    keys: tuple[dict[str, bool], ...] = ({}, {"shift": True}, {"ctrl": True})
    draws = [
        ("sam3d.draw_mask", {"type": "LEFTMOUSE", "value": "PRESS", **key}, {"properties": [("tool", tool)]})
        for key in keys
    ]
    return (*draws, *_CANDIDATES, *others)


def _scaled(key: str, factor: float) -> Item:
    properties = [("data_path", BRUSH_RADIUS), ("value", factor)]
    return "wm.context_scale_float", {"type": key, "value": "PRESS", "repeat": True}, {"properties": properties}


class _Tool(bpy.types.WorkSpaceTool):
    bl_space_type = "IMAGE_EDITOR"
    bl_context_mode = "VIEW"
    bl_cursor = "CROSSHAIR"
    how: ClassVar[str]

    @classmethod
    def draw_settings(cls, context: bpy.types.Context, layout: bpy.types.UILayout, _tool: Any) -> None:
        """What the header shows while the tool is in hand."""
        settings, space = settings_of(context), image_editor_of(context)
        photo = settings.photo_in(space)
        if photo is None or space.image != photo:
            layout.label(text="Draws over the photo only", icon="INFO")
            if settings.image is not None:
                layout.operator("sam3d.choose_in_editor", text="Show Photo", icon="IMAGE_DATA")
            return
        row = layout.row(align=True)
        row.use_property_split = False
        if photo == settings.image:  # an added one has one mask
            cls.draw_target(context, row)
        cls.draw_own_settings(context, layout)
        layout.label(text=cls.how)

    @classmethod
    def draw_target(cls, context: bpy.types.Context, row: bpy.types.UILayout) -> None:
        """What the next gesture makes."""
        draw_target(row, context, room=LONGEST)

    @classmethod
    def draw_own_settings(cls, context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
        """What only this tool has."""


class SAM3D_WT_box(_Tool):
    """Drag a box around the object, close but whole"""

    bl_idname = "sam3d.box"
    bl_label = "Mask by Box"
    bl_icon = "ops.generic.select_box"
    bl_keymap = _keymap("BOX")
    how = "Drag around the object, or click on it"


class SAM3D_WT_points(_Tool):
    """Click on the object; with Ctrl, on what does not belong to it"""

    bl_idname = "sam3d.points"
    bl_label = "Mask by Points"
    bl_icon = "ops.generic.select"
    bl_keymap = _keymap("POINTS")
    how = "Click on the object. Shift: a further part. Ctrl: not this"


class SAM3D_WT_stroke(_Tool):
    """Brush roughly over the object, end to end"""

    bl_idname = "sam3d.stroke"
    bl_label = "Mask by Stroke"
    bl_icon = "ops.generic.select_paint"
    bl_keymap = _keymap(
        "STROKE",
        ("wm.radial_control", {"type": "F", "value": "PRESS"}, {"properties": [("data_path_primary", BRUSH_RADIUS)]}),
        _scaled("LEFT_BRACKET", 1 / GROWTH),
        _scaled("RIGHT_BRACKET", GROWTH),
    )
    how = "Brush over the object. Shift: a further part. Ctrl: not this"

    @classmethod
    def draw_own_settings(cls, context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
        """How large the brush is."""
        layout.prop(drawing_of(window_manager_of(context)), "brush_radius", slider=True)

    @staticmethod
    def draw_cursor(context: bpy.types.Context, _tool: Any, place: tuple[float, float]) -> None:
        """The brush, where the mouse is."""
        if image_editor_of(context).mode == "VIEW":
            radius = drawing_of(window_manager_of(context)).brush_radius
            draw_circle_2d(place, (0.0, 0.0, 0.0, 0.6), radius + 1.0, segments=SEGMENTS)
            draw_circle_2d(place, (1.0, 1.0, 1.0, 1.0), radius, segments=SEGMENTS)


class SAM3D_WT_lasso(_Tool):
    """Draw the outline yourself"""

    bl_idname = "sam3d.lasso"
    bl_label = "Mask by Lasso"
    bl_icon = "ops.generic.select_lasso"
    bl_keymap = _keymap("LASSO")
    how = "Draw the outline. Shift: adds. Ctrl: takes away"


class SAM3D_WT_guides(_Tool):
    """Drag lines along edges that are parallel in the world: they tell the photo's camera"""

    bl_idname = GUIDES_TOOL
    bl_label = "Guides"
    bl_icon = "ops.view3d.ruler"
    bl_keymap = (
        ("sam3d.draw_guide", {"type": "LEFTMOUSE", "value": "PRESS"}, None),
        ("sam3d.draw_guide", {"type": "LEFTMOUSE", "value": "PRESS", "shift": True}, {"properties": [("new", True)]}),
        ("sam3d.remove_guide", {"type": "LEFTMOUSE", "value": "PRESS", "ctrl": True}, None),
        ("sam3d.remove_guide", {"type": "X", "value": "PRESS"}, None),
    )
    how = "Drag along an edge, or drag an end. Shift: a new line, also from an end. Ctrl: remove"

    @classmethod
    def draw_target(cls, context: bpy.types.Context, row: bpy.types.UILayout) -> None:
        """Which way the next line runs."""
        row.prop(drawing_of(window_manager_of(context)), "guide_axis", expand=True)

    @staticmethod
    def draw_cursor(context: bpy.types.Context, _tool: Any, place: tuple[float, float]) -> None:
        """A ring around the end that the mouse would take."""
        handle = end_under(context, place)
        if handle is not None:
            draw_circle_2d(handle, (0.0, 0.0, 0.0, 0.6), RING + 1.0, segments=SEGMENTS)
            draw_circle_2d(handle, (1.0, 1.0, 1.0, 1.0), RING, segments=SEGMENTS)


WORKSPACE_TOOLS = (SAM3D_WT_box, SAM3D_WT_points, SAM3D_WT_stroke, SAM3D_WT_lasso, SAM3D_WT_guides)


class SAM3D_OT_choose_tool(bpy.types.Operator):
    """Take up a tool that shows objects on the photo"""

    bl_idname = "sam3d.choose_tool"
    bl_label = "Choose Mask Tool"

    tool: Annotated[str, bpy.props.EnumProperty(name="Tool", description="What the mouse draws", items=TOOLS)]
    change: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Change", description="What is drawn changes the active mask", default=False, options={"SKIP_SAVE"}
        ),
    ]

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """What the tool's button says."""
        return next(how for tool, _name, how, *_ in TOOLS if tool == properties.tool)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Over the photo, or over a mask that is painted."""
        if context.area is None or context.area.ui_type != "IMAGE_EDITOR":
            cls.poll_message_set("Masks are drawn in the image editor.")
            return False
        if settings_of(context).photo_in(image_editor_of(context)) is None:
            cls.poll_message_set("Show the photo in this editor first.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> Result:
        """Leave painting, and let Blender take the tool up."""
        settings = settings_of(context)
        photo = settings.photo_in(image_editor_of(context))
        assert photo is not None  # `poll` has seen to it
        put_brush_away()  # or it would stay white
        show_photo(area_of(context), photo)
        try:
            look_at(photo)
        except NoPixels as error:
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        follow()
        if self.change and settings.masks:
            drawing_of(window_manager_of(context)).target = "ACTIVE"
        bpy.ops.wm.tool_set_by_id(name=f"sam3d.{self.tool.lower()}")
        return {"FINISHED"}


def register() -> None:
    """Add the tools to the toolbar; without a window there is none."""
    if bpy.app.background:
        return
    for number, tool in enumerate(WORKSPACE_TOOLS):
        bpy.utils.register_tool(tool, separator=number == 0)


def unregister() -> None:
    """Lay the tools down, and take them away."""
    if bpy.app.background:
        return
    for window in window_manager_of(bpy.context).windows:
        with bpy.context.temp_override(window=window, area=None):
            bpy.ops.wm.tool_set_by_id(name=BLENDERS_OWN, space_type="IMAGE_EDITOR")
    for tool in reversed(WORKSPACE_TOOLS):
        bpy.utils.unregister_tool(tool)
