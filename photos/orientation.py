# SPDX-License-Identifier: GPL-3.0-or-later
"""How a camera was held: pictures, points and boxes turned from the photo as it is stored to the upright one. No bpy.

Blender shows a photo as it is stored, so what the artist draws over it lies on its side with the photo.
"""

import math

from PIL import Image

from .errors import PhotoError

TAG = 0x0112
"""EXIF's tag for the orientation, 1 (upright) to 8."""
UPRIGHT = 1

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
Point = tuple[float, float]
Size = tuple[int, int]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def orientation_of(image: Image.Image) -> int:
    """The orientation that the image's file tells, 1 where it tells none or nonsense."""
    orientation = image.getexif().get(TAG)
    return orientation if orientation in _TURNS else UPRIGHT


def apply_orientation(image: Image.Image, orientation: int) -> Image.Image:
    """The image upright."""
    return image if orientation == UPRIGHT else image.transpose(_TURNS[orientation])


def placed_point(point: Point, stored: Size, sent: Size, orientation: int) -> Point:
    """A pixel of the stored photo on the sent one; raises PhotoError for one outside the photo."""
    (x, y), (width, height) = point, stored
    if not (0 <= x <= width and 0 <= y <= height):
        raise PhotoError(
            f"The point ({x:g}, {y:g}) lies outside the photo of {width} x {height} pixels: move it onto the subject."
        )
    x, y = _on_sent((x + 0.5, y + 0.5), stored, sent, orientation)
    return min(max(x - 0.5, 0.0), sent[0] - 1.0), min(max(y - 0.5, 0.0), sent[1] - 1.0)


def placed_box(box: Box, stored: Size, sent: Size, orientation: int) -> Box:
    """A box on the stored photo on the sent one, rounded outwards; raises PhotoError for one wholly outside."""
    width, height = stored
    left, right = (min(max(x, 0), width) for x in sorted((box[0], box[2])))
    top, bottom = (min(max(y, 0), height) for y in sorted((box[1], box[3])))
    if left == right or top == bottom:
        raise PhotoError(
            f"The box covers nothing of the photo of {width} x {height} pixels: draw it around the subject."
        )
    corners = [_on_sent(corner, stored, sent, orientation) for corner in ((left, top), (right, bottom))]
    (left_edge, right_edge), (top_edge, bottom_edge) = (sorted(values) for values in zip(*corners, strict=True))
    return math.floor(left_edge), math.floor(top_edge), math.ceil(right_edge), math.ceil(bottom_edge)


def _on_sent(point: Point, stored: Size, sent: Size, orientation: int) -> Point:
    """A place on the stored photo, measured from its top left corner, on the sent one."""
    x, y = point[0] / stored[0], point[1] / stored[1]
    x, y = {
        1: (x, y),
        2: (1 - x, y),
        3: (1 - x, 1 - y),
        4: (x, 1 - y),
        5: (y, x),
        6: (1 - y, x),
        7: (1 - y, 1 - x),
        8: (y, 1 - x),
    }[orientation]
    return x * sent[0], y * sent[1]
