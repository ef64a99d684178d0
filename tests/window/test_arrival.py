# SPDX-License-Identifier: GPL-3.0-or-later
"""Results that arrive in the real window leave alone what the artist has set."""

from collections.abc import Callable
from pathlib import Path


def test_what_the_artist_has_set_stays(lead_window: Callable[..., Path]) -> None:
    """Shading, view, camera and selection, while results come in and are looked at."""
    lead_window("arrival.py")
