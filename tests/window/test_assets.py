# SPDX-License-Identifier: GPL-3.0-or-later
"""Assets in the real window."""

from collections.abc import Callable
from pathlib import Path

PHOTOS = Path(__file__).resolve().parent.parent.parent / "examples" / "photos"


def test_assets_are_dragged_from_the_browser(lead_window: Callable[..., Path]) -> None:
    """Two objects and a person, who can be posed."""
    photos = (str(PHOTOS / name) for name in ("mug.jpg", "headphones.png", "mannequin.png"))
    folder = lead_window("assets.py", *photos)
    assert (folder / "5-posed.png").exists()
