# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist would show of a known subject, one prompt after another, and how well it is selected each time."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import busy
import numpy as np

from sam3d.engine.arrays import Mask, Pixels
from sam3d.engine.selection import PixelPrompts, Selection, SelectionError, Selector

KINDS = ("box", "click", "+1", "+2", "stroke")
CORRECTIONS = 2


@dataclass(frozen=True)
class Outcome:
    """overlap: with the known mask, 0 where nothing was found. best: that of the best candidate. confidence: as told.
    seconds: of this thread.
    """

    overlap: float
    best: float
    confidence: float
    seconds: float


def outcomes(photo: Pixels, mask: Mask, seed: int) -> dict[str, Outcome]:
    """One for each of KINDS: a box, a click, one and two more clicks where the mask was wrong the most, a stroke."""
    result = {}
    found = mask

    def tell(kind: str, prompts: PixelPrompts, selector: Selector) -> None:
        nonlocal found
        start = time.thread_time()
        try:
            candidates = selector.candidates(prompts)
        except SelectionError:
            candidates = (Selection(np.zeros_like(mask), 0.0),)
        seconds = time.thread_time() - start
        overlaps = [busy.overlap(one.mask, mask) for one in candidates]
        result[kind] = Outcome(overlaps[0], max(overlaps), candidates[0].confidence, seconds)
        found = candidates[0].mask

    tell("box", PixelPrompts(box=busy.box_around(mask, seed)), Selector(photo))
    tell("stroke", PixelPrompts(stroke=busy.stroke(mask, seed)), Selector(photo))
    prompts, selector = PixelPrompts(positive=(busy.click(mask, seed),)), Selector(photo)
    tell("click", prompts, selector)
    for count in range(1, CORRECTIONS + 1):
        point, inside = busy.correction(mask, found, seed)
        if inside:
            prompts = replace(prompts, positive=(*prompts.positive, point))
        else:
            prompts = replace(prompts, negative=(*prompts.negative, point))
        tell(f"+{count}", prompts, selector)
    return result
