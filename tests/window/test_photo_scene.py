# SPDX-License-Identifier: GPL-3.0-or-later
"""A photo with several masks becomes a scene in the real window."""

from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_photo_becomes_a_scene(lead_window: Callable[..., Path]) -> None:
    """The button, the look through the photo's camera, one undo step back, and the artist's own scene as it was."""
    folder = lead_window("photo_scene.py", str(ROOT / "examples" / "photos"))
    assert (folder / "4-through.png").exists()


def test_a_photo_is_upright_behind_its_camera_however_it_lies(lead_window: Callable[..., Path]) -> None:
    lead_window("lying_photos.py", str(ROOT / "examples" / "photos" / "desk.jpg"))
