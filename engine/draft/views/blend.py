# SPDX-License-Identifier: GPL-3.0-or-later
"""The colors of several photos on one shape: each place from the photo that sees it most squarely."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...arrays import Single
from ..projection import Projection, dot

SQUARELY = 6  # power of the cosine to the eye by which a photo counts


def look_all(
    photos: Sequence[Projection], points: Single, normals: Single, *, behind: bool = False, trust: Single | float = 1.0
) -> tuple[Single, Single]:
    """The colors (N, 3) at points and unit normals (N, 3), and their weights (N,) 0..1, as a photo's `look` has them.

    trust: (N,) how far the first photo, which shows the most of what was assumed, shows the point itself.
    """
    if len(photos) == 1:
        color, weight = photos[0].look(points, normals, behind=behind)
        return color, np.asarray(weight * trust, np.float32)
    total: Single = np.zeros((len(points), 3), np.float32)
    shares: Single = np.zeros(len(points), np.float32)
    most: Single = np.zeros(len(points), np.float32)
    for number, photo in enumerate(photos):
        color, weight = photo.look(points, normals, behind=behind)
        weight = np.asarray(weight * trust if number == 0 else weight, np.float32)
        to_eye = photo.camera.position.astype(np.float32) - points
        cosine = dot(to_eye, normals) / np.sqrt(np.maximum(dot(to_eye, to_eye), 1e-12))
        share = weight * np.clip(cosine, 0, 1) ** SQUARELY + np.float32(1e-6) * weight
        total += share[:, None] * color
        shares += share
        most = np.maximum(most, weight)
    return np.asarray(total / np.maximum(shares, 1e-12)[:, None], np.float32), most
