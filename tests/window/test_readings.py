# SPDX-License-Identifier: GPL-3.0-or-later
"""Other readings of a draft's photo, in the real window."""

from collections.abc import Callable
from pathlib import Path

from blender_process import ROOT


def test_readings(lead_window: Callable[..., Path]) -> None:
    """Two pictures, of which one is taken by a click."""
    folder = lead_window("readings.py", str(ROOT / "examples" / "photos" / "truck.jpg"))
    assert (folder / "2-taken.png").exists()
