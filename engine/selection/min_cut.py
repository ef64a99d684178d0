# SPDX-License-Identifier: GPL-3.0-or-later
"""The cheapest cut of a picture in two, which prefers the picture's edges."""

from __future__ import annotations

import numpy as np

from ..arrays import Single

STRENGTH = 16.0  # of the pull between neighbors, in units of the votes
LEAST = 0.03  # of the pull, across the strongest edges
STEP = 0.35  # below 1 / sqrt(8), as the method requires


class Cut:
    """Two-label segmentation of one picture, solved as its convex relaxation.

    Minimizes sum(u * cost) + sum(pull * |difference of u between neighbors|) over u in 0..1, whose minimum at any
    threshold is a minimum cut (Chan, Esedoglu and Nikolova 2006), with the primal-dual method (Chambolle and Pock
    2011). The pull falls with contrast as in GrabCut (Rother et al. 2004).
    """

    def __init__(self, color: Single) -> None:
        """color: (H, W, 3), in which differences are seen alike."""
        across, down = ((color[:, 1:] - color[:, :-1]) ** 2).sum(2), ((color[1:] - color[:-1]) ** 2).sum(2)
        usual = (across.sum() + down.sum()) / max(across.size + down.size, 1)
        most = np.zeros((2, *color.shape[:2]), np.float32)  # nothing flows out of the last column and row
        for bound, contrast in ((most[0, :, :-1], across), (most[1, :-1], down)):
            bound[:] = STEP * STRENGTH * (np.exp(-contrast / (2 * usual + 1e-3)) + LEAST)
        self._most, self._least = most, -most

    def __call__(self, cost: Single, start: Single, steps: int) -> Single:
        """The solution u (H, W), from a first guess."""
        u, ahead = start, start
        push = np.asarray(STEP * cost, np.float32)
        flow = np.zeros_like(self._most)  # across and down, times STEP
        change = np.zeros_like(flow)
        for _ in range(steps):
            np.subtract(ahead[:, 1:], ahead[:, :-1], out=change[0, :, :-1])
            np.subtract(ahead[1:], ahead[:-1], out=change[1, :-1])
            change *= STEP**2
            flow += change
            _bound(flow, self._least, self._most)
            new = u - push
            new += flow[0]
            new += flow[1]
            new[:, 1:] -= flow[0, :, :-1]
            new[1:] -= flow[1, :-1]
            _bound(new, 0.0, 1.0)
            ahead = 2 * new - u
            u = new
        return u


def _bound(values: Single, least: Single | float, most: Single | float) -> None:
    """Keeps values within bounds, in place; np.clip takes longer."""
    np.maximum(values, least, out=values)
    np.minimum(values, most, out=values)
