# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera as the photo's source, in the real window."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
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
    shown = np.asarray(Image.open(folder / "7-through-the-camera.png").convert("RGB"))
    reds = [common_red(picture) for picture in (seen[..., :3][seen[..., 3] == 255], shown.reshape(-1, 3))]
    assert np.abs(reds[0] - reds[1]).max() <= 2, reds


def common_red(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The most frequent red of some pixels (N, 3)."""
    red = pixels[(pixels[:, 0] > 60) & (pixels[:, 1] < 40) & (pixels[:, 2] < 40)]
    colors, counts = np.unique(red, axis=0, return_counts=True)
    return np.asarray(colors[counts.argmax()], np.int64)
