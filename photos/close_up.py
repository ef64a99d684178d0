# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a large photo that is sent of a small subject, so that it is not scaled down with its surroundings.
No bpy.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..engine.surroundings import part_around
from .layout import Frame
from .orientation import Box, Size


@dataclass(frozen=True)
class CloseUp:
    """A part of the upright photo: `window` in its pixels, `size` in those that are sent; `whole` is its size.

    `masks` are grayscale PNGs of 0 and 255 in the size that is sent.
    """

    whole: Size
    window: Box
    size: Size
    masks: tuple[bytes, ...] = ()

    @property
    def shares(self) -> tuple[float, float, float, float]:
        """The window in shares of the photo's width and height."""
        (width, height), (left, top, right, bottom) = self.whole, self.window
        return left / width, top / height, right / width, bottom / height

    @property
    def scale(self) -> tuple[float, float]:
        """Sent pixels for one of the photo's, across and down."""
        left, top, right, bottom = self.window
        return self.size[0] / (right - left), self.size[1] / (bottom - top)


def union(frames: Iterable[Frame]) -> Frame:
    """The frame around all."""
    lefts, tops, rights, bottoms = zip(*((one.left, one.top, one.right, one.bottom) for one in frames), strict=True)
    return Frame(min(lefts), min(tops), max(rights), max(bottoms))


def close_up(frame: Frame, whole: Size, longest_edge: int) -> CloseUp | None:
    """The part around the frame of a subject in the upright photo; None where the photo had better be sent whole."""
    part = part_around((frame.left, frame.top), (frame.right, frame.bottom), whole, longest_edge)
    if part is None:
        return None
    (left, top), (width, height) = part
    scale = min(1.0, longest_edge / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return CloseUp(whole, (left, top, left + width, top + height), size)
