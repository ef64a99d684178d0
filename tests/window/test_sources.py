# SPDX-License-Identifier: GPL-3.0-or-later
"""Where photos come from, in the real window."""

from collections.abc import Callable
from pathlib import Path

from blender_process import ROOT


def test_sources(lead_window: Callable[..., Path]) -> None:
    """Dropped with the mouse, pasted, taken from the scene, opened."""
    lead_window("sources.py", str(ROOT / "examples" / "photos" / "mug.jpg"))
