# SPDX-License-Identifier: GPL-3.0-or-later
"""What the back of a subject has of its front: the colors of its outline, and no face or print."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ..arrays import Mask, Pixels, Single
from ..raster import box_mean, pull_push
from .grain import Grain
from .heads import heads

# Least overlap of a mask with its mirror image, where its subject is seen from the front; and where it is tall.
FROM_FRONT, FROM_FRONT_TALL = 0.74, 0.58
TALL = 1.25  # heights for one of its width
SIZE = 96  # pixels along the longer side of the pictures that tell what belongs to the front alone
FLANK = 4  # of them, from the outline on: what goes around to the back
HALO = 1  # of them, that may show the background
COARSE = 2  # of them, within which details do not count
ALIKE, UNLIKE = 24.0, 52.0  # levels of 255 from the flanks' color: what is like it, and what is not
FACE_ALIKE, FACE_UNLIKE = 12.0, 30.0  # the same of a head
FROM_ONE_SIDE = 54.0  # levels by which both flanks of a head differ that is seen from the side, as face and hair do
NECK = 0.25  # of a head's height, at its lower end, over which its colors pass into those below
ACROSS = 2  # times as far the flanks' colors go to the sides as up and down: most things are colored in layers


def seen_from_front(mask: Mask) -> bool:
    """Whether a mask (H, W) is nearly its own mirror image in an upright line, as that of a body that faces the camera
    is, and that of an animal from the side is not."""
    height, width = (np.count_nonzero(mask.any(axis)) for axis in (1, 0))
    return _symmetry(mask) >= (FROM_FRONT_TALL if height > TALL * width else FROM_FRONT)


def _symmetry(mask: Mask) -> float:
    """The intersection over union of a mask and its mirror image in the upright line that makes it largest."""
    small = _small(mask.astype(np.float32) * 255) > 127
    columns = np.flatnonzero(small.any(0))
    if not len(columns):  # a thread
        return 0.0
    small = np.pad(small[:, columns[0] : columns[-1] + 1], [(0, 0), (SIZE // 8, SIZE // 8)])
    mirrored = [np.roll(small[:, ::-1], shift, 1) for shift in range(-SIZE // 8, SIZE // 8 + 1)]
    return max(float((other & small).sum() / (other | small).sum()) for other in mirrored)


def back_view(image: Pixels, mask: Mask, grain: Grain) -> Single:
    """The photo (H, W, 3) of a subject as its back has it: where the middle differs in color from the flanks beside
    it, as a face does from the hair or a print from a shirt, the flanks' colors and grain go on. (H, W, 3), 0..255.

    That holds for what is seen from the front as a whole, and for the heads of all else that are.
    """
    picture = image.astype(np.float32)
    if seen_from_front(mask):
        picture = _from_flanks(picture, mask, grain, (ALIKE, UNLIKE))
    for head in heads(mask):
        rows, columns = (np.flatnonzero(head.any(axis)) for axis in (1, 0))
        part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        if _flanks_differ(picture[part], head[part]) < FROM_ONE_SIDE:
            bare = _from_flanks(picture[part], head[part], grain, (FACE_ALIKE, FACE_UNLIKE), rows[0])
            ends = np.clip((rows[-1] + 1 - rows) / (NECK * len(rows)), 0, 1).astype(np.float32)[:, None, None]
            picture[part] += ends * (bare - picture[part])
    return picture


def _from_flanks(image: Single, mask: Mask, grain: Grain, levels: tuple[float, float], top: int = 0) -> Single:
    """A picture (H, W, 3) whose middle is like its flanks where it differs more than by these levels from them.

    top: the row of the photo where the picture begins. The lower end of the mask is no flank.
    """
    height, width = mask.shape
    small, inner, core = _flanks(image, mask)
    flank = (inner & ~core).astype(np.float32)[..., None]
    if not flank.any() or not core.any():
        return image
    around = _fill_across(np.concatenate([small * flank, flank], 2))
    within = np.maximum(box_mean(inner.astype(np.float32), COARSE), 1e-6)
    differ = np.stack([box_mean((small - around)[..., k] * inner, COARSE) for k in range(3)], 2) / within[..., None]
    off = np.abs(differ).max(2)
    share = np.clip((off - levels[0]) / (levels[1] - levels[0]), 0, 1) * core
    share = np.minimum(2 * box_mean(share.astype(np.float32), COARSE), 1)
    part = (np.clip(_full(share, width, height), 0, 1) * mask)[..., None]
    plain = np.stack([_full(around[..., k], width, height) for k in range(3)], 2)
    row, column = np.nonzero(part[..., 0])
    plain[row, column] += grain.at(row + top, column)[:, None]
    return np.asarray(image + part * (plain - image), np.float32)


def _flanks(image: Single, mask: Mask) -> tuple[Single, Mask, Mask]:
    """A small picture (h, w, 3), where it shows the subject alone, and where that is no flank of it."""
    covered = _small(mask.astype(np.float32) * 255) > 254
    small = np.stack([_small(image[..., k]) for k in range(3)], 2)
    below = np.pad(covered, [(0, FLANK), (0, 0)], mode="edge").astype(np.float32)
    inner, core = (box_mean(below, depth)[: len(covered)] > 0.999 for depth in (HALO, FLANK))
    return small, inner, core


def _flanks_differ(image: Single, mask: Mask) -> float:
    """By how many levels the colors of the left flank differ from those of the right one."""
    small, inner, core = _flanks(image, mask)
    flank = inner & ~core
    middle = (np.arange(small.shape[1]) * inner).sum(1) / np.maximum(inner.sum(1), 1)
    left = np.arange(small.shape[1]) < middle[:, None]
    sides = [flank & left, flank & ~left]
    if not all(side.any() for side in sides):
        return np.inf
    return float(np.abs(small[sides[0]].mean(0) - small[sides[1]].mean(0)).max())


def _fill_across(values: Single) -> Single:
    """`pull_push` of (h, w, 4), with ACROSS times the reach to the sides."""
    height, width = values.shape[:2]
    wide = np.pad(values, [(0, 0), (0, -width % ACROSS), (0, 0)])
    fill = pull_push(wide.reshape(height, -1, ACROSS, 4).sum(2))
    full = np.stack([_full(fill[..., k], wide.shape[1], height) for k in range(3)], 2)
    return full[:, :width]


def _full(picture: Single, width: int, height: int) -> Single:
    """A picture (h, w) enlarged."""
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))


def _small(picture: Single) -> Single:
    """A picture (H, W) brought to SIZE pixels along its longer side."""
    scale = SIZE / max(picture.shape)
    size = tuple(max(1, round(n * scale)) for n in picture.shape[::-1])
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))
