# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist has drawn over a photo to show a subject: a box, points, strokes of a brush. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..engine.selection import Hints
from .orientation import Box, Size, placed_box, placed_point


@dataclass(frozen=True)
class Dot:
    """A place on the subject, or one that is not; with a radius it is part of a brush's stroke."""

    x: float
    y: float
    inside: bool = True
    radius: float = 0.0


@dataclass(frozen=True)
class Marks:
    """All that was drawn for one subject, in pixels of the photo as it is stored, from its top left."""

    dots: tuple[Dot, ...] = ()
    box: Box | None = None

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """The single points on the subject."""
        return tuple((dot.x, dot.y) for dot in self.dots if dot.inside and not dot.radius)

    def __bool__(self) -> bool:
        """Whether there is something that shows the subject itself."""
        return self.box is not None or any(dot.inside for dot in self.dots)


UNMARKED = Marks()


def on_sent(marks: Marks, stored: Size, sent: Size, orientation: int) -> Marks:
    """The marks in pixels of the sent photo instead of the stored one.

    A point names a pixel, so its middle is what is turned and scaled; a box names edges and is rounded outwards.
    Raises PhotoError where one lies wholly outside the photo.
    """
    scale = sum(sent) / sum(stored)
    dots = []
    for dot in marks.dots:
        x, y = placed_point((dot.x, dot.y), stored, sent, orientation)
        dots.append(replace(dot, x=x, y=y, radius=dot.radius * scale))
    return Marks(tuple(dots), None if marks.box is None else placed_box(marks.box, stored, sent, orientation))


def hints(marks: Marks, stored: Size, seen: Size, orientation: int) -> Hints:
    """The marks for a picture of the photo that was turned by `orientation` and has the size `seen`.

    Raises PhotoError where a mark lies wholly outside the photo.
    """
    placed = on_sent(marks, stored, seen, orientation)
    points = {
        inside: tuple((dot.x + 0.5, dot.y + 0.5) for dot in placed.dots if dot.inside is inside and not dot.radius)
        for inside in (True, False)
    }
    strokes = {inside: _stroke([dot for dot in placed.dots if dot.inside is inside], seen) for inside in (True, False)}
    return Hints(placed.box, points[True], points[False], strokes[True], strokes[False])


def _stroke(dabs: Sequence[Dot], size: Size) -> NDArray[np.bool_] | None:
    """The pixels (H, W) that the dabs of a brush cover; None without any."""
    if not any(dab.radius for dab in dabs):
        return None
    image = Image.new("1", size)
    draw = ImageDraw.Draw(image)
    for dab in dabs:
        if dab.radius:
            draw.ellipse((dab.x - dab.radius, dab.y - dab.radius, dab.x + dab.radius, dab.y + dab.radius), fill=1)
    return np.asarray(image)
