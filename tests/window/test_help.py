# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an artist finds the add-on and its guide, in the real window."""

from collections.abc import Callable
from pathlib import Path

from blender_process import ROOT


def test_help(lead_window: Callable[..., Path]) -> None:
    """Menu search, menus, F1."""
    lead_window("help.py", str(ROOT / "examples" / "photos" / "truck.jpg"))
