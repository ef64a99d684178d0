# SPDX-License-Identifier: GPL-3.0-or-later
"""From a drawing over a photo to masks: what the selections' thread does. No bpy."""

import io
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from ..engine.arrays import Mask, Single
from .batch import shown
from .color import OPAQUE
from .decode import open_picture
from .masks import HALF, coverage, to_png
from .orientation import UPRIGHT, Point, Size
from .photo_selector import Outdated, PhotoSelector
from .picture import LONGEST_EDGE, Picture, PictureFile, PicturePixels
from .prompts import NO_PROMPTS, Prompts, to_pixels

UNSURE = 0.5
"""Expected overlap with what is meant below which the artist is asked to show more."""
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


@dataclass(frozen=True, eq=False)
class Candidate:
    """One mask that a drawing may mean: a PNG, the overlap with what is meant that is expected, 0..1, and the logits of
    a network, which it can refine.
    """

    png: bytes
    confidence: float = 1.0
    logits: Single | None = None


@dataclass(frozen=True, eq=False)
class MadeMask:
    """What a drawing became: what it may mean, best first, and which of that the mask shows. `edit` is the drawing.

    `is_first`: the built-in selection has answered, before the model was ready.
    """

    candidates: tuple[Candidate, ...]
    chosen: int = 0
    edit: MaskEdit | None = None
    is_first: bool = False

    @property
    def shown(self) -> Candidate:
        """The one that the mask shows."""
        return self.candidates[self.chosen]

    @property
    def is_unsure(self) -> bool:
        """Whether it may well be something else that is meant, and the artist has not chosen yet."""
        return self.chosen == 0 and self.shown.confidence < UNSURE

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return sum(len(each.png) + (0 if each.logits is None else each.logits.nbytes) for each in self.candidates)


class Looking:
    """How far the model's look at a photo is: a fraction 0..1, None where there is none under way."""

    def __init__(self, fraction: float | None = None) -> None:
        self.fraction = fraction
        self._stopped = False

    def __call__(self, fraction: float) -> None:
        """Take over how far it is; raises Outdated where nobody wants it any more."""
        if self._stopped:
            raise Outdated
        self.fraction = fraction

    def stop(self) -> None:
        """It is not wanted any more."""
        self._stopped, self.fraction = True, None


class MaskMaker:
    """What the thread has before it: the photo that was drawn over last."""

    def __init__(self, looks: Executor, *, waits: bool) -> None:
        """`looks` is the thread on which the model looks at photos; `waits` tells whether drawings wait for that."""
        self._looks, self._waits = looks, waits
        self.model: Path | None = None
        """The file of the model that selects; None for the built-in selection."""
        self.looking = Looking()
        self._key: tuple[object, ...] = ()
        self._photo: Picture | None = None
        self._selector: PhotoSelector | None = None
        self._stored: Size = (0, 0)
        self._size: Size = (0, 0)

    @property
    def problem(self) -> str:
        """Why the model does not serve, as a sentence."""
        return "" if self._selector is None else self._selector.problem

    def look_at(self, photo: Picture) -> PhotoSelector:
        """Open a photo, unless it lies there already, and let the model look at it; raises PhotoError."""
        key = _written(photo), self.model
        if self._selector is not None and self._photo is not None and _same(photo, self._photo) and key == self._key:
            return self._selector
        opened = open_picture(photo, "photo", LONGEST_EDGE)
        pixels = np.asarray(shown(opened, LONGEST_EDGE).convert("RGB"))
        self.looking.stop()
        looking = Looking(None if self.model is None else 0.0)
        selector = PhotoSelector(pixels, self.model, looking)
        self._key, self._photo, self._stored = key, photo, opened.size
        self._selector, self.looking, self._size = selector, looking, (pixels.shape[1], pixels.shape[0])
        if self.model is not None:
            self._looks.submit(_look, selector, looking)
        return selector

    def make(self, edit: MaskEdit, base: "MadeMask | Future[MadeMask] | None", *, waits: bool = False) -> MadeMask:
        """The mask of a drawing; raises SelectionError or PhotoError.

        `waits`: for the model's look at the photo, where it has not ended.
        """
        selector = self.look_at(edit.photo)
        if isinstance(base, Future):  # of this thread, so it has ended
            base = None if base.exception() else base.result()
        if edit.outline:
            return MadeMask((Candidate(self._png(self._outlined(edit.outline), edit.change, base)),), edit=edit)
        prompts = to_pixels(edit.prompts, self._stored, self._size, UPRIGHT)
        corrected = base.shown.logits if base is not None and _goes_on(edit, base.edit) else None
        waits = waits or self._waits
        is_first = not (waits or selector.is_ready)
        found = selector.candidates(prompts, corrected, waits=waits)
        keeps = edit.change is Change.REPLACE
        return MadeMask(
            tuple(
                Candidate(
                    self._png(_picture(each.mask), edit.change, base), each.confidence, each.logits if keeps else None
                )
                for each in found
            ),
            edit=edit,
            is_first=is_first and keeps,
        )

    def copied(self, mask: Picture) -> MadeMask:
        """Any mask as a PNG; raises PhotoError."""
        image = coverage(open_picture(mask, "mask").image)
        image.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
        return MadeMask((Candidate(to_png(image.point([0] * HALF + [OPAQUE] * HALF), QUICK)),))

    def _png(self, part: Image.Image, change: Change, base: MadeMask | None) -> bytes:
        """What was drawn, added to or taken from what was there before."""
        if change is Change.ADD:
            part = ImageChops.lighter(self._before(base), part)
        elif change is Change.SUBTRACT:
            part = ImageChops.subtract(self._before(base), part)
        return to_png(part, QUICK)

    def _outlined(self, outline: Sequence[Point]) -> Image.Image:
        across, down = self._size[0] / self._stored[0], self._size[1] / self._stored[1]
        image = Image.new("L", self._size)
        # Pillow counts from the middle of the first pixel
        polygon = [(x * across - 0.5, y * down - 0.5) for x, y in outline]
        ImageDraw.Draw(image).polygon(polygon, fill=OPAQUE)
        return image

    def _before(self, base: MadeMask | None) -> Image.Image:
        """The mask that is added to or taken from, in the photo's size."""
        if base is None:
            return Image.new("L", self._size)
        return Image.open(io.BytesIO(base.shown.png)).resize(self._size, Image.Resampling.NEAREST)


def _look(selector: PhotoSelector, looking: Looking) -> None:
    """Let the model look at a photo, unless it has done so for a drawing that did not wait."""
    try:
        selector.look()
    except Outdated:
        pass
    finally:
        looking.fraction = None


def _picture(mask: Mask) -> Image.Image:
    return Image.fromarray(mask.astype(np.uint8) * OPAQUE)


def _goes_on(edit: MaskEdit, before: MaskEdit | None) -> bool:
    """Whether a drawing is an earlier one with more points, which correct what that has become."""
    if before is None or edit.change is not Change.REPLACE or not _same(edit.photo, before.photo):
        return False
    known, points = before.prompts.points, edit.prompts.points
    return edit.prompts.box == before.prompts.box and len(points) > len(known) and points[: len(known)] == known


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
