# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide under the mouse: its ends are handles."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import bpy

from ..match_properties import SAM3D_PG_guide, SAM3D_PG_match
from ..photos.orientation import Point, Size
from ..properties import drawing_of, settings_of
from ..scene.data import image_editor_of, interface_scale, region_of, window_manager_of
from .perspective import PAIR
from .view import ViewFrame, view_frame

NEAR_END, NEAR_LINE = 10.0, 7.0
"""Pixels at scale 1 within which the mouse means an end, or a line."""


class Handle(NamedTuple):
    """An end of a guide: which guide, whether its second end, and how far from the mouse."""

    guide: int
    is_second: bool
    distance: float


def handle_at(
    context: bpy.types.Context, match: SAM3D_PG_match, place: ViewFrame, mouse: Point, scale: float
) -> Handle | None:
    """The end under the mouse that a drag would take.

    While the chosen axis has too few guides, its own alone: lines of a rectangle begin where others end.
    """
    axis = drawing_of(window_manager_of(context)).guide_axis
    is_enough = sum(guide.axis == axis for guide in match.guides) >= (1 if axis == "HORIZON" else PAIR)
    return end_at(match.guides, match.shown_size, place, mouse, scale, axis="" if is_enough else axis)


def end_at(
    guides: Iterable[SAM3D_PG_guide], size: Size, place: ViewFrame, mouse: Point, scale: float, *, axis: str = ""
) -> Handle | None:
    """The end under the mouse, which is in pixels of the region as the frame is; guides are on a photo of that size.

    axis: the only one of which ends count.
    """
    ends = [
        Handle(index, is_second == 1, math.dist(on_region(end, size, place), mouse))
        for index, guide in enumerate(guides)
        if axis in {"", guide.axis}
        for is_second, end in enumerate(((guide.x1, guide.y1), (guide.x2, guide.y2)))
    ]
    nearest = min(ends, key=lambda end: end.distance, default=None)
    return nearest if nearest is not None and nearest.distance <= NEAR_END * scale else None


def guide_at(guides: Iterable[SAM3D_PG_guide], size: Size, place: ViewFrame, mouse: Point, scale: float) -> int | None:
    """The guide under the mouse, by an end or by its line."""
    handle = end_at(guides, size, place, mouse, scale)
    if handle is not None:
        return handle.guide
    distances = [
        _from_line(mouse, on_region((guide.x1, guide.y1), size, place), on_region((guide.x2, guide.y2), size, place))
        for guide in guides
    ]
    nearest = min(range(len(distances)), key=distances.__getitem__, default=None)
    return nearest if nearest is not None and distances[nearest] <= NEAR_LINE * scale else None


def end_under(context: bpy.types.Context, mouse: Point) -> Point | None:
    """The end of a guide that a drag would take; as the mouse in pixels of the window."""
    settings, region = settings_of(context), region_of(context)
    match = settings.match
    if match is None or image_editor_of(context).image != settings.image:
        return None
    place = view_frame(region)
    here = mouse[0] - region.x, mouse[1] - region.y
    handle = handle_at(context, match, place, here, interface_scale(context))
    if handle is None:
        return None
    guide = match.guides[handle.guide]
    end = (guide.x2, guide.y2) if handle.is_second else (guide.x1, guide.y1)
    x, y = on_region(end, match.shown_size, place)
    return x + region.x, y + region.y


def on_region(point: Point, size: Size, place: ViewFrame) -> Point:
    """A place of the photo, in pixels from its top left, in those of the region."""
    return (
        place.left + point[0] / size[0] * (place.right - place.left),
        place.top - point[1] / size[1] * (place.top - place.bottom),
    )


def on_photo(point: Point, size: Size, place: ViewFrame) -> Point:
    """The way back."""
    return (
        (point[0] - place.left) / (place.right - place.left) * size[0],
        (place.top - point[1]) / (place.top - place.bottom) * size[1],
    )


def _from_line(point: Point, start: Point, end: Point) -> float:
    """The distance from a line between two ends."""
    (x, y), (dx, dy) = (point[0] - start[0], point[1] - start[1]), (end[0] - start[0], end[1] - start[1])
    along = min(max((x * dx + y * dy) / max(dx * dx + dy * dy, 1e-9), 0.0), 1.0)
    return math.hypot(x - along * dx, y - along * dy)
