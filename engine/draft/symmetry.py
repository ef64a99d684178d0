# SPDX-License-Identifier: GPL-3.0-or-later
"""The axis about which a mask looks like a body of revolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from .camera import View
from .silhouette import Silhouette


@dataclass(frozen=True)
class Axis:
    """A possible axis of revolution in the eye's frame.

    point: (3,) on the axis, at depth 1.
    direction: (3,) along the axis.
    side: (3,) normal of the plane through the eye and the axis.
    toward: (3,) direction from the eye to the axis, at right angles to both.
    overlap: share of the mask that its reflection in that plane covers; 1 for a body of revolution.
    """

    point: Floats
    direction: Floats
    side: Floats
    toward: Floats
    overlap: float


def find_axis(silhouette: Silhouette, view: View, axis: int) -> Axis:
    """The line along coordinate axis `axis` about which the mask is most nearly that of a body of revolution.

    A body of revolution is its own mirror image in every plane through its axis, so also in the one through the eye:
    its silhouette, as a bundle of rays, is symmetric in that plane under perspective too.
    """
    pixels = silhouette.pixels()
    rays = view.rays(pixels[:: max(1, len(pixels) // 3000)])
    direction = np.eye(3)[axis]
    forward = view.axes[2]
    middle = forward - direction * forward[axis]
    middle /= np.linalg.norm(middle)
    across = np.cross(direction, middle)
    angle = np.arctan2(rays @ across, rays @ middle)

    def overlap(at: float) -> float:
        normal = np.cos(at) * across - np.sin(at) * middle
        pixels, _ = view.project(rays - 2 * np.outer(rays @ normal, normal))
        return float(silhouette.covers(pixels).mean())

    low, high = np.quantile(angle, [0, 1]) @ np.array([[0.8, 0.2], [0.2, 0.8]])
    best = 0.0
    for width in (1.0, 0.08):
        span = (high - low) / 2 * width
        center = (low + high) / 2 if width == 1 else best
        tries = np.linspace(center - span, center + span, 27)
        best = float(tries[int(np.argmax([overlap(float(at)) for at in tries]))])
    toward = np.cos(best) * middle + np.sin(best) * across
    side = np.cos(best) * across - np.sin(best) * middle
    return Axis(toward / (toward @ forward), direction, side, toward, overlap(best))
