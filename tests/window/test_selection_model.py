# SPDX-License-Identifier: GPL-3.0-or-later
"""The model that selects, in the real window."""

from collections.abc import Callable
from pathlib import Path

from blender_process import ROOT
from random_model import write_random_model


def test_selection_model(lead_window: Callable[..., Path]) -> None:
    """Offered, downloaded in spite of all, selecting; several candidates, all objects at once, and the question."""
    weights = ROOT / "build" / "window" / "mobile_sam.pt"
    weights.parent.mkdir(parents=True, exist_ok=True)
    write_random_model(weights)
    folder = lead_window("selection_model.py", str(ROOT / "examples" / "photos" / "desk.jpg"), str(weights))
    assert (folder / "11-guess.png").exists()
