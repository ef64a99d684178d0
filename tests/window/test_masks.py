# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks that are drawn over the photo, with the mouse."""

from collections.abc import Callable
from pathlib import Path

PHOTOS = Path(__file__).resolve().parent.parent.parent / "examples" / "photos"


def test_choosing(lead_window: Callable[..., Path]) -> None:
    """Every tool and key; undo; what else happens meanwhile."""
    lead_window("choosing.py", str(PHOTOS / "desk.jpg"), str(PHOTOS / "desk-mask.png"))
