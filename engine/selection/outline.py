# SPDX-License-Identifier: GPL-3.0-or-later
"""The last steps to a clean mask: its parts and holes, and the outline in the photo's own pixels."""

from __future__ import annotations

import numpy as np

from ..arrays import Mask, Single
from ..graph import components
from ..raster import box_mean
from .colors import local_mean
from .window import enlarge

SPECK = 0.03  # of the largest part; smaller ones that no hint shows are left out
HOLE = 0.02  # of the mask; smaller ones, such as highlights, are filled
NEAR = 6  # cells over which the colors on both sides of the outline are averaged
LEAST_CONTRAST = 15.0  # gray levels between the sides, below which the outline stays where it was


def parts_with(mask: Mask, prompted: Mask) -> Mask:
    """The parts of a mask in which something is hinted."""
    labels, number = components(mask)
    keep = np.zeros(len(number), bool)
    keep[labels[prompted]] = True
    keep[0] = False
    return np.asarray(keep[labels])


def main_part(logits: Single) -> Mask:
    """Of what logits (H, W) take for the subject's, the part with the most certainty."""
    labels, number = components(logits > 0)
    weight = np.bincount(labels.ravel(), logits.ravel(), len(number))
    weight[0] = 0
    return np.asarray((labels == weight.argmax()) & (logits > 0))


def clean(mask: Mask, prompted: Mask, certainly_out: Mask, *, others: bool) -> Mask:
    """The mask without specks and pinholes; parts without a hint stay only with `others`."""
    labels, number = components(mask)
    number[0] = 0
    keep = (number > SPECK * number.max()) if others else np.zeros(len(number), bool)
    keep[labels[prompted]] = True
    keep[0] = False
    mask = keep[labels]
    holes, number = components(~mask)
    small = number < HOLE * mask.sum()
    small[holes[certainly_out]] = False
    small[0] = False
    return np.asarray(mask | small[holes])


def sharpen(mask: Mask, coarse: Single, fine: Single) -> Single:
    """How far each cell (H, W) of a finer picture (H, W, 3) is the subject's, 0..1, 0.5 at the outline.

    mask (h, w) and coarse (h, w, 3) are the mask found and the picture it was found in. Near the outline each finer
    cell goes with the side whose color nearby it resembles more.
    """
    height, width = fine.shape[:2]
    inside, outside = _shrink(mask), _shrink(~mask)
    soft = enlarge(mask.astype(np.float32), height, width)
    soft = local_mean(soft, max(1, round(height / mask.shape[0] / 2)))
    band = (soft > 0.02) & (soft < 0.98)
    own, other = (enlarge_each(_side(coarse, side), height, width)[band] for side in (inside, outside))
    across = own - other
    length = np.maximum(np.linalg.norm(across, axis=1), 1e-3)
    # The place of the color on the line from one side's to the other's, -1 to 1.
    place = (2 * (fine[band] - (own + other) / 2) * across).sum(1) / length**2
    trust = np.clip((length - LEAST_CONTRAST / 2) / LEAST_CONTRAST, 0, 1)
    soft[band] = np.clip(soft[band] + 0.6 * trust * np.clip(place, -1, 1), 0, 1)
    return local_mean(soft, 1)


def enlarge_each(picture: Single, height: int, width: int) -> Single:
    """A picture (h, w, 3) at another size."""
    return np.stack([enlarge(picture[..., channel], height, width) for channel in range(3)], 2)


def _side(picture: Single, where: Mask) -> Single:
    """The mean color (h, w, 3) of a part of the picture around each pixel."""
    weight = where.astype(np.float32)
    near, far = box_mean(weight, NEAR), float(weight.sum())
    overall = (picture * weight[..., None]).sum((0, 1)) / max(far, 1)
    mean = np.stack([box_mean(picture[..., channel] * weight, NEAR) for channel in range(3)], 2)
    return np.where(near[..., None] > 0.01, mean / np.maximum(near, 1e-6)[..., None], overall).astype(np.float32)


def _shrink(mask: Mask) -> Mask:
    """Without the cells at its rim; as it is where nothing would be left."""
    inner = np.asarray(local_mean(mask.astype(np.float32), 1) > 0.99)
    return inner if inner.any() else mask
