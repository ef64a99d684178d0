# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines along edges of a photo, with the mouse."""

from collections.abc import Callable
from pathlib import Path


def test_guides(lead_window: Callable[..., Path]) -> None:
    """Two pairs tell the camera; handles, undo, saving and loading."""
    lead_window("guides.py")
