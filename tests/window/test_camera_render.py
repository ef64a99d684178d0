# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera as the photo's source, in the real window."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image


def test_camera_render(lead_window: Callable[..., Path]) -> None:
    """Blocking out, rendering and reconstructing in one step; Esc, undo and saving meanwhile; the viewport."""
    folder = lead_window("camera_render.py")
    seen = np.asarray(Image.open(folder / "viewport.png"))
    assert seen.shape == (360, 640, 4)
    alpha, red = seen[..., 3] > 127, (seen[..., 0] > 60) & (seen[..., 1] < 40) & (seen[..., 3] > 127)
    assert 0.05 < alpha.mean() < 0.6
    rows, columns = np.nonzero(red)  # the low box stands on the right, below the middle
    assert columns.min() > 320 and rows.mean() > 180
