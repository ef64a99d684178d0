# SPDX-License-Identifier: GPL-3.0-or-later
"""What the prompts say about each cell of a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Mask, Single
from .colors import Clusters
from .pixel_prompts import PixelPrompts, Point
from .window import Window

CLICK = 1.5  # cells around a point that are certainly like it
REACH = 0.12  # of the window's longest side, over which a point speaks for what looks like it
PULL = 12.0  # cost that a point adds next to it
BRUSH = 6.0  # cost that a stroke adds under it: more than any color's vote, less than an edge's pull


@dataclass(frozen=True)
class PromptCosts:
    """By cell (height, width): what is certainly the subject's, what is certainly not, and what a cell costs more if
    it is the subject's.
    """

    inside: Mask
    outside: Mask
    cost: Single


def gather(prompts: PixelPrompts, window: Window, clusters: Clusters, shut: Mask) -> PromptCosts:
    """The costs by prompts; shut: the cells (height, width) that cannot be the subject's."""
    inside, outside = np.zeros_like(shut), shut.copy()
    cost = np.zeros(shut.shape, np.float32)
    reach = REACH * max(shut.shape)
    for points, certain, sign in ((prompts.negative, outside, 1), (prompts.positive, inside, -1)):
        for point in points:
            distance = _distance(point, window)
            near = np.exp(-((distance / reach) ** 2) / 2)
            cost += sign * PULL * near * clusters.likeness_to(*window.cell(*point))
            np.logical_or(certain, distance < CLICK, out=certain)
    outside &= ~inside
    for point in prompts.negative:
        row, column = window.cell(*point)
        inside[row, column] = inside[row, column] and not window.holds(*point)
        outside[row, column] |= window.holds(*point)
    for stroke, sign in ((prompts.stroke, -1), (prompts.negative_stroke, 1)):
        if stroke is not None:
            cost += sign * BRUSH * window.sample(stroke)
    return PromptCosts(inside, outside, cost)


def _distance(point: Point, window: Window) -> Single:
    """From each cell to a point, in cells."""
    x, y = window.centers()
    across, down = window.step
    return np.asarray(np.hypot((x - point[0]) / across, (y - point[1]) / down), np.float32)
