# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs beside everything else that an artist does."""

import json
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PHOTO = str(ROOT / "examples" / "photos" / "mug.jpg")


def test_interruptions(lead_window: Callable[..., Path]) -> None:
    """Cancel, deleted photo, undo, Edit Mode, other files, a disabled extension."""
    lead_window("interruptions.py", PHOTO)


def test_ten_jobs(lead_window: Callable[..., Path]) -> None:
    """The timer ticks on while ten drafts run. (How long a tick takes is for tools/bench_interface.py.)"""
    ticks = json.loads((lead_window("ten_jobs.py", PHOTO) / "ticks.json").read_text())
    assert len(ticks["imports"]) == 10
    assert len(ticks["quiet"]) > 10
