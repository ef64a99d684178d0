# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks over the photo in the image editor: where they are drawn, how long that takes, and painting them."""

import json
import os
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DRAWS = os.environ.get("SAM3D_DRAWS", "20")
"""How often each thing is drawn that is measured."""


def test_masks_lie_where_the_photo_shows_them(lead_window: Callable[..., Path]) -> None:
    """Outlines, boxes and points, for photos of odd sizes at several zooms; odd images disturb nothing."""
    assert (lead_window("overlay.py") / "odd.png").exists()


def test_painting(lead_window: Callable[..., Path]) -> None:
    """A stroke, erasing with Ctrl, undo, back to the photo; the mask is there after saving and loading."""
    photo = ROOT / "examples" / "photos" / "desk.jpg"
    assert (lead_window("painting.py", str(photo)) / "7-reloaded.png").exists()


def test_many_masks(lead_window: Callable[..., Path]) -> None:
    """Twenty masks are drawn, and measured; `tools/bench_overlay.py` judges the figures."""
    figures = json.loads((lead_window("many_masks.py", DRAWS) / "draws.json").read_text())
    assert all(len(spent) > 0 for spent in figures.values())
