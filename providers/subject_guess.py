# SPDX-License-Identifier: GPL-3.0-or-later
"""What would be taken for the subject of a photo that nobody has shown it in."""

from ..engine.arrays import Mask, Pixels
from ..engine.draft.errors import DraftError
from ..engine.draft.foreground import UNSURE, find_foreground


def guess_subject(photo: Pixels, alpha: Pixels | None) -> tuple[Mask | None, bool]:
    """The likeliest subject (H, W) of a photo (H, W, 3), sRGB, and whether it is sure; None where nothing stands out.

    `alpha` (H, W) is that of the photo, where it has one.
    """
    try:
        found = find_foreground(photo, alpha)
    except DraftError:
        return None, False
    return found.mask, found.confidence >= UNSURE
