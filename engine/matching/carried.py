# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in."""

from .camera import PhotoCamera
from .evidence import Placed


def carried_over(placed: Placed, old: PhotoCamera, new: PhotoCamera) -> Placed:
    """Stand-in."""
    return placed
