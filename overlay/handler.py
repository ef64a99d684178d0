# SPDX-License-Identifier: GPL-3.0-or-later
"""The draw handler of the image editor: what it draws over the photo, and when."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import bpy
import gpu

from ..mask_properties import SAM3D_PG_mask, SAM3D_PG_view
from ..match_properties import GUIDES_TOOL
from ..properties import SAM3D_PG_settings, settings_of
from ..scene.data import image_editor_of, interface_scale, region_of, workspace_of
from . import guides, outlines, prompts, proposals, underlay
from .outlines import Color, Style
from .perspective import perspective_of
from .prompts import DrawnPrompts, drawn_prompts
from .view import depth_of, view_frame

MODES = frozenset({"VIEW", "PAINT", "MASK"})
USED, USED_ACTIVE = Style(0.14, 2.2), Style(0.3, 3.6)
UNUSED, UNUSED_ACTIVE = (Style(0.0, used.width, dash=8.0, opacity=0.8) for used in (USED, USED_ACTIVE))
PAINTED, BESIDE = Style(0.45, 3.2, watched=True), Style(0.0, 2.2, opacity=0.5)
"""The mask that is painted, and the others meanwhile."""
ALONE = (1.0, 0.6, 0.1)
"""Color of points and box where there are no masks."""

Row = tuple[SAM3D_PG_mask, bpy.types.Image | None, bool]
"""A mask of the list, its image, and whether it is the active one."""


def register() -> Any:
    """Begin to draw; returns Blender's handle, which `unregister` takes back."""
    return bpy.types.SpaceImageEditor.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL")


def unregister(handle: Any) -> None:
    """Stop drawing."""
    bpy.types.SpaceImageEditor.draw_handler_remove(handle, "WINDOW")
    for part in (guides, prompts, outlines, proposals, underlay):
        part.free()


def _draw() -> None:
    context = bpy.context
    space, region, settings = image_editor_of(context), region_of(context), settings_of(context)
    photo = settings.photo_in(space)
    if photo is None or space.mode not in MODES or not space.overlay.show_overlays or not depth_of(photo):
        return
    painted, view = settings.painted_mask(space), settings.view_in(space)
    place = view_frame(region)
    if not place.is_seen(region):
        return
    gpu.state.blend_set("ALPHA_PREMULT")
    scale = interface_scale(context)
    if painted is not None:
        underlay.draw_photo(photo, place, region)
        outlines.draw_masks(_looks_while_painting(settings, painted, view), place, region, scale)
    elif settings.show_masks:
        rows = _rows(settings) if view is None else [(view.mask, view.mask.image, True)]
        outlines.draw_masks(_looks(rows), place, region, scale)
        prompts.draw_prompts(_drawn_prompts(settings, photo, rows), place, region, scale)
    if painted is None and view is None and _draws_guides(context):
        seen = perspective_of(settings)
        if seen is not None:
            guides.draw_guides(seen, place, region, scale)
    gpu.state.blend_set("NONE")


def _draws_guides(context: bpy.types.Context) -> bool:
    """Whether the tool is in hand by which guides are seen."""
    tool = workspace_of(context).tools.from_space_image_mode("VIEW")
    return image_editor_of(context).mode == "VIEW" and tool is not None and tool.idname == GUIDES_TOOL


def _rows(settings: SAM3D_PG_settings) -> list[Row]:
    """The masks in the order in which they are drawn, the active one last."""
    active = settings.active_mask
    rows = [(mask, mask.image, number == active) for number, mask in enumerate(settings.masks)]
    return sorted(rows, key=itemgetter(2))


def _looks(rows: list[Row]) -> Iterator[tuple[bpy.types.Image, Color, Style]]:
    """The image of each mask and how it is drawn."""
    for mask, image, is_active in rows:
        if image is None:
            continue
        if mask.use:
            yield image, mask.color[:], USED_ACTIVE if is_active else USED
        else:
            yield image, mask.color[:], UNUSED_ACTIVE if is_active else UNUSED


def _looks_while_painting(
    settings: SAM3D_PG_settings, painted: SAM3D_PG_mask, view: SAM3D_PG_view | None
) -> Iterator[tuple[bpy.types.Image, Color, Style]]:
    """The others of the photo lightly, below the one that is painted."""
    for mask in settings.masks if settings.show_masks and view is None else ():
        if mask.use and mask.image is not None and mask.image != painted.image:
            yield mask.image, mask.color[:], BESIDE
    assert painted.image is not None
    yield painted.image, painted.color[:], PAINTED


def _drawn_prompts(settings: SAM3D_PG_settings, photo: bpy.types.Image, rows: list[Row]) -> tuple[DrawnPrompts, ...]:
    """What the active mask was made from, and what tells of those that have no image."""
    width, height = photo.size
    size = width, height
    if not rows:
        return (drawn_prompts(settings, size, ALONE),)
    return tuple(
        drawn_prompts(mask, size, mask.color[:]) for mask, image, is_active in rows if is_active or image is None
    )
