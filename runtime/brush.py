# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own brush, put aside while a mask is painted and given back afterwards."""

import bpy

WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


def leave_what_is_gone() -> None:
    """Show the photo where an image was painted that undo has taken away."""
    for window in bpy.context.window_manager.windows:
        photo = window.scene.sam3d.image
        spaces = [area.spaces.active for area in window.screen.areas if area.type == "IMAGE_EDITOR"]
        for space in spaces:
            if window.workspace.sam3d_painting.is_active and space.mode == "PAINT" and space.image is None:
                space.image, space.mode = photo, window.workspace.sam3d_painting.mode
                give_brush_back(window.workspace, window.scene)


def take_brush(context: bpy.types.Context) -> None:
    """Paint white, with Ctrl black, until the painting is finished."""
    painting, unified = context.workspace.sam3d_painting, _unified(context.scene)
    if not painting.is_active:
        painting.is_active = True
        painting.mode = context.space_data.mode
        painting.use_unified_color = unified.use_unified_color
        painting.color, painting.secondary_color = unified.color, unified.secondary_color
    unified.use_unified_color = True
    unified.color, unified.secondary_color = WHITE, BLACK


def give_brush_back(workspace: bpy.types.WorkSpace, scene: bpy.types.Scene) -> None:
    painting, unified = workspace.sam3d_painting, _unified(scene)
    if painting.is_active:
        painting.is_active = False
        unified.use_unified_color = painting.use_unified_color
        unified.color, unified.secondary_color = painting.color, painting.secondary_color


def _unified(scene: bpy.types.Scene) -> bpy.types.UnifiedPaintSettings:
    """What all brushes share; each kind of painting has its own since Blender 5.0."""
    tools = scene.tool_settings
    return getattr(tools.image_paint, "unified_paint_settings", None) or tools.unified_paint_settings
