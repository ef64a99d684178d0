# SPDX-License-Identifier: GPL-3.0-or-later
"""MobileSAM as a whole: a photo is encoded once, then every prompt is answered at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..arrays import Floats, Mask, Pixels, Single
from ..selection import PixelPrompts, Selection, SelectionError
from ..selection.pixel_prompts import Box, Point
from .checkpoint import read_tensors
from .everything import GOOD, find_everything
from .frame import Frame
from .image_encoder import ImageEncoder
from .layout import GRID, LOGITS, WIDTH, shapes
from .mask_decoder import MaskDecoder
from .numerics import Report, Tensors
from .prompt_encoder import PlacedPrompts, PromptEncoder
from .readings import Reading, distinct, read, tidy
from .stroke_points import stroke_points

ALIKE = 0.9  # overlap of two readings of prompts from which on they are one
BEYOND = 0.05  # of the box's longest side, by which an object may be larger than the box around it
NEGATIVE = 3  # points, at most, that stand for a stroke over what is not meant
MOST = 64  # objects of a photo
MOST_PIXELS = 400e6  # of all masks of a photo's objects, each a byte


def _silent(_share: float) -> None:
    pass


@dataclass(frozen=True, eq=False)
class EncodedPhoto:
    """What the encoder made of a photo. cells: (4096, 256), row by row. frame: where the photo lies in them."""

    cells: Single
    frame: Frame


class SegmentAnything:
    """MobileSAM, read and ready. All of it may be used in several threads at once."""

    def __init__(self, tensors: dict[str, Single]) -> None:
        named = Tensors(tensors)
        self._image_encoder = ImageEncoder(named.under("image_encoder"))
        self._prompt_encoder = PromptEncoder(named.under("prompt_encoder"))
        self._decoder = MaskDecoder(named.under("mask_decoder"), self._prompt_encoder.grid)

    def encode(self, photo: Pixels, report: Report = _silent) -> EncodedPhoto:
        """Look at a photo (H, W, 3), sRGB, top row first; takes seconds, once for each photo.

        report is told the share that is done, and may raise to stop.
        """
        if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8:
            raise ValueError("photo: (H, W, 3) uint8 is expected")
        frame = Frame(photo.shape[0], photo.shape[1])
        picture = self._image_encoder(frame.square(photo), report)
        return EncodedPhoto(picture.reshape(GRID * GRID, WIDTH), frame)

    def candidates(
        self, encoded: EncodedPhoto, prompts: PixelPrompts, previous: Single | None = None
    ) -> tuple[Selection, ...]:
        """What prompts may mean in an encoded photo, best first, and at least one.

        One click alone is ambiguous, and has three readings (the thing, its part, the part's part). More prompts have
        one, which stands first; the others follow where they differ. What holds only a part of a stroke is trusted
        the less.

        previous: the logits of an earlier answer that these prompts correct. Raises SelectionError where the prompts
        make no sense, or nothing is found.
        """
        frame = encoded.frame
        prompts = prompts.checked(frame.height, frame.width)
        inside, outside = _points(prompts)
        box = None if prompts.box is None else frame.place((prompts.box[:2], prompts.box[2:]))
        positive = np.arange(len(inside) + len(outside)) < len(inside)
        placed = PlacedPrompts(frame.place((*inside, *outside)), positive, box)
        ambiguous = len(inside) == 1 and not outside and box is None and previous is None
        painted = frame.cell(_places(prompts.stroke)) if prompts.stroke is not None else None
        readings = self._read(encoded, placed, previous)
        if painted is not None:
            readings = tuple(replace(each, quality=each.quality * each.share(*painted)) for each in readings)
        whole, *rest = readings
        rest.sort(key=lambda reading: -reading.quality)
        readings = tuple(rest) if ambiguous else (whole, *rest)
        shown = frame.cell(inside), frame.cell(outside)
        found = [_selection(reading, frame, shown, prompts.box) for reading in distinct(readings, ALIKE)]
        found = [selection for selection in found if selection.mask.any()]
        if not found:
            raise SelectionError("Nothing stands out there: draw closer around the subject, or paint the mask.")
        return tuple(found)

    def everything(self, encoded: EncodedPhoto, report: Report = _silent) -> tuple[Selection, ...]:
        """All objects of an encoded photo, largest first, none twice; takes some tens of seconds.

        report is told the share that is done, and may raise to stop.
        """
        frame = encoded.frame

        def click(x: float, y: float) -> tuple[Reading, ...]:
            place = np.array([[x / LOGITS, y / LOGITS]], np.float32)
            return self._read(encoded, PlacedPrompts(place, np.ones(1, bool)), which=slice(1, None), least=GOOD)

        found = find_everything(click, frame.cells, report)
        number = int(min(MOST, max(MOST_PIXELS // (frame.height * frame.width), 1)))
        best = sorted(found, key=lambda reading: -reading.quality)[:number]
        nowhere = frame.cell(()), frame.cell(())
        return tuple(_selection(reading, frame, nowhere) for reading in found if reading in best)

    def _read(
        self,
        encoded: EncodedPhoto,
        prompts: PlacedPrompts,
        previous: Single | None = None,
        which: slice = slice(None),
        least: float = -np.inf,
    ) -> tuple[Reading, ...]:
        """The four readings of prompts, or some of them; none where no quality is `least` or more."""
        cells = encoded.cells + self._prompt_encoder.mask(previous)
        decoded = self._decoder.decode(cells, self._prompt_encoder.tokens(prompts))
        quality = decoded.quality[which].tolist()
        if max(quality) < least:
            return ()
        pairs = zip(self._decoder.logits(decoded, which), quality, strict=True)
        return tuple(read(each, encoded.frame.cells, quality) for each, quality in pairs)


def read_model(path: Path) -> SegmentAnything:
    """Read MobileSAM from its authors' file, mobile_sam.pt. Raises ModelError where that cannot be used."""
    return SegmentAnything(read_tensors(path, shapes()))


def _points(prompts: PixelPrompts) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """All points of the object, and all that are not on it, those that stand for strokes included."""
    inside, outside = prompts.positive, prompts.negative
    if prompts.stroke is not None:
        stroke = prompts.stroke
        if prompts.negative_stroke is not None:
            stroke = stroke & ~prompts.negative_stroke
        if prompts.box is not None:
            stroke = stroke & _within(prompts.box, stroke.shape)
        inside += stroke_points(stroke)
    if prompts.negative_stroke is not None:
        outside += stroke_points(prompts.negative_stroke, NEGATIVE)
    return inside, outside


def _places(stroke: Mask) -> Floats:
    """Some of a stroke's places (N, 2), x and y in pixels."""
    step = max(1, max(stroke.shape) // (2 * LOGITS))
    rows, columns = np.nonzero(stroke[::step, ::step])
    return np.asarray(np.stack([columns, rows], 1) * step + 0.5, np.float64)


def _selection(
    reading: Reading, frame: Frame, shown: Sequence[tuple[np.ndarray, np.ndarray]], box: Box | None = None
) -> Selection:
    mask = frame.mask(tidy(reading, *shown))
    if box is not None:
        slack = BEYOND * max(box[2] - box[0], box[3] - box[1])
        mask &= _within((box[0] - slack, box[1] - slack, box[2] + slack, box[3] + slack), mask.shape)
    return Selection(mask, min(max(reading.quality, 0.0), 1.0), reading.logits)


def _within(box: Box, size: tuple[int, ...]) -> Mask:
    """The pixels of a photo of a size (height, width) that a box touches."""
    columns, rows = np.arange(size[1]), np.arange(size[0])[:, None]
    return np.asarray((columns + 1 > box[0]) & (columns < box[2]) & (rows + 1 > box[1]) & (rows < box[3]))
