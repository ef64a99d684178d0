# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks that are drawn over the photo, with the mouse."""

from collections.abc import Callable
from pathlib import Path

PHOTOS = Path(__file__).resolve().parent.parent.parent / "examples" / "photos"


def test_choosing(lead_window: Callable[..., Path]) -> None:
    """Every tool and key, at several zooms, with undo and redo."""
    lead_window("choosing.py", str(PHOTOS / "desk.jpg"), str(PHOTOS / "desk-mask.png"))


def test_mask_list(lead_window: Callable[..., Path]) -> None:
    """Renaming, the eye, deleted photos, other tools, editors and files."""
    lead_window("mask_list.py", str(PHOTOS / "desk.jpg"))
