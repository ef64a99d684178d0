# SPDX-License-Identifier: GPL-3.0-or-later
"""How a camera was held: pictures, points and boxes turned from the photo as Blender shows it to the upright one.

No bpy.

The one rule, for photos and masks on every road: a picture counts as it lies in Blender's image editor, and so does all
that is drawn over it. What its file tells of the camera turns it from there to the upright picture that is sent, which
is what photo viewers show. It does not matter whether the file's bytes are read, or Blender's pixels of it in whatever
color space, painted over, scaled or packed.

Blender (4.2 to 5.3) shows files as they are stored, with two exceptions: AVIF it shows upright, and a TIFF whose colors
it leaves to libtiff (YCbCr, L*a*b*) it mirrors as the tag says, but does not transpose.

A mask lies over the photo as Blender shows both where it has the photo's shape there. Where it has the upright photo's
shape instead, another program has made it over that. Where it has both shapes (a square, a photo upside down) it is
taken as Blender shows it, and a note says so.
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
_FIRST_LYING = 5
_LEFT_BY_BLENDER = {5: 5, 6: 7, 7: 5, 8: 7}
"""What is still to be done where Blender has mirrored a TIFF."""
_BACK = {6: 8, 8: 6}
"""The orientations that undo another one, where that is not the same."""
_FORMATS_SHOWN_UPRIGHT = frozenset({"AVIF"})
_PHOTOMETRIC, _YCBCR, _LAB = 262, 6, frozenset({8, 9, 10})
"""A TIFF's tag for how its numbers mean colors, and values of it: L*a*b* has three kinds."""
_COMPRESSION, _JPEG = 259, 7
_ROUNDING = 1e-6
"""Pixels."""
Point = tuple[float, float]
Size = tuple[int, int]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def orientation_of(image: Image.Image) -> int:
    """How an opened file, whose pixels need not be loaded yet, has to be turned from how Blender shows it: 1 to 8, 1
    where the file tells nothing, or nonsense.
    """
    if image.format in _FORMATS_SHOWN_UPRIGHT:
        return UPRIGHT
    try:
        orientation = image.getexif().get(TAG)
    except Exception:  # whatever a damaged tag makes of Pillow, the picture itself may be whole
        return UPRIGHT
    if orientation not in _TURNS:
        return UPRIGHT
    if image.format == "TIFF" and _is_mirrored_by_blender(image):
        return _LEFT_BY_BLENDER.get(orientation, UPRIGHT)
    return int(orientation)


def _is_mirrored_by_blender(tiff: Image.Image) -> bool:
    tags = tiff.tag_v2  # type: ignore[attr-defined]  # of TIFFs alone
    colors = tags.get(_PHOTOMETRIC)
    return colors in _LAB or (colors == _YCBCR and tags.get(_COMPRESSION) != _JPEG)


def is_lying(orientation: int) -> bool:
    """Whether width and height of the upright picture are exchanged."""
    return orientation >= _FIRST_LYING


def upright_size(size: Size, orientation: int) -> Size:
    """The size of a picture when it is upright."""
    return (size[1], size[0]) if is_lying(orientation) else size


def still_to_turn(size: Size, file_size: Size, orientation: int) -> int:
    """The orientation of a picture of that size that came from a file of another size and that orientation.

    A picture that has the upright shape, and not the file's, was turned on the way.
    """
    turned = same_shape(size, upright_size(file_size, orientation)) and not same_shape(size, file_size)
    return UPRIGHT if turned else orientation


def same_shape(first: Size, second: Size) -> bool:
    """Whether two sizes differ by scale alone, within the rounding of a pixel."""
    return abs(first[0] * second[1] - first[1] * second[0]) <= max(*first, *second)


def inverse(orientation: int) -> int:
    """The orientation that turns an upright picture back to how it lies."""
    return _BACK.get(orientation, orientation)


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
    return outwards((left_edge, top_edge, right_edge, bottom_edge))


def outwards(box: tuple[float, float, float, float]) -> Box:
    """The pixels that a box touches, but for what it touches by an error of calculation."""
    left, top, right, bottom = box
    return (
        math.floor(left + _ROUNDING),
        math.floor(top + _ROUNDING),
        math.ceil(right - _ROUNDING),
        math.ceil(bottom - _ROUNDING),
    )


def turned_box(box: Box, size: Size, orientation: int) -> Box:
    """A box in a picture of that size in the picture when it is turned so."""
    turned = upright_size(size, orientation)
    (x, y), (other_x, other_y) = (_on_sent(corner, size, turned, orientation) for corner in (box[:2], box[2:]))
    left, right = sorted((round(x), round(other_x)))
    top, bottom = sorted((round(y), round(other_y)))
    return left, top, right, bottom


def turned_place(place: Point, size: Size, orientation: int) -> Point:
    """A place in a picture of that size, measured from its top left corner, in the picture when it is turned so."""
    return _on_sent(place, size, upright_size(size, orientation), orientation)


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
