# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of a mask a solid shows."""

from __future__ import annotations

import numpy as np

from .camera import View
from .sdf import Solid
from .silhouette import Silhouette


def explained(solid: Solid, silhouette: Silhouette, view: View) -> float:
    """The share of the mask whose rays meet a solid that lies within the mask's cone."""
    pixels = silhouette.pixels()
    rays = view.rays(pixels[:: max(1, len(pixels) // 1500)])
    corners = np.stack(np.meshgrid(*np.stack([solid.low, solid.high], 1), indexing="ij"), -1).reshape(-1, 3)
    depth = corners @ view.axes[2]
    steps = np.linspace(float(depth.min()), float(depth.max()), 80)
    points = rays[:, None] * steps[:, None]
    return float((solid.field(points.reshape(-1, 3)).reshape(len(rays), -1) > 0).any(1).mean())
