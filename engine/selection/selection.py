# SPDX-License-Identifier: GPL-3.0-or-later
"""What prompts may select."""

from __future__ import annotations

from dataclasses import dataclass

from ..arrays import Mask, Single


@dataclass(frozen=True, eq=False)
class Selection:
    """One reading of what is meant by prompts.

    mask: (H, W), of the photo. confidence: the overlap with what is meant that is expected, 0..1. logits: (h, w), the
    mask as a network gave it, which it can refine; None of what no network made.
    """

    mask: Mask
    confidence: float
    logits: Single | None = None
