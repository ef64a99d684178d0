# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks from prompts on made-up photos, whose figures change only where that is meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import busy
import known_figures
import numpy as np
import pytest
from busy import Scene

from sam3d.engine.selection import PixelPrompts, select

FIGURES = Path(__file__).with_name("known_masks")
PROMPTS: dict[str, Callable[[Scene], PixelPrompts]] = {
    "box": lambda scene: PixelPrompts(box=busy.box_around(scene.mask, 1)),
    "click": lambda scene: PixelPrompts(positive=(busy.click(scene.mask, 1),)),
    "stroke": lambda scene: PixelPrompts(stroke=busy.stroke(scene.mask, 1)),
}


@pytest.mark.parametrize("kind", PROMPTS)
@pytest.mark.parametrize(("toy", "background"), [(1, "wood"), (7, "gradient"), (6, "noise"), (8, "clutter")])
def test_a_mask_is_as_it_was(toy: int, background: str, kind: str) -> None:
    scene = busy.scene(busy.toy(toy), background, toy, size=(450, 300))
    mask = select(scene.photo, PROMPTS[kind](scene))
    rows, columns = np.nonzero(mask)
    places = np.stack([columns / mask.shape[1], rows / mask.shape[0]])
    figures = {
        "area": [mask.mean()],
        "middle": places.mean(1),
        "spread": places.std(1),
        "along": [np.corrcoef(places)[0, 1]],
    }
    known_figures.hold(FIGURES / f"{kind}, {background}.json", figures)
