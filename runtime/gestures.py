# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gesture of the mouse over the photo does to a mask."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..mask_properties import SAM3D_PG_mask, name_from
from ..photos.mask_maker import Change, MaskEdit
from ..photos.orientation import Point, Size
from ..photos.picture import Picture
from ..photos.prompts import PointPrompt, Prompts
from ..properties import SAM3D_PG_settings
from .mask_sync import edit_mask, follows_prompts, select

COLORS = (
    (1.00, 0.60, 0.10),  # orange
    (0.25, 0.70, 1.00),  # sky blue
    (0.45, 0.85, 0.35),  # green
    (0.95, 0.40, 0.70),  # pink
    (0.95, 0.90, 0.30),  # yellow
    (0.65, 0.50, 1.00),  # violet
    (0.25, 0.85, 0.80),  # turquoise
    (0.95, 0.35, 0.30),  # red
)
"""Of masks, in their order; told apart on most photos."""
SPACING = 0.5
"""Between two dots of a stroke, in radii of its brush."""
LEAST_BOX = 2
"""Pixels of the photo along each side of a box that is meant as one."""


@dataclass(frozen=True)
class Gesture:
    """What the mouse did.

    `tool` is BOX, POINTS, STROKE or LASSO. `path` is where, in pixels of the photo as it is stored, from its top left
    corner; `radius` is the brush's in the same pixels. `change` tells a further part, or one that does not belong to
    the subject, from a new beginning.
    """

    tool: str
    path: tuple[Point, ...]
    radius: float = 0.0
    change: Change = Change.REPLACE

    def is_enough(self, photo: Size) -> bool:
        """Whether it shows something on a photo of this size, and was no slip of the hand."""
        if self.tool == "BOX":
            left, top, right, bottom = self.box(photo)
            return right - left >= LEAST_BOX and bottom - top >= LEAST_BOX
        if self.tool == "LASSO":
            return len(self.path) > 2 and _area(self.path) >= LEAST_BOX**2
        return bool(self.points(photo))

    def box(self, photo: Size) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of a drag, rounded outwards, within the photo."""
        (left, right), (top, bottom) = (sorted(ends) for ends in zip(self.path[0], self.path[-1], strict=True))
        width, height = photo
        return (
            min(max(math.floor(left), 0), width),
            min(max(math.floor(top), 0), height),
            min(max(math.ceil(right), 0), width),
            min(max(math.ceil(bottom), 0), height),
        )

    def points(self, photo: Size) -> list[PointPrompt]:
        """The points of a click, or the dots along a brush's path, as far as they lie on the photo."""
        positive = self.change is not Change.SUBTRACT
        places = self.path[:1] if self.tool == "POINTS" else _spaced(self.path, max(self.radius * SPACING, 1.0))
        radius = self.radius if self.tool == "STROKE" else 0.0
        # a dot names a pixel by its middle
        return [
            PointPrompt(x - 0.5, y - 0.5, positive, radius)
            for x, y in places
            if 0.5 <= x < photo[0] and 0.5 <= y < photo[1]
        ]


def new_mask(settings: SAM3D_PG_settings) -> SAM3D_PG_mask:
    """A further mask, with a name and color of its own, which becomes the active one.

    The first one is named after what the artist has called the photo's subject.
    """
    names, colors = [mask.name for mask in settings.masks], [tuple(mask.color) for mask in settings.masks]
    number = next(number for number in range(1, len(names) + 2) if f"Object {number}" not in names)
    called = "" if names else name_from(settings.prompt)
    mask = settings.masks.add()
    mask.name = mask.given_name = called or f"Object {number}"
    mask.color = min(COLORS, key=lambda color: sum(math.dist(color, other) < 0.01 for other in colors))
    settings.active_mask = len(settings.masks) - 1
    return mask


def begin_anew(mask: SAM3D_PG_mask) -> None:
    """What was drawn of a mask counts no more."""
    mask.use_box = False
    mask.points.clear()
    mask.image = None


def apply(gesture: Gesture, mask: SAM3D_PG_mask, photo: Picture, size: Size) -> None:
    """Let a gesture, which is enough for a photo of this size, change a mask; its image arrives later."""
    if gesture.tool == "LASSO":
        edit_mask(mask, MaskEdit(photo, outline=gesture.path, change=gesture.change))
        return
    if gesture.tool == "BOX":
        if not follows_prompts(mask):
            mask.points.clear()
        mask.use_box, mask.box = True, gesture.box(size)
        select(mask, photo)
        return
    points = gesture.points(size)
    if follows_prompts(mask):
        for point in points:
            added = mask.points.add()
            added.x, added.y, added.inside, added.radius = point.x, point.y, point.positive, point.radius
        select(mask, photo)
        return
    # what was drawn by hand stays, and only the part under the mouse is selected
    part = Prompts(tuple(PointPrompt(point.x, point.y, radius=point.radius) for point in points))
    taken = gesture.change is Change.SUBTRACT
    edit_mask(mask, MaskEdit(photo, part, change=Change.SUBTRACT if taken else Change.ADD))


def _spaced(path: Sequence[Point], step: float) -> list[Point]:
    """Places along a path that are about a step apart, with its beginning."""
    places = [path[0]]
    for end in path[1:]:
        while (left := math.dist(places[-1], end)) >= step:
            (x, y), share = places[-1], step / left
            places.append((x + (end[0] - x) * share, y + (end[1] - y) * share))
    return places


def _area(polygon: Sequence[Point]) -> float:
    """By the shoelace formula."""
    following = [*polygon[1:], polygon[0]]
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in zip(polygon, following, strict=True))) / 2
