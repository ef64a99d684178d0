# SPDX-License-Identifier: GPL-3.0-or-later
"""The draw handler of the image editor: what it draws over the photo, and when."""

import bpy
import gpu

from . import outlines
from .outlines import Look
from .view import frame

MODES = frozenset({"VIEW", "PAINT", "MASK"})
_handles: list[object] = []


def draw() -> None:
    """Draw the masks of the scene over its photo, where the editor at hand shows it."""
    context = bpy.context
    space, region, settings = context.space_data, context.region, context.scene.sam3d
    photo = settings.image
    if photo is None or space.image != photo or space.mode not in MODES or not space.overlay.show_overlays:
        return
    place = frame(region)
    if not place.is_seen(region):
        return
    scale = context.preferences.system.ui_scale
    gpu.state.blend_set("ALPHA_PREMULT")
    for number, mask in enumerate(settings.masks):
        active = number == settings.active_mask
        if mask.image is not None and all(mask.image.size):
            look = Look(tuple(mask.color), 0.25 if active else 0.12, (4.0 if active else 3.0) * scale)
            outlines.draw_mask(mask.image, place, look)
    gpu.state.blend_set("NONE")


def register() -> None:
    """Begin to draw."""
    _handles.append(bpy.types.SpaceImageEditor.draw_handler_add(draw, (), "WINDOW", "POST_PIXEL"))


def unregister() -> None:
    """Stop drawing."""
    bpy.types.SpaceImageEditor.draw_handler_remove(_handles.pop(), "WINDOW")
    outlines.free()
