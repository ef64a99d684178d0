# SPDX-License-Identifier: GPL-3.0-or-later
"""Another photo of the subject of a draft."""

from __future__ import annotations

from dataclasses import dataclass

from ..arrays import Mask, Pixels
from ..matching.camera import PhotoCamera


@dataclass(frozen=True)
class AddedView:
    """Another photo of the same thing.

    image: as for `reconstruct`. mask: (h, w), its subject. camera: the photo's, where it is known.
    """

    image: Pixels
    mask: Mask | Pixels
    camera: PhotoCamera | None = None
