# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own brush, put aside while a mask is painted and given back afterwards."""

import bpy
from mathutils import Color

from ..properties import painting_of, scene_settings
from ..scene.data import active_image_editor, image_editor_of, scene_of, window_manager_of, workspace_of

WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


def leave_what_is_gone() -> None:
    """Show the photo where an image was painted that undo has taken away."""
    for window in window_manager_of(bpy.context).windows:
        photo = scene_settings(window.scene).image
        spaces = [active_image_editor(area) for area in window.screen.areas if area.type == "IMAGE_EDITOR"]
        for space in spaces:
            if painting_of(window.workspace).is_active and space.mode == "PAINT" and space.image is None:
                space.image = photo
                space.mode = painting_of(window.workspace).mode  # type: ignore[assignment]  # one that it was in
                give_brush_back(window.workspace, window.scene)


def take_brush(context: bpy.types.Context) -> None:
    """Paint white, with Ctrl black, until the painting is finished."""
    painting, unified = painting_of(workspace_of(context)), _unified(scene_of(context))
    if not painting.is_active:
        painting.is_active = True
        painting.mode = image_editor_of(context).mode
        painting.use_unified_color = unified.use_unified_color
        painting.color, painting.secondary_color = _rgb(unified.color), _rgb(unified.secondary_color)
    unified.use_unified_color = True
    unified.color, unified.secondary_color = WHITE, BLACK


def give_brush_back(workspace: bpy.types.WorkSpace, scene: bpy.types.Scene) -> None:
    painting, unified = painting_of(workspace), _unified(scene)
    if painting.is_active:
        painting.is_active = False
        unified.use_unified_color = painting.use_unified_color
        unified.color, unified.secondary_color = painting.color, painting.secondary_color


def _unified(scene: bpy.types.Scene) -> bpy.types.UnifiedPaintSettings:
    """What all brushes share; each kind of painting has its own since Blender 5.0."""
    tools = scene.tool_settings
    return getattr(tools.image_paint, "unified_paint_settings", None) or tools.unified_paint_settings


def _rgb(color: Color) -> tuple[float, float, float]:
    return color.r, color.g, color.b
