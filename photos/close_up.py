# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a large photo that is sent of a small subject, so that it is not scaled down with its surroundings.
No bpy.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .layout import Frame
from .orientation import Box, Size

ROOM = 0.25
"""Around the subject at least, as a share of its longer side; more where it costs no pixels."""
GAIN = 0.8
"""The longer side of the part, as a share of the photo's, above which the photo is sent whole: it gains too little."""


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
    side = max((1 + 2 * ROOM) * max(frame.width, frame.height), longest_edge)
    if side > GAIN * max(whole):
        return None
    left, width = _placed((frame.left + frame.right) / 2, whole[0], side)
    top, height = _placed((frame.top + frame.bottom) / 2, whole[1], side)
    scale = min(1.0, longest_edge / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return CloseUp(whole, (left, top, left + width, top + height), size)


def _placed(middle: float, length: int, side: float) -> tuple[int, int]:
    """Start and length of a part of that side, as far as there is so much, its middle there as far as it can be."""
    extent = min(length, round(side))
    return min(max(round(middle - extent / 2), 0), length - extent), extent
