# SPDX-License-Identifier: GPL-3.0-or-later
"""The photo and the prompts with which numpy's MobileSAM and the one of its authors are compared.

tools/reference_segment_anything.py keeps what the latter makes of them in reference.npz.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from random_model import Draw

from sam3d.engine.arrays import Ints, Pixels, Single
from sam3d.engine.selection import PixelPrompts

REFERENCE = Path(__file__).with_name("reference.npz")
SEED = 7
HEIGHT, WIDTH = 667, 901
SAMPLES = 400  # of each array that are kept

CASES = {
    "click": PixelPrompts(positive=((400.25, 300.5),)),
    "points": PixelPrompts(positive=((400.25, 300.5), (500.5, 20.0)), negative=((12.0, 640.75),)),
    "box": PixelPrompts(box=(100.0, 50.5, 600.25, 500.0)),
    "all": PixelPrompts(positive=((400.25, 300.5),), negative=((500.5, 120.0),), box=(100.0, 50.5, 600.25, 500.0)),
    "refined": PixelPrompts(positive=((400.25, 300.5),), negative=((12.0, 640.75),)),
}
"""By name; the last one corrects an earlier mask."""


def photo() -> Pixels:
    """A photo (667, 901, 3) of blocks and ramps."""
    blocks = np.repeat(np.repeat(Draw(SEED)(23, 32, 3), 29, 0), 29, 1)[:HEIGHT, :WIDTH]
    ramps = np.arange(HEIGHT)[:, None, None] % 61 - np.arange(WIDTH)[None, :, None] % 47
    return np.clip(128 + 60 * blocks + ramps, 0, 255).astype(np.uint8)


def previous() -> Single:
    """Logits (256, 256) of an earlier mask."""
    return 5 * np.repeat(np.repeat(Draw(SEED + 1)(32, 32), 8, 0), 8, 1)


def sample(size: int) -> Ints:
    """Which numbers of an array are kept."""
    return np.linspace(0, size - 1, min(size, SAMPLES)).astype(np.int64)
