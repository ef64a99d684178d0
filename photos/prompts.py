# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts: what an artist shows on a photo, a box, points, strokes of a brush, to tell a subject. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..engine.selection import PixelPrompts
from .close_up import CloseUp
from .orientation import Box, Point, Size, outwards, placed_box, placed_point


@dataclass(frozen=True)
class PointPrompt:
    """A positive point, on the subject, or a negative one; with a radius it is part of a brush's stroke."""

    x: float
    y: float
    positive: bool = True
    radius: float = 0.0


@dataclass(frozen=True)
class Prompts:
    """All prompts of one subject, in pixels of the photo as it is stored, from its top left."""

    points: tuple[PointPrompt, ...] = ()
    box: Box | None = None

    @property
    def positive_points(self) -> tuple[Point, ...]:
        """The single points on the subject."""
        return tuple((point.x, point.y) for point in self.points if point.positive and not point.radius)

    def __bool__(self) -> bool:
        """Whether there is something that shows the subject itself."""
        return self.box is not None or any(point.positive for point in self.points)


NO_PROMPTS = Prompts()


def on_sent(prompts: Prompts, stored: Size, sent: Size, orientation: int) -> Prompts:
    """The prompts in pixels of the sent photo instead of the stored one.

    A point names a pixel, so its middle is what is turned and scaled; a box names edges and is rounded outwards.
    Raises PhotoError where one lies wholly outside the photo.
    """
    scale = sum(sent) / sum(stored)
    points = []
    for point in prompts.points:
        x, y = placed_point((point.x, point.y), stored, sent, orientation)
        points.append(replace(point, x=x, y=y, radius=point.radius * scale))
    return Prompts(tuple(points), None if prompts.box is None else placed_box(prompts.box, stored, sent, orientation))


def in_close_up(prompts: Prompts, close_up: CloseUp) -> Prompts | None:
    """Prompts in pixels of the upright photo in those of a part of it that is sent; None where one lies outside."""
    (left, top, right, bottom), (across, down) = close_up.window, close_up.scale
    points = []
    for point in prompts.points:
        if not (left <= point.x < right and top <= point.y < bottom):
            return None
        x, y = (point.x + 0.5 - left) * across - 0.5, (point.y + 0.5 - top) * down - 0.5
        points.append(replace(point, x=max(x, 0.0), y=max(y, 0.0), radius=point.radius * across))
    if prompts.box is None:
        return Prompts(tuple(points))
    box = prompts.box
    if box[0] < left or box[1] < top or box[2] > right or box[3] > bottom:
        return None
    return Prompts(
        tuple(points),
        outwards(
            (
                (box[0] - left) * across,
                (box[1] - top) * down,
                (box[2] - left) * across,
                (box[3] - top) * down,
            )
        ),
    )


def to_pixels(prompts: Prompts, stored: Size, seen: Size, orientation: int) -> PixelPrompts:
    """The prompts for a picture of the photo that was turned by `orientation` and has the size `seen`.

    Raises PhotoError where one lies wholly outside the photo.
    """
    placed = on_sent(prompts, stored, seen, orientation)
    positive = [point for point in placed.points if point.positive]
    negative = [point for point in placed.points if not point.positive]
    return PixelPrompts(
        placed.box, _single(positive), _single(negative), _stroke(positive, seen), _stroke(negative, seen)
    )


def _single(points: Sequence[PointPrompt]) -> tuple[Point, ...]:
    """The points that are no part of a stroke; the middle of a pixel is what is meant."""
    return tuple((point.x + 0.5, point.y + 0.5) for point in points if not point.radius)


def _stroke(dabs: Sequence[PointPrompt], size: Size) -> NDArray[np.bool_] | None:
    """The pixels (H, W) that the dabs of a brush cover; None without any."""
    if not any(dab.radius for dab in dabs):
        return None
    image = Image.new("1", size)
    draw = ImageDraw.Draw(image)
    for dab in dabs:
        if dab.radius:
            draw.ellipse((dab.x - dab.radius, dab.y - dab.radius, dab.x + dab.radius, dab.y + dab.radius), fill=1)
    return np.asarray(image)
