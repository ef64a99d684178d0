# SPDX-License-Identifier: GPL-3.0-or-later
"""People in the real window."""

from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_person_is_posed(lead_window: Callable[..., Path]) -> None:
    folder = lead_window("body.py", str(ROOT / "examples" / "photos" / "mannequin.png"))
    assert (folder / "5-rigged.png").exists()
