# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a mask may show a head: what stands on top of it, about as high as it is wide."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from ..arrays import Ints, Mask

SIZE = 160  # pixels along the longer side of the mask that heads are looked for in
SMALLEST, LARGEST_STEP = 9, 27  # of them, that a head is wide, and to which an arm may widen at once
EAR = 0.5  # of the width of a head, that an ear on top of it is high
LOWEST = 0.5  # of the height of the mask: below it no head begins
LONG = 1.4  # widths, that a head is high
TOO_LONG = 1.8  # widths: that is an arm, or a pole
SHOULDERS = 1.45  # times as wide as what is above, which is SHALLOW widths high at least
SHALLOW = 0.9
NECK = 3  # of what is above: within so many parts of its height shoulders widen


def heads(mask: Mask) -> Iterator[Mask]:
    """The parts (H, W) of a mask (H, W) that may be heads: tops of its outline down to where shoulders begin, or as far
    as a head would reach."""
    height, width = mask.shape
    scale = SIZE / max(height, width)
    goal = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(goal, Image.Resampling.BOX)) > 127
    runs = [_runs(row) for row in small]
    taken = np.zeros(small.shape, bool)
    used = np.flatnonzero(small.any(1))
    for top in used[: round(LOWEST * len(used))].tolist():
        for start in runs[top]:
            above = small[max(top - 1, 0), slice(*start)] & (top > 0)
            rows = None if above.any() or taken[top, start[0]] else _down(runs, top, start)
            if rows is None:
                continue
            ends = np.array(rows)
            if not taken[: top + len(rows), ends[:, 0].min() : ends[:, 1].max()].any():
                head = np.zeros(small.shape, bool)
                for row, (left, right) in enumerate(rows, top):
                    head[row, left:right] = True
                taken |= head
                large = Image.fromarray(head.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BILINEAR)
                yield mask & (np.asarray(large) > 127)


def _down(runs: list[Ints], top: int, start: Ints) -> list[Ints] | None:
    """The run of each row of a head that begins with this one; None where there is none."""
    rows = [start]
    widest = [int(start[1] - start[0])]
    for below in runs[top + 1 :]:
        overlap = np.minimum(below[:, 1], rows[-1][1]) - np.maximum(below[:, 0], rows[-1][0])
        if not len(below) or overlap.max() <= 0:
            break
        run = below[overlap.argmax()]
        width = int(run[1] - run[0])
        before = widest[len(widest) - 1 - max(len(widest) // NECK, min(3, len(widest) - 1))]
        if before < SMALLEST and width > LARGEST_STEP and len(rows) > EAR * width:
            return None
        shoulders = width > SHOULDERS * before and len(rows) > SHALLOW * before
        if before >= SMALLEST and (shoulders or len(rows) >= LONG * before):
            break
        rows.append(run)
        widest.append(max(widest[-1], width))
    return rows if widest[-1] >= SMALLEST and len(rows) <= TOO_LONG * widest[-1] else None


def _runs(row: Mask) -> Ints:
    """Where each run (N, 2) of a row begins, and where it has ended."""
    return np.flatnonzero(np.diff(np.pad(row.astype(np.int8), 1))).reshape(-1, 2)
