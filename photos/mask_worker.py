# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes masks from what an artist draws over a photo, one after the other on a thread of its own. No bpy.

A drawing has a key of its own. Its mask is kept under that key as a PNG, so that undo finds an earlier one again.
"""

import io
import traceback
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import Enum

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from ..engine.selection import SelectionError, Selector
from .batch import shown
from .color import OPAQUE
from .decode import open_picture
from .errors import PhotoError
from .masks import HALF, coverage, to_png
from .orientation import UPRIGHT, Point, Size
from .picture import LONGEST_EDGE, Picture, PictureFile, PicturePixels
from .prompts import NO_PROMPTS, Prompts, to_pixels

MOST_KEPT = 64 * 2**20
"""Bytes of masks that are kept; one takes some kilobytes."""
QUICK = 1
"""The compression of masks that an artist waits for."""


class Change(Enum):
    """What a drawing does with the mask that was there before."""

    REPLACE = "REPLACE"
    ADD = "ADD"
    SUBTRACT = "SUBTRACT"


@dataclass(frozen=True)
class MaskEdit:
    """What was drawn over a photo for one mask: prompts, by which a subject is selected, or else its outline itself.

    `outline` is a polygon in pixels of the photo as it is stored, from its top left.
    """

    photo: Picture
    prompts: Prompts = NO_PROMPTS
    outline: tuple[Point, ...] = ()
    change: Change = Change.REPLACE


class MaskWorker:
    """Drawings at work, and the masks that they became. Every method is for the main thread and returns at once, except
    `finish` and `close`.

    A mask is a grayscale PNG of 0 and 255 that lies as the photo is stored, reduced to `LONGEST_EDGE`.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sam3d-selections")
        self._maker = _MaskMaker()
        self._at_work: dict[str, Future[bytes]] = {}
        self._masks: OrderedDict[str, bytes] = OrderedDict()
        self._problems: dict[str, str] = {}

    @property
    def busy(self) -> bool:
        """Whether a drawing is at work or waits to be drained."""
        return bool(self._at_work)

    def look_at(self, photo: Picture) -> None:
        """Open a photo beforehand, so that the first drawing over it need not wait for that."""
        self._thread.submit(self._maker.look_at, photo)

    def start(self, key: str, edit: MaskEdit, *, before: str = "") -> None:
        """Make the mask of a drawing.

        `before` is the key of the mask's last drawing: what is added to or taken from. Where it is replaced and was
        not begun yet, it is not made any more.
        """
        last = self._at_work.get(before)
        if edit.change is Change.REPLACE and last is not None and last.cancel():
            del self._at_work[before]
        base = self._masks.get(before) or last
        self._problems.pop(key, None)
        self._at_work[key] = self._thread.submit(self._maker.make, edit, base)

    def keep(self, key: str, mask: Picture) -> None:
        """Keep a mask that has come to be in another way, such as by a brush."""
        self._at_work[key] = self._thread.submit(self._maker.copied, mask)

    def mask(self, key: str) -> bytes | None:
        """The mask that a drawing became, if it is kept."""
        return self._masks.get(key)

    def problem(self, key: str) -> str:
        """Why a drawing became no mask, as a sentence; empty where it did, or may still."""
        return self._problems.get(key, "")

    def is_at_work(self, key: str) -> bool:
        """Whether a drawing's mask is still being made."""
        return key in self._at_work

    def drain(self) -> list[str]:
        """Take over what has ended since; returns the keys."""
        ended = [key for key, future in self._at_work.items() if future.done()]
        for key in ended:
            try:
                self._store(key, self._at_work.pop(key).result())
            except (SelectionError, PhotoError) as error:
                self._problems[key] = str(error)
            except Exception as error:  # the last resort: what nobody foresaw must not keep the others waiting
                traceback.print_exception(error)
                self._problems[key] = f"The mask could not be made ({type(error).__name__}): see Blender's console."
        return ended

    def finish(self) -> None:
        """Wait until nothing is at work."""
        wait(self._at_work.values())

    def close(self) -> None:
        """Drop what waits, and wait for the one that is being made."""
        self._thread.shutdown(cancel_futures=True)

    def _store(self, key: str, mask: bytes) -> None:
        self._masks[key] = mask
        while len(self._masks) > 1 and sum(map(len, self._masks.values())) > MOST_KEPT:
            self._masks.popitem(last=False)


class _MaskMaker:
    """What the thread has before it: the photo that was drawn over last."""

    def __init__(self) -> None:
        self._photo: Picture | None = None
        self._written = 0.0
        self._selector: Selector
        self._stored: Size = (0, 0)
        self._size: Size = (0, 0)

    def look_at(self, photo: Picture) -> None:
        """Open a photo, unless it lies there already; raises PhotoError."""
        written = _written(photo)
        if self._photo is not None and _same(photo, self._photo) and written == self._written:
            return
        opened = open_picture(photo, "photo", LONGEST_EDGE)
        pixels = np.asarray(shown(opened, LONGEST_EDGE).convert("RGB"))
        self._photo, self._written, self._stored, self._selector = photo, written, opened.size, Selector(pixels)
        self._size = pixels.shape[1], pixels.shape[0]

    def make(self, edit: MaskEdit, base: "bytes | Future[bytes] | None") -> bytes:
        """The mask of a drawing as a PNG; raises SelectionError or PhotoError."""
        self.look_at(edit.photo)
        part = self._outlined(edit.outline) if edit.outline else self._selected(edit.prompts)
        if edit.change is Change.ADD:
            part = ImageChops.lighter(self._before(base), part)
        elif edit.change is Change.SUBTRACT:
            part = ImageChops.subtract(self._before(base), part)
        return to_png(part, QUICK)

    def copied(self, mask: Picture) -> bytes:
        """Any mask as a PNG; raises PhotoError."""
        image = coverage(open_picture(mask, "mask").image)
        image.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
        return to_png(image.point([0] * HALF + [OPAQUE] * HALF), QUICK)

    def _selected(self, prompts: Prompts) -> Image.Image:
        mask = self._selector.select(to_pixels(prompts, self._stored, self._size, UPRIGHT))
        return Image.fromarray(mask.astype(np.uint8) * OPAQUE)

    def _outlined(self, outline: Sequence[Point]) -> Image.Image:
        across, down = self._size[0] / self._stored[0], self._size[1] / self._stored[1]
        image = Image.new("L", self._size)
        # Pillow counts from the middle of the first pixel
        polygon = [(x * across - 0.5, y * down - 0.5) for x, y in outline]
        ImageDraw.Draw(image).polygon(polygon, fill=OPAQUE)
        return image

    def _before(self, base: "bytes | Future[bytes] | None") -> Image.Image:
        """The mask that is added to or taken from, in the photo's size."""
        if isinstance(base, Future):  # of this thread, so it has ended
            base = None if base.exception() else base.result()
        if base is None:
            return Image.new("L", self._size)
        return Image.open(io.BytesIO(base)).resize(self._size, Image.Resampling.NEAREST)


def _same(photo: Picture, other: Picture) -> bool:
    """Whether two pictures are the same; pixels are not looked through for that."""
    if isinstance(photo, PicturePixels) or isinstance(other, PicturePixels):
        return photo is other
    return photo == other


def _written(photo: Picture) -> float:
    """When a photo's file was written last."""
    try:
        return photo.path.stat().st_mtime if isinstance(photo, PictureFile) else 0.0
    except OSError:
        return 0.0
