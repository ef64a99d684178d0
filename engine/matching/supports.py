# SPDX-License-Identifier: GPL-3.0-or-later
"""Subjects that stand on others, such as a cup on a book.

A silhouette does not tell how high something stands: the ray to its base stays the same. What tells it is who hides
whom: a cup that stood on the ground behind the book would be hidden by it, but it is the book that is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import Mask
from .camera import EYE, PhotoCamera
from .refine import Fitted
from .rim import silhouette
from .stance import Stance

LEAST_SHARED = 0.03
"""Of the upper one's silhouette, that lies before the lower one's."""
MOSTLY = 0.8
"""Of what both silhouettes cover, that the photo shows of the upper one."""
BESIDE = 0.05
"""Of the lower one's extent in the photo, around the ray to the base."""
HIGHEST = 0.9
"""Of the eye's height: what stands higher shows nothing of where it stands."""
LEVEL = 0.6
"""The cosine of how far a surface leans on which something stands."""


def support_of(
    number: int, fitted: Sequence[Fitted], camera: PhotoCamera, stances: Sequence[Stance]
) -> tuple[int, float] | None:
    """The number of the subject that one stands on and the height there; None where it stands on the ground."""
    for lower in range(len(fitted)):
        if lower == number or stances[lower].height > 0:
            continue
        if _would_be_behind(number, lower, camera, stances) and _is_seen_before(
            fitted[number], fitted[lower], camera, stances[number], stances[lower]
        ):
            height = height_on(fitted[lower], camera, stances[lower], stances[number])
            if height is not None:
                return lower, height
    return None


def height_on(lower: Fitted, camera: PhotoCamera, stance: Stance, upper: Stance) -> float | None:
    """How high the lower subject's surface is where the ray to the upper one's base meets it; None where it misses."""
    world = stance.world(camera, lower.model.samples, lower.model)
    pixels, _ = camera.project(world)
    near = np.linalg.norm(pixels - upper.values[:2], axis=1) < BESIDE * lower.shown.extent
    level = np.abs(lower.model.normals[:, 2]) > LEVEL
    found = world[near & level & (world[:, 2] > 0)]
    if not len(found):
        return None
    return min(float(np.median(np.sort(found[:, 2])[-max(1, len(found) // 2) :])), HIGHEST)


def top_of(lower: Fitted, camera: PhotoCamera, stance: Stance) -> float:
    """How high a subject is."""
    return min(float(stance.world(camera, lower.model.hull, lower.model)[:, 2].max()), HIGHEST)


def _would_be_behind(upper: int, lower: int, camera: PhotoCamera, stances: Sequence[Stance]) -> bool:
    away = [float(np.linalg.norm(stances[one].base(camera)[0] - EYE)) for one in (upper, lower)]
    return away[0] > away[1]


def _is_seen_before(upper: Fitted, lower: Fitted, camera: PhotoCamera, above: Stance, below: Stance) -> bool:
    """Whether the photo shows the upper subject where both silhouettes cover the same pixels."""
    shown = upper.shown
    height, width = shown.mask.shape

    def covered(one: Fitted, stance: Stance) -> Mask:
        pixels = (stance.seen(camera, one.model.points, one.model)[0] - shown.corner) * shown.scale
        return silhouette(pixels[one.model.faces], width, height)

    own = covered(upper, above)
    both = own & covered(lower, below)
    return bool(both.sum() > LEAST_SHARED * own.sum() and shown.mask[both].mean() > MOSTLY)
