# SPDX-License-Identifier: GPL-3.0-or-later
"""The bars of one color beside a picture that was fitted into another format: they are no background."""

from __future__ import annotations

import numpy as np

from ..arrays import Pixels

EVEN = 6  # levels of 255 by which a bar's own pixels differ at most
EDGE = 17  # lines over which a bar passes into the picture: a JPEG's blocks of color are 16 pixels high
UNLIKE = 16  # levels by which the picture differs from the bar beside it
WHOLE = 0.9  # of a line, that is unlike the bar: less is a subject before a background of one color
LARGEST = 0.4  # of the photo, that one bar takes


def inside_bars(photo: Pixels) -> tuple[slice, slice]:
    """The rows and columns of a photo (H, W, 3) between bars of one color along whole borders; all where there are
    none."""
    top, bottom = _bar(photo), _bar(photo[::-1])
    rows = slice(top, len(photo) - bottom)
    across = photo[rows].swapaxes(0, 1)
    left, right = _bar(across), _bar(across[::-1])
    return rows, slice(left, photo.shape[1] - right)


def _bar(lines: Pixels) -> int:
    """How many of the first lines (N, M, 3) are a bar and pass into the picture."""
    color = np.median(lines[0], axis=0)
    off = np.abs(lines[: round(LARGEST * len(lines)) + 1 + EDGE] - color).max(2)
    even = (off <= EVEN).all(1)
    number = int(even.argmin())  # 0 too where all are even
    whole = (off[number : number + EDGE] > UNLIKE).mean(1) > WHOLE
    return number + int(whole.argmax()) if number and whole.any() else 0
