# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a body of revolution is open at the top, like a cup."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Pixels
from .camera import View
from .revolution import profile
from .silhouette import Silhouette
from .symmetry import Axis

WIDE = 0.6  # least radius of an opening, in the body's largest radius
CONTRAST = 0.04  # between an opening's near and far half, in its brightness
NOISE = 3.0  # least contrast that counts, in levels of 255


def is_open(silhouette: Silhouette, view: View, axis: Axis, image: Pixels) -> bool:
    """Whether the end at the top of the body looks open in the photo (H, W, 3).

    A lid has one brightness all over, so its near and its far half look alike. Of an opening the far half shows the
    inner wall, the near half the bottom or the dark.
    """
    height, radius = profile(silhouette, view, axis)
    body = np.flatnonzero(radius > 0)
    if len(body) < 4:
        return False
    rim = float(radius[body[-3:]].max())
    if rim < WIDE * float(radius.max()):
        return False
    gray = image[..., :3].mean(2)
    center = axis.point + float(height[body[-1]]) * axis.direction
    near, far = (_rings(gray, view, center, rim * axis.side, sign * rim * axis.toward) for sign in (-1, 1))
    contrast = float(np.abs(near - far).mean())
    return contrast >= max(NOISE, CONTRAST * float(np.concatenate([near, far]).mean()))


def _rings(gray: Floats, view: View, center: Floats, side: Floats, toward: Floats) -> Floats:
    """The median brightness along arcs of rising radius over a half of the opening."""
    turn = np.linspace(-1, 1, 33)[:, None]
    arc = np.sin(turn) * side + np.cos(turn) * toward
    levels = []
    for share in np.arange(0.3, 0.9, 0.05):
        pixels, _ = view.project(center + share * arc)
        column = np.clip(pixels[:, 0].astype(int), 0, gray.shape[1] - 1)
        row = np.clip(pixels[:, 1].astype(int), 0, gray.shape[0] - 1)
        levels.append(float(np.median(gray[row, column])))
    return np.array(levels)
