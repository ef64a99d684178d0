# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of masks that are painted: black and white, opaque, in the shape of the photo and not larger."""

from collections.abc import Iterable

import bpy
import numpy as np
from numpy.typing import NDArray

from ..photos.picture import LONGEST_EDGE
from .data import make_data, read_pixels, write_pixels


def blank_mask(photo: bpy.types.Image, name: str) -> bpy.types.Image:
    """A black image in the shape of the photo, which must have pixels."""
    width, height = photo.size
    scale = min(1.0, LONGEST_EDGE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = bpy.data.images.new(name or "Mask", *size, alpha=False)
    make_data(image)  # half covered is half white, however the brush fades
    return image


def can_be_painted(image: bpy.types.Image) -> bool:
    """Whether white and black on `image` itself make it the mask: not where its alpha tells the subject."""
    if image.library is not None or image.source not in {"FILE", "GENERATED"} or not all(image.size):
        return False
    return not _sees_alpha(read_pixels(image))


def opaque_mask(image: bpy.types.Image, name: str) -> bpy.types.Image:
    """A new black and white image that selects what `image` selects, which must have pixels."""
    mask = blank_mask(image, name)
    size = tuple(mask.size)
    mask.scale(*image.size)
    values = read_pixels(image)
    painted = np.ones((*values.shape[:2], 4), np.float32)
    painted[..., :3] = values[..., 3:] if _sees_alpha(values) else values[..., :3].max(-1, keepdims=True)
    write_pixels(mask, painted)
    mask.scale(*size)
    return mask


def keep_in_file(images: Iterable[bpy.types.Image]) -> None:
    """Pack what was painted since it was last saved into the .blend: Blender itself would lose it."""
    for image in images:
        if image.is_dirty and image.library is None:
            image.pack()


def _sees_alpha(values: NDArray[np.float32]) -> bool:
    return values.shape[-1] == 4 and bool((values[..., 3] < 0.99).any())
