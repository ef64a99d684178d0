# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job as an artist does it, with the mouse."""

from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_main_job(lead_window: Callable[..., Path]) -> None:
    """From the installed zip to an object in the viewport, and one undo step back."""
    folder = lead_window("main_job.py", str(ROOT / "examples" / "photos" / "mug.jpg"))
    assert (folder / "4-arrived.png").exists()
