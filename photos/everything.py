# SPDX-License-Identifier: GPL-3.0-or-later
"""All objects of a photo, proposed to the artist: the mask of each, and where on the photo each is seen. No bpy."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..engine.arrays import Pixels
from ..engine.selection import Selection
from .color import OPAQUE
from .decode import fitting
from .mask_maker import QUICK, Looking
from .masks import to_png

MOST = 254
"""Proposals; each has a number that fits into a byte, of which one means something else to who draws them."""
EDGE = 1024
"""Pixels of the picture of numbers along its longest side."""


@dataclass(frozen=True, eq=False)
class Proposals:
    """numbers (h, w): at each pixel that of the smallest object there, from 1, and 0 where there is none, from the top.
    masks: a PNG for each object, in the order of the numbers.
    """

    numbers: Pixels
    masks: tuple[bytes, ...]


@dataclass(frozen=True, eq=False)
class Search:
    """A search for all objects: what it will find, and how far it is."""

    found: "Future[Proposals]"
    looking: Looking

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self.found.cancel()
        self.looking.stop()


def proposals(found: Sequence[Selection], size: tuple[int, int]) -> Proposals:
    """What to show of the objects that were found, largest first, in a photo of `size`."""
    found = found[:MOST]
    width, height = fitting(size, EDGE)
    numbers = np.zeros((height, width), np.uint8)
    masks = []
    for number, each in enumerate(found, 1):
        picture = Image.fromarray(each.mask.astype(np.uint8) * OPAQUE)
        masks.append(to_png(picture, QUICK))
        numbers[np.asarray(picture.resize((width, height), Image.Resampling.NEAREST)) > 0] = number
    return Proposals(numbers, tuple(masks))
