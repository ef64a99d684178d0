# SPDX-License-Identifier: GPL-3.0-or-later
"""Results, looked at in the real window."""

from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_results(lead_window: Callable[..., Path]) -> None:
    photos = ROOT / "examples" / "photos"
    lead_window("results.py", str(photos / "elephant.jpg"), str(photos / "mug.jpg"))
