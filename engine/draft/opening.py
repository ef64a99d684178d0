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
RIM = 0.9  # the same, in the largest radius of the upper quarter: a dome is narrower at its top
CONTRAST = 0.04  # between an opening's near and far half, in its brightness
SEEN = 0.97  # least share of an opening that lies within the mask: less, and it is the far side of something else
NOISE = 3.0  # least contrast that counts, in levels of 255
ACROSS = (0.8, 1.12)  # of the rim's radius: inside of its near half, and on the outer wall below it
SAME_WAY = 0.65  # least share of the near rim across which the picture becomes brighter, or darker


def is_open(silhouette: Silhouette, view: View, axis: Axis, image: Pixels) -> bool:
    """Whether the end at the top of the body looks open in the photo (H, W, 3).

    A lid has one brightness all over, so its near and its far half look alike. Of an opening the far half shows the
    inner wall, the near half the bottom or the dark. Before it the rim's near half must be seen, where the radius at
    the rim and the camera have it.
    """
    height, radius = profile(silhouette, view, axis)
    body = np.flatnonzero(radius > 0)
    if len(body) < 4:
        return False
    rim = float(radius[body[-3:]].max())
    upper = radius[body[-max(4, len(body) // 4) :]]
    if rim < max(WIDE * float(radius.max()), RIM * float(upper.max())):
        return False
    # The far side of the rim is the upper end of the mask, which the profile may reach a little beyond.
    centers = axis.point + height[body][::-1, None] * axis.direction
    within = silhouette.covers(view.project(centers + rim * axis.toward)[0])
    center = centers[int(np.argmax(within))]
    halves = [_rings(view, center, rim * axis.side, sign * rim * axis.toward) for sign in (-1, 1)]
    if silhouette.covers(np.concatenate(halves).reshape(-1, 2)).mean() < SEEN:
        return False
    gray = image[..., :3].mean(2)
    near, far = (_levels(gray, rings) for rings in halves)
    if float(np.abs(near - far).mean()) < max(NOISE, CONTRAST * float(np.concatenate([near, far]).mean())):
        return False
    inner, outer = (_arc(view, center, rim * axis.side, -rim * axis.toward, share) for share in ACROSS)
    change = _gray_at(gray, inner) - _gray_at(gray, outer)
    return abs(float(np.median(change))) >= NOISE and max((change > 0).mean(), (change < 0).mean()) >= SAME_WAY


def _rings(view: View, center: Floats, side: Floats, toward: Floats) -> Floats:
    """Pixels (R, N, 2) along arcs of rising radius over a half of the opening."""
    return np.stack([_arc(view, center, side, toward, share) for share in np.arange(0.3, 0.9, 0.05)])


def _arc(view: View, center: Floats, side: Floats, toward: Floats, share: float) -> Floats:
    """Pixels (N, 2) along an arc of that share of the radius over a half of the opening."""
    turn = np.linspace(-1, 1, 33)[:, None]
    return view.project(center + share * (np.sin(turn) * side + np.cos(turn) * toward))[0]


def _levels(gray: Floats, rings: Floats) -> Floats:
    """The median brightness (R,) along arcs."""
    return np.asarray(np.median(_gray_at(gray, rings), axis=1))


def _gray_at(gray: Floats, pixels: Floats) -> Floats:
    """The brightness (...) at pixels (..., 2)."""
    column = np.clip(pixels[..., 0].astype(int), 0, gray.shape[1] - 1)
    row = np.clip(pixels[..., 1].astype(int), 0, gray.shape[0] - 1)
    return np.asarray(gray[row, column])
