# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist shows of an object, and whether it makes sense."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Mask

Point = tuple[float, float]
Box = tuple[float, float, float, float]


class SelectionError(ValueError):
    """Nothing can be selected; the text says in one sentence why and what to do."""


@dataclass(frozen=True)
class PixelPrompts:
    """Where the object is, in pixels of the photo: x right, y down, the first pixel reaches from 0 to 1.

    box: (left, top, right, bottom) around all of the object; what lies outside of it is not the object's.
    positive: points (x, y) on the object. negative: points (x, y) that are not the object's.
    stroke: (H, W) bool, a rough stroke over the object, which may cross its outline a little.
    negative_stroke: (H, W) bool, the same over what is not the object's.
    """

    box: Box | None = None
    positive: tuple[Point, ...] = ()
    negative: tuple[Point, ...] = ()
    stroke: Mask | None = None
    negative_stroke: Mask | None = None

    def checked(self, height: int, width: int) -> PixelPrompts:
        """The prompts for a photo of this size, with the box cut to it and without empty strokes. Raises
        SelectionError.
        """
        stroke = _checked_stroke(self.stroke, height, width)
        outside_stroke = _checked_stroke(self.negative_stroke, height, width)
        if self.box is None and not self.positive and stroke is None:
            raise SelectionError("Nothing shows the subject: draw a box around it, click on it or paint over it.")
        for x, y in (*self.positive, *self.negative):
            if not (0 <= x < width and 0 <= y < height):
                raise SelectionError("A point lies outside of the photo: click within it.")
        if {(int(x), int(y)) for x, y in self.positive} & {(int(x), int(y)) for x, y in self.negative}:
            raise SelectionError("The same point is marked as subject and as background: take one of them away.")
        if stroke is not None and outside_stroke is not None and not (stroke & ~outside_stroke).any():
            raise SelectionError("The subject's stroke is marked as background, too: take one of them away.")
        box = None if self.box is None else _checked_box(self.box, height, width)
        if box is not None:
            left, top, right, bottom = box
            if not all(left <= x <= right and top <= y <= bottom for x, y in self.positive):
                raise SelectionError("A point of the subject lies outside of the box: draw the box around all of it.")
            if stroke is not None and not stroke[int(top) : int(bottom) + 1, int(left) : int(right) + 1].any():
                raise SelectionError("The stroke lies outside of the box: draw the box around all of the subject.")
        return PixelPrompts(box, self.positive, self.negative, stroke, outside_stroke)


def _checked_box(box: Box, height: int, width: int) -> Box:
    if not all(np.isfinite(box)):
        raise SelectionError("The box has no area: draw it around the subject.")
    left, top, right, bottom = max(box[0], 0.0), max(box[1], 0.0), min(box[2], width), min(box[3], height)
    if right - left < 1 or bottom - top < 1:
        raise SelectionError("The box has no area in the photo: draw it around the subject.")
    return left, top, right, bottom


def _checked_stroke(stroke: Mask | None, height: int, width: int) -> Mask | None:
    if stroke is None:
        return None
    if stroke.shape != (height, width):
        raise SelectionError("The stroke belongs to a photo of another size: paint it anew.")
    return stroke if stroke.any() else None
