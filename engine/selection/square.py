# SPDX-License-Identifier: GPL-3.0-or-later
"""A square window in which the network looks at the photo and at the prompts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Ints, Pixels, Single
from .network import CHANNELS, SIZE, network
from .pixel_prompts import Box, PixelPrompts, Point
from .window import Window

TAPS = 4  # samples along each side of a cell at most
MIDDLE, SPAN = 0.45, 4.0  # what of the values 0..1 of a photo is zero to the network, and how far they are stretched
FADE = 4.0  # cells over which a point's channel falls to 1/e
STROKE = 60  # places of a stroke that stand for it


@dataclass(frozen=True)
class Square:
    """left, top and side in pixels of the photo, beyond which it may reach."""

    left: float
    top: float
    side: float

    @staticmethod
    def around(box: Box, side: float) -> Square:
        """The square of that side in whose middle a box lies."""
        return Square((box[0] + box[2] - side) / 2, (box[1] + box[3] - side) / 2, side)

    def look(self, photo: Pixels, prompts: PixelPrompts) -> tuple[Single, float]:
        """The logits (SIZE, SIZE) of what prompts mean here, and the overlap with it that is expected, 0..1."""
        logits, score = network()(self.sight(photo, prompts))
        return logits, float(1 / (1 + np.exp(-score)))

    def sight(self, photo: Pixels, prompts: PixelPrompts) -> Single:
        """What the network sees (SIZE, SIZE, CHANNELS): colors, where the photo lies, the box, how near the points of
        the subject and those beside it are.
        """
        seen = np.zeros((SIZE, SIZE, CHANNELS), np.float32)
        seen[..., :3], seen[..., 3] = self.picture(photo)
        seen[..., :3] = (seen[..., :3] / 255 - MIDDLE * seen[..., 3:4]) * SPAN
        if prompts.box is not None:
            left, top, right, bottom = prompts.box
            x, y = self._centers()
            seen[..., 4] = ((y > top) & (y < bottom))[:, None] & ((x > left) & (x < right))
        seen[..., 5] = self._nearness([*prompts.positive, *places_of_stroke(prompts)])
        seen[..., 6] = self._nearness(list(prompts.negative))
        return seen

    def at(self, logits: Single, window: Window) -> Single:
        """Logits (SIZE, SIZE) at the cells (height, width) of a window, by linear interpolation."""
        x, y = window.centers()
        row, next_row, down = self._between(y.ravel() - self.top)
        column, next_column, across = self._between(x.ravel() - self.left)
        tall = logits[row] * (1 - down[:, None]) + logits[next_row] * down[:, None]
        return np.asarray(tall[:, column] * (1 - across) + tall[:, next_column] * across, np.float32)

    def _between(self, place: Single) -> tuple[Ints, Ints, Single]:
        cell = np.clip(place / self.side * SIZE - 0.5, 0, SIZE - 1)
        first = np.minimum(cell.astype(np.int64), SIZE - 2)
        return first, first + 1, (cell - first).astype(np.float32)

    def _centers(self) -> tuple[Single, Single]:
        cells = (np.arange(SIZE, dtype=np.float32) + 0.5) * (self.side / SIZE)
        return self.left + cells, self.top + cells

    def picture(self, photo: Pixels) -> tuple[Single, Single]:
        """The means (SIZE, SIZE, 3) of the photo in the cells, 0 beyond its border, and the part (SIZE, SIZE)
        of each cell that it covers.
        """
        taps = min(TAPS, max(1, round(self.side / SIZE)))
        steps = (np.arange(SIZE * taps) + 0.5) * (self.side / (SIZE * taps))
        rows, columns = np.floor(self.top + steps).astype(np.int64), np.floor(self.left + steps).astype(np.int64)
        down, across = (rows >= 0) & (rows < photo.shape[0]), (columns >= 0) & (columns < photo.shape[1])
        seen = photo[np.ix_(np.clip(rows, 0, photo.shape[0] - 1), np.clip(columns, 0, photo.shape[1] - 1))]
        known = (down[:, None] & across).astype(np.float32)
        values = seen * known[..., None]
        parts = (SIZE, taps, SIZE, taps)
        return values.reshape(*parts, 3).mean((1, 3)), known.reshape(parts).mean((1, 3))

    def _nearness(self, places: list[Point]) -> Single:
        """How near each cell (SIZE, SIZE) is to one of some places, 1 there and 0 far off."""
        if not places:
            return np.zeros((SIZE, SIZE), np.float32)
        x, y = self._centers()
        point = np.array(places, np.float32)
        across, down = (x[:, None] - point[:, 0]) ** 2, (y[:, None] - point[:, 1]) ** 2
        distance = np.sqrt((down[:, None] + across).min(2)) * (SIZE / self.side)
        return np.asarray(np.exp(-distance / FADE), np.float32)


def places_of_stroke(prompts: PixelPrompts) -> list[Point]:
    """Some places (x, y) of the stroke over the subject."""
    if prompts.stroke is None:
        return []
    rows, columns = np.nonzero(prompts.stroke)
    some = np.linspace(0, len(rows) - 1, min(STROKE, len(rows))).astype(np.int64)
    return [(float(x) + 0.5, float(y) + 0.5) for x, y in zip(columns[some], rows[some], strict=True)]
