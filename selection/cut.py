# SPDX-License-Identifier: GPL-3.0-or-later
"""The cheapest cut of a picture in two, which prefers the picture's edges."""

from __future__ import annotations

import numpy as np

from ..draft.raster import Single

STRENGTH = 16.0  # of the pull between neighbours, in units of the votes
LEAST = 0.03  # of the pull, across the strongest edges
STEP = 0.35  # below 1 / sqrt(8), as the method requires


class Cut:
    """Two-label segmentation of one picture, solved as its convex relaxation.

    Minimises sum(u * cost) + sum(pull * |difference of u between neighbours|) over u in 0..1, whose minimum at any
    threshold is a minimum cut (Chan, Esedoglu and Nikolova 2006), with the primal-dual method (Chambolle and Pock
    2011). The pull falls with contrast as in GrabCut (Rother et al. 2004).
    """

    def __init__(self, colour: Single) -> None:
        """colour: (H, W, 3), in which differences are seen alike."""
        across, down = ((colour[:, 1:] - colour[:, :-1]) ** 2).sum(2), ((colour[1:] - colour[:-1]) ** 2).sum(2)
        usual = (across.sum() + down.sum()) / max(across.size + down.size, 1)
        self.across, self.down = (
            STRENGTH * (np.exp(-contrast / (2 * usual + 1e-3)) + LEAST) for contrast in (across, down)
        )

    def __call__(self, cost: Single, start: Single, steps: int) -> Single:
        """The solution u (H, W), from a first guess."""
        u, ahead = start, start
        flow_across, flow_down = np.zeros_like(self.across), np.zeros_like(self.down)
        for _ in range(steps):
            flow_across += STEP * (ahead[:, 1:] - ahead[:, :-1])
            _bound(flow_across, self.across)
            flow_down += STEP * (ahead[1:] - ahead[:-1])
            _bound(flow_down, self.down)
            slope = cost.copy()
            slope[:, :-1] -= flow_across
            slope[:, 1:] += flow_across
            slope[:-1] -= flow_down
            slope[1:] += flow_down
            new = np.minimum(np.maximum(u - STEP * slope, 0), 1)  # np.clip takes longer, as in _bound
            ahead = 2 * new - u
            u = new
        return u


def _bound(flow: Single, most: Single) -> None:
    """Keeps values within -most..most, in place."""
    np.maximum(flow, -most, out=flow)
    np.minimum(flow, most, out=flow)
