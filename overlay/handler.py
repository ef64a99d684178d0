# SPDX-License-Identifier: GPL-3.0-or-later
"""The draw handler of the image editor: what it draws over the photo, and when."""

from collections.abc import Iterator

import bpy
import gpu
import numpy as np

from ..properties import SAM3D_PG_mask, SAM3D_PG_settings
from . import marks, outlines, underlay
from .outlines import Look
from .view import frame

MODES = frozenset({"VIEW", "PAINT", "MASK"})
DASH = 8.0
"""Length of a dash and its gap in pixels at scale 1."""
ALONE = (1.0, 0.6, 0.1)
"""Color of points and box where there are no masks."""

_handles: list[object] = []


def register() -> None:
    """Begin to draw."""
    _handles.append(bpy.types.SpaceImageEditor.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL"))


def unregister() -> None:
    """Stop drawing."""
    bpy.types.SpaceImageEditor.draw_handler_remove(_handles.pop(), "WINDOW")
    for part in (marks, outlines, underlay):
        part.free()


def _draw() -> None:
    context = bpy.context
    space, region, settings = context.space_data, context.region, context.scene.sam3d
    photo = settings.image
    if photo is None or space.mode not in MODES or not space.overlay.show_overlays or not _drawable(photo):
        return
    painted = settings.painted_mask(space)
    if painted is None and space.image != photo:
        return
    place = frame(region)
    if not place.is_seen(region):
        return
    gpu.state.blend_set("ALPHA_PREMULT")
    scale = context.preferences.system.ui_scale
    if painted is not None:
        underlay.draw_photo(photo, place, region)
        outlines.draw_masks(_looks_while_painting(settings, painted), place, region, scale)
    elif settings.show_masks:
        outlines.draw_masks(_looks(settings), place, region, scale)
        marks.draw_shapes(_shapes(settings), place, region, scale)
    gpu.state.blend_set("NONE")


def _looks(settings: SAM3D_PG_settings) -> Iterator[tuple[bpy.types.Image, Look]]:
    """The image of each mask and how it is drawn, the active one last."""
    active = settings.active_mask
    for number, mask in sorted(enumerate(settings.masks), key=lambda numbered: numbered[0] == active):
        image = mask.image
        if image is None or not _drawable(image):
            continue
        tint, width = (0.3, 3.6) if number == active else (0.14, 2.2)
        if mask.use:
            yield image, Look(tuple(mask.color), tint, width)
        else:
            yield image, Look(tuple(mask.color), 0.0, width, DASH, 0.8)


def _looks_while_painting(
    settings: SAM3D_PG_settings, painted: SAM3D_PG_mask
) -> Iterator[tuple[bpy.types.Image, Look]]:
    """The others lightly, below the one that is painted."""
    for mask in settings.masks if settings.show_masks else ():
        if mask.use and mask.image not in {None, painted.image} and _drawable(mask.image):
            yield mask.image, Look(tuple(mask.color), 0.0, 2.2, opacity=0.5)
    yield painted.image, Look(tuple(painted.color), 0.45, 3.2, watched=True)


def _shapes(settings: SAM3D_PG_settings) -> np.ndarray:
    """What the active mask was made from, and what tells of those that have no image."""
    size = tuple(settings.image.size)
    if not settings.masks:
        return marks.shapes(settings, size, ALONE)
    shown = [mask for number, mask in enumerate(settings.masks) if number == settings.active_mask or mask.image is None]
    return np.concatenate([marks.shapes(mask, size, tuple(mask.color)) for mask in shown] or [marks.NONE])


def _drawable(image: bpy.types.Image) -> bool:
    """Whether there are pixels for one texture: not in a file that is missing, nor in tiles."""
    return image.source != "TILED" and all(image.size)
