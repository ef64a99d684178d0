# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the background out of the rim of a subject, where a mask was not cut quite along its outline."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ..arrays import Mask, Pixels, Single
from ..raster import box_mean

SIZE = 320  # pixels along the longer side of the picture that tells the colors on both sides of the outline
RIM = 3  # of them, from the outline inwards, that may show the background
AROUND = 5  # of them, within which the colors of both sides are taken
TOLD_APART = 24.0, 60.0  # levels of 255 by which both sides must differ: less tells nothing, more tells surely
SUBJECT = 0.55, 0.85  # of the way from the background's color to the subject's: below is halo, above is subject


def without_halo(image: Pixels, mask: Mask) -> Pixels:
    """A photo (H, W, 3) whose pixels within the rim of the mask (H, W) that look like what is outside of it have the
    colors of what is farther inside.

    How much of a pixel is background is told as in matting: by where its color lies between those of both sides.
    """
    covered = _reduced(mask.astype(np.uint8) * 255) / 255
    small = _reduced(image)
    core = box_mean((covered > 0.99).astype(np.float32), RIM) > 0.999
    inner, within = _mean_around(small, core)
    outer, without = _mean_around(small, covered < 0.01)
    apart = np.linalg.norm(inner - outer, axis=2)
    told = np.clip((apart - TOLD_APART[0]) / (TOLD_APART[1] - TOLD_APART[0]), 0, 1)
    told *= within & without & (covered > 0) & ~core

    row, column = np.nonzero(mask)
    scale = np.array(covered.shape) / mask.shape
    place = (row * scale[0]).astype(np.int64) * covered.shape[1] + (column * scale[1]).astype(np.int64)
    rim = told.ravel()[place] > 0
    row, column, place = row[rim], column[rim], place[rim]
    color = image[row, column].astype(np.float32)
    own, other = inner.reshape(-1, 3)[place], outer.reshape(-1, 3)[place]
    way = own - other
    along = ((color - other) * way).sum(1) / np.maximum((way * way).sum(1), 1)
    halo = np.clip((SUBJECT[1] - along) / (SUBJECT[1] - SUBJECT[0]), 0, 1) * told.ravel()[place]
    clean = image.copy()
    clean[row, column] = color + halo[:, None] * (own - color) + 0.5
    return clean


def _mean_around(picture: Single, where: Mask) -> tuple[Single, Mask]:
    """The mean colors (h, w, 3) of a part (h, w) of a picture around each pixel, and where there is some of it."""
    weight = where.astype(np.float32)
    near = box_mean(weight, AROUND)
    mean = np.stack([box_mean(picture[..., k] * weight, AROUND) for k in range(3)], 2)
    return np.asarray(mean / np.maximum(near, 1e-6)[..., None], np.float32), near > 0.01


def _reduced(picture: Pixels) -> Single:
    """A picture (H, W) or (H, W, 3) brought to SIZE pixels along its longer side."""
    height, width = picture.shape[:2]
    scale = SIZE / max(height, width)
    goal = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(picture).resize(goal, Image.Resampling.BOX), np.float32)
