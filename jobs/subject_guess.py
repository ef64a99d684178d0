# SPDX-License-Identifier: GPL-3.0-or-later
"""The likeliest subject of a photo, found on a thread of its own, before anything is made of it. No bpy."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..engine.arrays import Pixels
from ..engine.selection import SelectionError
from ..photos.batch import Batch
from ..photos.color import OPAQUE
from ..photos.mask_maker import Candidate, MadeMask
from ..photos.masks import to_png
from ..photos.orientation import apply_orientation, inverse
from ..photos.picture import Picture
from ..providers.subject_guess import guess_subject

EDGE = 1024
"""Pixels of the picture of numbers along its longest side."""


@dataclass(frozen=True, eq=False)
class Guess:
    """What is likely to be meant. `mask`: a PNG that lies as the photo is stored; empty where nothing stands out.

    numbers (h, w): 1 where it is, else 0, likewise and smaller, top row first.
    """

    is_sure: bool
    mask: bytes = b""
    numbers: Pixels | None = None


class SubjectGuesses:
    """Every method is for the main thread and returns at once, but `close`."""

    def __init__(self) -> None:
        """No photo is looked at yet."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sam3d-guess")

    def ask(self, photo: Picture) -> "Future[Guess]":
        """Look for the subject; the future may hold a PhotoError."""
        return self._thread.submit(_guess, photo)

    def mask(self, photo: Picture) -> "Future[MadeMask]":
        """The mask of the subject, where it is sure; the future may hold a PhotoError, or a SelectionError without a
        word where it is not.
        """
        return self._thread.submit(_mask, photo)

    def close(self) -> None:
        """Wait for the one that is at work."""
        self._thread.shutdown(cancel_futures=True)


def _guess(photo: Picture) -> Guess:
    prepared = Batch(photo).photo()
    upright = prepared.upright
    alpha = np.asarray(upright.getchannel("A")) if upright.mode == "RGBA" else None
    mask, is_sure = guess_subject(np.asarray(upright.convert("RGB")), alpha)
    if mask is None:
        return Guess(is_sure=False)
    lying = apply_orientation(Image.fromarray(mask.astype(np.uint8) * OPAQUE), inverse(prepared.opened.orientation))
    small = lying.copy()
    small.thumbnail((EDGE, EDGE), Image.Resampling.NEAREST)
    return Guess(is_sure, to_png(lying), (np.asarray(small) > 0).astype(np.uint8))


def _mask(photo: Picture) -> MadeMask:
    guess = _guess(photo)
    if not guess.is_sure:
        raise SelectionError
    return MadeMask((Candidate(guess.mask),))
