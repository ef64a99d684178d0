# SPDX-License-Identifier: GPL-3.0-or-later
"""Between sRGB, as pictures hold it, and linear light, as renderers compute with it (IEC 61966-2-1)."""

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats, Pixels, Single

SRGB_KNEE, LINEAR_KNEE = 0.04045, 0.0031308
"""Up to here the curve is a straight line, in sRGB and in linear values."""
SLOPE, OFFSET, GAMMA = 12.92, 0.055, 2.4
DEEP = 65535  # the most of 16 bits


def srgb_to_linear(srgb: Floats) -> Floats:
    """The linear values of sRGB values of 0..1, of any shape."""
    return np.where(srgb <= SRGB_KNEE, srgb / SLOPE, ((srgb + OFFSET) / (1 + OFFSET)) ** GAMMA)


def linear_to_srgb(linear: Single) -> Single:
    """The sRGB values of linear values of 0..1, of any shape; values outside are clipped."""
    linear = linear.clip(0.0, 1.0)
    curve = (1 + OFFSET) * linear ** (1 / GAMMA) - OFFSET
    return np.where(linear <= LINEAR_KNEE, linear * SLOPE, curve).astype(np.float32)


def srgb_bytes() -> Floats:
    """The linear values (256,) of all sRGB bytes: a table, for the curve is slow."""
    return srgb_to_linear(np.arange(256) / 255)


def linear_16_bit(colors: Pixels) -> NDArray[np.uint16]:
    """Linear values (N, 4) in 16 bits of sRGB bytes (N, 3), which are opaque, or (N, 4); alpha is linear already.

    With 16 bits none of the sRGB steps is lost.
    """
    linear = np.full((len(colors), 4), DEEP, np.uint16)
    linear[:, :3] = (srgb_bytes() * DEEP).round().astype(np.uint16)[colors[:, :3]]
    if colors.shape[1] == 4:
        linear[:, 3] = colors[:, 3] * np.uint16(257)
    return linear
