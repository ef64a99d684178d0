# SPDX-License-Identifier: GPL-3.0-or-later
"""What the back of a subject has of its front: the colors of its outline, and no face or print."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ..arrays import Mask, Pixels, Single
from ..raster import box_mean, pull_push

# Least overlap of a mask with its mirror image, where its subject is seen from the front; and where it is tall.
FROM_FRONT, FROM_FRONT_TALL = 0.74, 0.58
TALL = 1.25  # heights for one of its width
SIZE = 96  # pixels along the longer side of the pictures that tell what belongs to the front alone
FLANK = 4  # of them, from the outline on: what goes around to the back
HALO = 1  # of them, that may show the background
COARSE = 2  # of them, within which details do not count
ALIKE, UNLIKE = 24.0, 52.0  # levels of 255 from the flanks' color: what is like it, and what is not


def seen_from_front(mask: Mask) -> bool:
    """Whether a mask (H, W) is nearly its own mirror image in an upright line, as that of a body that faces the camera
    is, and that of an animal from the side is not."""
    height, width = (np.count_nonzero(mask.any(axis)) for axis in (1, 0))
    return _symmetry(mask) >= (FROM_FRONT_TALL if height > TALL * width else FROM_FRONT)


def _symmetry(mask: Mask) -> float:
    """The intersection over union of a mask and its mirror image in the upright line that makes it largest."""
    small = _small(mask.astype(np.float32) * 255) > 127
    columns = np.flatnonzero(small.any(0))
    small = np.pad(small[:, columns[0] : columns[-1] + 1], [(0, 0), (SIZE // 8, SIZE // 8)])
    mirrored = [np.roll(small[:, ::-1], shift, 1) for shift in range(-SIZE // 8, SIZE // 8 + 1)]
    return max(float((other & small).sum() / (other | small).sum()) for other in mirrored)


def back_view(image: Pixels, mask: Mask) -> Single:
    """The photo (H, W, 3) of a subject as its back has it: where the middle differs in color from the flanks beside
    it, as a face does from the hair or a print from a shirt, the flanks' colors go on. (H, W, 3), 0..255.
    """
    height, width = mask.shape
    small_mask = (_small(mask.astype(np.float32) * 255) > 254).astype(np.float32)
    small = np.stack([_small(image[..., k].astype(np.float32)) for k in range(3)], 2)
    inner = box_mean(small_mask, HALO) > 0.999
    core = box_mean(small_mask, FLANK) > 0.999
    flank = (inner & ~core).astype(np.float32)[..., None]
    if not flank.any() or not core.any():
        return image.astype(np.float32)
    around = pull_push(np.concatenate([small * flank, flank], 2))
    within = np.maximum(box_mean(inner.astype(np.float32), COARSE), 1e-6)
    coarse = np.stack([box_mean(small[..., k] * inner, COARSE) for k in range(3)], 2) / within[..., None]
    off = np.abs(coarse - around).max(2)
    share = np.clip((off - ALIKE) / (UNLIKE - ALIKE), 0, 1) * core
    share = np.minimum(2 * box_mean(share.astype(np.float32), COARSE), 1)
    part = np.clip(_full(share, width, height), 0, 1)[..., None]
    plain = np.stack([_full(around[..., k], width, height) for k in range(3)], 2)
    return np.asarray(image * (1 - part) + plain * part, np.float32)


def _full(picture: Single, width: int, height: int) -> Single:
    """A picture (h, w) enlarged."""
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))


def _small(picture: Single) -> Single:
    """A picture (H, W) brought to SIZE pixels along its longer side."""
    scale = SIZE / max(picture.shape)
    size = tuple(max(1, round(n * scale)) for n in picture.shape[::-1])
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))
