# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network of smart selection learns from: windows of photos, prompts in them, and the masks that are meant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import busy
import numpy as np
from PIL import Image

from sam3d.engine.arrays import Floats, Mask, Pixels, Single
from sam3d.engine.selection import PixelPrompts
from sam3d.engine.selection.network import SIZE
from sam3d.engine.selection.square import Square

PASTED, MADE = 0.2, 0.2  # of the samples: photographed objects before other photos, and made-up photos
KEPT = 300  # pasted photos that are used again
POOL = 8000  # samples that are shown again, mirrored and in other colors
KINDS = ("box", "click", "stroke", "nothing", "box and clicks")
SHARES = (0.36, 0.34, 0.08, 0.14, 0.08)


@dataclass(frozen=True)
class Example:
    """An object in a photo. main: whether it is what the photo shows first of all. places: some (x, y) of its pixels;
    deep: such of its thick parts.
    """

    photo: Pixels
    mask: Mask
    main: bool
    places: Floats
    deep: Floats

    @staticmethod
    def of(photo: Pixels, mask: Mask, *, main: bool, rng: np.random.Generator) -> Example:
        """The object of a mask (H, W) that is not empty."""
        inner = busy.depth(mask)
        drawn: list[Floats] = []
        for part in (mask, inner > 0.6 * inner.max()):
            rows, columns = np.nonzero(part)
            pick = rng.integers(0, len(rows), 200)
            drawn.append(np.stack([columns[pick], rows[pick]], 1).astype(np.float64) + 0.5)
        return Example(photo, mask, main, drawn[0], drawn[1])

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Around the mask."""
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@dataclass(frozen=True)
class Sample:
    """seen (SIZE, SIZE, CHANNELS) by the network, the mask (SIZE, SIZE) meant there, and how much of the object lies in
    the window.
    """

    seen: Single
    mask: Single
    inside: float

    def again(self, rng: np.random.Generator) -> Sample:
        """The same, perhaps mirrored, in other colors."""
        way = slice(None, None, int(rng.choice([-1, 1])))
        seen = self.seen[:, way].copy()
        seen[..., :3] = seen[..., :3] * rng.uniform(0.8, 1.2, 3) + rng.uniform(-0.3, 0.3, 3) * seen[..., 3:4]
        return Sample(seen, self.mask[:, way], self.inside)


def photographed(folder: Path, rng: np.random.Generator) -> list[Example]:
    """The objects of a folder that tools/training_photos.py has made."""
    found = []
    for path in sorted(folder.glob("*/photo.png")):
        photo = np.asarray(Image.open(path).convert("RGB"))
        masks = [np.asarray(Image.open(mask)) > 127 for mask in sorted(path.parent.glob("mask-*.png"))]
        areas = sorted((float(mask.mean()) for mask in masks), reverse=True)
        for mask in masks:
            area = float(mask.mean())
            main = area > 0.12 if len(areas) == 1 else area == areas[0] > max(0.05, 1.7 * areas[1])
            found.append(Example.of(photo, mask, main=main, rng=rng))
    return found


def made_up(count: int, rng: np.random.Generator) -> list[Example]:
    """Objects before the backgrounds of tests/selection/busy.py, by seeds that no test nor benchmark uses."""
    props = list(busy.props().values())
    backgrounds = list(busy.BACKGROUNDS)
    found = []
    for number in range(count):
        subject = props[int(rng.integers(len(props)))] if props and number % 3 else busy.toy(1000 + number)
        others = [props[k] for k in rng.integers(0, len(props), rng.integers(0, 3))] if props else []
        background, share = backgrounds[number % len(backgrounds)], (0.2, 0.85)
        scene = busy.scene(subject, background, 5000 + number, size=(480, 320), others=others, share=share)
        found.append(Example.of(scene.photo, scene.mask, main=float(scene.mask.mean()) > 0.05, rng=rng))
    return found


class Samples:
    """Draws samples without end."""

    def __init__(self, photos: Sequence[Example], made: Sequence[Example], seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._photos, self._made = photos, made
        self._main = [one for one in photos if one.main]
        weight = np.array([min(1.0, math.sqrt(float(one.mask.mean()) / 0.02)) for one in photos])
        self._weight = weight / weight.sum()
        self._pasted: list[Example] = []
        self._pool: list[Sample] = []

    def batch(self, count: int) -> list[Sample]:
        """Half of them new."""
        fresh = [self._sample() for _ in range(count // 2)]
        self._pool = [*self._pool, *fresh][-POOL:]
        picks = self._rng.integers(0, len(self._pool), count - len(fresh))
        return [*fresh, *(self._pool[int(pick)].again(self._rng) for pick in picks)]

    def _example(self) -> Example:
        draw = self._rng.random()
        if draw < PASTED:
            if len(self._pasted) < KEPT // 8 or self._rng.random() < 0.2:
                self._pasted = [*self._pasted, self._paste()][-KEPT:]
            return self._pasted[int(self._rng.integers(len(self._pasted)))]
        if draw < PASTED + MADE:
            return self._made[int(self._rng.integers(len(self._made)))]
        return self._photo()

    def _photo(self) -> Example:
        return self._photos[int(self._rng.choice(len(self._photos), p=self._weight))]

    def _paste(self) -> Example:
        """A photographed object at another size before another photo, perhaps cut off by its border."""
        rng = self._rng
        one, other = self._photo(), self._photos[int(rng.integers(len(self._photos)))]
        left, top, right, bottom = one.box
        piece = np.dstack([one.photo, one.mask.astype(np.uint8) * 255])[top:bottom, left:right]
        if rng.random() < 0.5:
            piece = piece[:, ::-1]
        height, width = other.mask.shape
        scale = min(rng.uniform(0.2, 0.8) * min(height / (bottom - top), width / (right - left)), 2.0)
        size = max(8, round((right - left) * scale)), max(8, round((bottom - top) * scale))
        place = (
            round(rng.uniform(-0.15 * size[0], width - 0.85 * size[0])),
            round(rng.uniform(-0.15 * size[1], height - 0.85 * size[1])),
        )
        layer = Image.new("RGBA", (width, height))
        layer.paste(Image.fromarray(np.ascontiguousarray(piece)).resize(size, Image.Resampling.BILINEAR), place)
        pixels = np.asarray(layer, np.float32)
        cover = pixels[..., 3:] / 255
        photo = other.photo * (1 - cover) + np.clip(pixels[..., :3] * rng.uniform(0.8, 1.2, 3), 0, 255) * cover
        mask = pixels[..., 3] > 127
        if mask.sum() < 200:
            return self._paste()
        return Example.of(photo.astype(np.uint8), mask, main=float(mask.mean()) > 0.06, rng=rng)

    def _sample(self) -> Sample:
        rng = self._rng
        kind = KINDS[rng.choice(len(KINDS), p=SHARES)]
        example = self._example()
        if kind == "nothing" and not example.main:
            example = self._main[int(rng.integers(len(self._main)))]
        prompts, square = self._prompts(kind, example)
        seen = square.sight(example.photo, prompts)
        shown, _ = square.picture(np.repeat(example.mask[..., None].astype(np.uint8) * 255, 3, 2))
        mask = np.asarray(shown[..., 0], np.float32)
        colors = (seen[..., :3] * rng.uniform(0.7, 1.3) + rng.uniform(-0.5, 0.5)) * rng.uniform(0.85, 1.15, 3)
        gray = colors.mean(2, keepdims=True)
        colors = gray + (colors - gray) * rng.uniform(0.3, 1.3)
        seen[..., :3] = (colors + rng.normal(0, rng.uniform(0, 0.12), colors.shape)) * seen[..., 3:4]
        inside = float(mask.sum()) * (square.side / SIZE) ** 2 / float(example.mask.sum())
        return Sample(seen, mask, min(inside, 1.0)).again(rng)

    def _prompts(self, kind: str, example: Example) -> tuple[PixelPrompts, Square]:
        rng = self._rng
        height, width = example.mask.shape
        left, top, right, bottom = example.box
        if kind == "nothing":
            return PixelPrompts(), Square.around((0, 0, width, height), max(width, height))
        if kind.startswith("box"):
            off = rng.uniform(-0.01, 0.09, 4) * np.array([right - left, bottom - top] * 2)
            box = max(left - off[0], 0), max(top - off[1], 0), min(right + off[2], width), min(bottom + off[3], height)
            prompts = PixelPrompts(box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])))
            side = 1.5 * max(box[2] - box[0], box[3] - box[1]) * rng.uniform(0.92, 1.1)
            square = Square.around((float(box[0]), float(box[1]), float(box[2]), float(box[3])), float(side))
            return (self._corrected(prompts, example) if kind == "box and clicks" else prompts), square
        if kind == "click":
            points = (example.deep if rng.random() < 0.75 else example.places)[rng.integers(200)][None]
        else:
            ends = example.places[rng.integers(200, size=2)]
            points = ends[0] + np.linspace(0, 1, 12)[:, None] * (ends[1] - ends[0])
        low, high = points.min(0), points.max(0)
        middle = (low + high) / 2
        extent = 2 * max(right - middle[0], middle[0] - left, bottom - middle[1], middle[1] - top)
        side = float(np.clip(extent / np.exp(rng.uniform(np.log(0.18), np.log(1.5))), 32, 2.2 * max(width, height)))
        side = max(side, 1.3 * float((high - low).max()))
        prompts = PixelPrompts(positive=tuple((float(x), float(y)) for x, y in points))
        square = Square(float(middle[0]) - side / 2, float(middle[1]) - side / 2, side)
        return (self._corrected(prompts, example) if rng.random() < 0.4 else prompts), square

    def _corrected(self, prompts: PixelPrompts, example: Example) -> PixelPrompts:
        """One or two more clicks, on the object or beside it."""
        rng = self._rng
        left, top, right, bottom = example.box
        wide, high = right - left, bottom - top
        positive, negative = list(prompts.positive), list(prompts.negative)
        for _ in range(rng.integers(1, 3)):
            x, y = example.places[rng.integers(200)]
            if rng.random() < 0.5:
                x = float(np.clip(rng.uniform(left - 0.3 * wide, right + 0.3 * wide), 0, example.mask.shape[1] - 1))
                y = float(np.clip(rng.uniform(top - 0.3 * high, bottom + 0.3 * high), 0, example.mask.shape[0] - 1))
            (positive if example.mask[int(y), int(x)] else negative).append((float(x), float(y)))
        return PixelPrompts(box=prompts.box, positive=tuple(positive), negative=tuple(negative))
