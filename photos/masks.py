# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks in the photo's shape: grayscale images of 0 and 255, white where the subject is. No bpy."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from .decode import Opened
from .errors import PhotoError
from .layout import Frame
from .orientation import Size, apply_orientation, same_shape, upright_size

HALF = 128
MID_GRAY = (128, 128, 128)


@dataclass(frozen=True)
class UprightMask:
    """A mask that lies over the upright photo: grayscale of any size, the subject where it is at least `level`.

    `note` is for the artist where it could be doubted how the mask lies, else "".
    """

    image: Image.Image
    level: int = HALF
    note: str = ""

    def frame(self, whole: Size) -> Frame | None:
        """The rectangle around the subject in pixels of the upright photo of that size; None where there is none."""
        box = self.image.point([0] * self.level + [255] * (256 - self.level)).getbbox()
        if box is None:
            return None
        across, down = whole[0] / self.image.width, whole[1] / self.image.height
        return Frame(box[0] * across, box[1] * down, box[2] * across, box[3] * down)

    def scaled(self, size: Size, window: tuple[float, float, float, float] | None = None) -> Image.Image:
        """Its 0 and 255 in that size, or those of the part in `window`, in shares of its size from the top left.

        A subject that is smaller than a pixel keeps one.
        """
        left, top, right, bottom = window or (0.0, 0.0, 1.0, 1.0)
        width, height = self.image.size
        box = (left * width, top * height, right * width, bottom * height)
        solid = np.asarray(self.image.resize(size, Image.Resampling.BILINEAR, box)) >= self.level
        if not solid.any():
            rows, columns = np.nonzero(np.asarray(self.image) >= self.level)
            across = ((columns + 0.5 - box[0]) / (box[2] - box[0]) * size[0]).astype(np.int64)
            down = ((rows + 0.5 - box[1]) / (box[3] - box[1]) * size[1]).astype(np.int64)
            inside = (across >= 0) & (across < size[0]) & (down >= 0) & (down < size[1])
            solid = np.zeros_like(solid)
            solid[down[inside], across[inside]] = True
        return _image(solid)


def turned_upright(mask: Opened, photo: Opened, role: str, *, may_be_foreign: bool) -> UprightMask:
    """A mask as it lies over the upright photo; the rule is told in `orientation`.

    `may_be_foreign`: another program may have made it. Raises PhotoError for a black mask.
    """
    white, note = coverage(mask.image), ""
    upright = upright_size(photo.size, photo.orientation)
    as_told = upright_size(mask.size, mask.orientation)  # by the mask's own file
    if same_shape(mask.size, photo.size):
        white = apply_orientation(white, photo.orientation)
        if may_be_foreign and mask.orientation != photo.orientation and same_shape(as_told, upright):
            note = (
                f"The {role} was turned upright with the photo: if it was made over the upright photo, turn it as the "
                "photo lies in Blender."
            )
    else:
        white = apply_orientation(white, mask.orientation)
        if not same_shape(as_told, upright):
            width, height = mask.size
            note = f"The {role} ({width} x {height}) was stretched to the photo's shape."
    peak = int(np.asarray(white).max())
    if not peak:
        raise PhotoError(f"The {role} is all black, so nothing is selected: paint the subject white.")
    # a mask painted faintly, or with 1 for white, selects by its own white
    return UprightMask(white, min(HALF, (peak + 1) // 2), note)


def from_alpha(photo: Image.Image) -> Image.Image | None:
    """The mask that a photo's own alpha makes; None where it tells nothing."""
    if photo.mode != "RGBA":
        return None
    solid = np.asarray(photo.getchannel("A")) >= HALF
    return _image(solid) if solid.any() and not solid.all() else None


def cut_out(photo: Image.Image, masks: Sequence[Image.Image]) -> Image.Image:
    """The photo with mid gray around everything that the masks select, RGB; the edge is two pixels soft.

    The soft edge lies outside: the subject itself stays as it is.
    """
    gray = Image.new("RGB", photo.size, MID_GRAY)
    union = reduce(ImageChops.lighter, masks)
    # Over a straight edge the mean of 5 x 5 falls in steps of a fifth: 2/5 and 1/5 outside become 2/3 and 1/3.
    near = union.filter(ImageFilter.BoxBlur(2)).point([min(255, value * 5 // 3) for value in range(256)])
    shown = photo.convert("RGB")
    if photo.mode == "RGBA":  # what is hidden by alpha must not show in the soft edge
        shown = Image.composite(shown, gray, photo.getchannel("A"))
    return Image.composite(shown, gray, ImageChops.lighter(union, near))


def coverage(image: Image.Image) -> Image.Image:
    """Opaque where the mask has alpha, else white, is the subject."""
    return image.getchannel("A") if image.mode == "RGBA" else image.convert("L")


def _image(solid: NDArray[np.bool_]) -> Image.Image:
    return Image.fromarray(solid.astype(np.uint8) * 255)


def to_png(mask: Image.Image, compression: int = 6) -> bytes:
    """The PNG of a mask; `compression` of 0..9, where less is quicker and larger."""
    stream = io.BytesIO()
    mask.save(stream, "PNG", compress_level=compression)
    return stream.getvalue()
