# SPDX-License-Identifier: GPL-3.0-or-later
"""Photos of one known object before busy backgrounds, and the hints that an artist would give for it.

Every picture follows from its seed. Objects are RGBA pictures whose alpha is the exact mask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from sam3d.engine.arrays import Floats, Mask, Pixels
from sam3d.engine.graph import components
from sam3d.engine.raster import box_mean

Box = tuple[float, float, float, float]
Point = tuple[float, float]

PROPS = Path(__file__).resolve().parents[3] / "shared" / "data" / "props"
NOISE = 2.5  # of the sensor, gray levels


@dataclass(frozen=True)
class Scene:
    """A photo (H, W, 3) sRGB and the exact mask (H, W) of its subject."""

    photo: Pixels
    mask: Mask


# --- Subjects -----------------------------------------------------------------------------------------------


def props() -> dict[str, Pixels]:
    """The rendered objects (h, w, 4) by name, cut to their alpha; none where ../shared is absent."""
    found = {}
    for path in sorted(PROPS.glob("*/image.png")):
        with Image.open(path) as file:
            picture = file.convert("RGBA")
            found[path.parent.name] = np.asarray(picture.crop(picture.getchannel("A").getbbox()))
    return found


def toy(seed: int, size: int = 320) -> Pixels:
    """A made-up object (size, size, 4): a body with limbs and a patch, in a few flat, shaded colors."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGBA", (size, size))
    draw = ImageDraw.Draw(picture)
    body, limb, patch = (tuple(int(v) for v in rng.integers(20, 235, 3)) for _ in range(3))
    for turn in rng.uniform(0, 2 * np.pi, rng.integers(2, 5)):
        end = 0.5 + 0.47 * np.array([np.cos(turn), np.sin(turn)])
        draw.line([(size / 2, size / 2), tuple(size * end)], limb, int(size * rng.uniform(0.07, 0.14)))
    wide, high = size * rng.uniform(0.22, 0.36, 2)
    around = (size / 2 - wide, size / 2 - high, size / 2 + wide, size / 2 + high)
    (draw.ellipse if rng.random() < 0.5 else draw.rectangle)(around, body)
    x, y = size * rng.uniform(0.42, 0.58, 2)
    draw.ellipse((x - size * 0.07, y - size * 0.1, x + size * 0.07, y + size * 0.1), patch)
    pixels = np.array(picture)
    light = np.linspace(1.1, 0.75, size)[:, None] * np.linspace(0.9, 1.05, size)
    pixels[..., :3] = np.clip(pixels[..., :3] * light[..., None], 0, 255)
    box = picture.getchannel("A").getbbox()
    assert box is not None
    left, top, right, bottom = box
    return pixels[top:bottom, left:right]


# --- Backgrounds --------------------------------------------------------------------------------------------


def _clouds(rng: np.random.Generator, height: int, width: int, cells: float, octaves: int = 4) -> Floats:
    """Noise (H, W) about -1..1 whose coarsest waves are 1/cells of the picture's longest edge."""
    total = np.zeros((height, width))
    longest = max(height, width)
    for octave in range(octaves):
        count = cells * 2.0**octave
        grid = rng.normal(0, 0.5, (max(2, round(height / longest * count)), max(2, round(width / longest * count))))
        picture = Image.fromarray(grid.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(picture, np.float64) / 1.6**octave
    return total


def _palette(rng: np.random.Generator, count: int) -> Floats:
    return rng.uniform(15, 240, (count, 3))


def _between(a: Floats, b: Floats, share: Floats) -> Floats:
    return np.asarray(a + (b - a) * np.clip(share, 0, 1)[..., None])


def _noise(rng: np.random.Generator, height: int, width: int) -> Floats:
    a, b, c = _palette(rng, 3)
    cells = rng.uniform(4, 30)
    mixed = _between(a, b, 0.5 + _clouds(rng, height, width, cells))
    return _between(mixed, np.broadcast_to(c, mixed.shape), 2 * _clouds(rng, height, width, cells / 2) - 0.4)


def _wood(rng: np.random.Generator, height: int, width: int) -> Floats:
    dark, light = np.array([92.0, 58, 34]) * rng.uniform(0.6, 1.4), np.array([205.0, 160, 112]) * rng.uniform(0.7, 1.15)
    y = np.mgrid[0:height, 0:width][0] / max(height, width)
    planks = rng.integers(3, 9)
    plank = np.floor(y * planks)
    warp = 0.02 * _clouds(rng, height, width, 3, 2)
    grain = 0.5 + 0.3 * np.sin(2 * np.pi * rng.uniform(25, 60) * (y + warp) + plank * 2.1)
    streaks = Image.fromarray(rng.normal(0, 1, (height, max(width // 40, 2))).astype(np.float32))
    grain += 0.18 * np.asarray(streaks.resize((width, height), Image.Resampling.BICUBIC), np.float64)
    grain += 0.1 * np.sin(plank * 12.9)
    grain[np.mod(y * planks, 1) < 0.02] = 0
    return _between(dark, light, grain)


def _fabric(rng: np.random.Generator, height: int, width: int) -> Floats:
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    a, b, c = _palette(rng, 3)
    checks = rng.uniform(4, 14)
    across, down = np.mod(x * checks, 1) < rng.uniform(0.2, 0.6), np.mod(y * checks, 1) < rng.uniform(0.2, 0.6)
    cloth = _between(a, b, 0.5 * across + 0.5 * down)
    cloth[across & (np.mod(x * checks * 3, 1) < 0.15)] = c
    threads = 90 * rng.uniform(0.6, 1.5)
    weave = np.sin(2 * np.pi * threads * x) * np.sin(2 * np.pi * threads * y)
    folds = 1 + 0.25 * _clouds(rng, height, width, 3, 2)
    return np.asarray(cloth * (folds * (1 + 0.15 * weave))[..., None])


def _bricks(rng: np.random.Generator, height: int, width: int) -> Floats:
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    rows = rng.uniform(8, 24)
    row = np.floor(y * rows)
    along = x * rows / 2.2 + 0.5 * np.mod(row, 2)
    number = (row * 131 + np.floor(along)).astype(int)
    base, mortar = _palette(rng, 2)
    tint = rng.normal(0, 22, (number.max() + 1, 1)) + rng.normal(0, 8, (number.max() + 1, 3))
    wall = base + tint[number]
    wall[(np.mod(y * rows, 1) < 0.12) | (np.mod(along, 1) < 0.06)] = mortar
    return np.asarray(wall * (1 + 0.2 * _clouds(rng, height, width, 12))[..., None])


def _leaves(rng: np.random.Generator, height: int, width: int) -> Floats:
    picture = Image.new("RGB", (width, height), (30, 45, 20))
    draw = ImageDraw.Draw(picture)
    autumn = rng.random() < 0.4
    base = np.array([190.0, 110, 40]) if autumn else np.array([80.0, 135, 50])
    longest = max(height, width)
    along, aside = np.linspace(-1, 1, 9), np.concatenate([1 - np.linspace(-1, 1, 9) ** 2, [0] * 0])
    for _ in range(700):
        length, turn = longest * rng.uniform(0.02, 0.06), rng.uniform(0, 2 * np.pi)
        shape = np.concatenate([np.stack([along, 0.4 * aside], 1), np.stack([along, -0.4 * aside], 1)[::-1]])
        turned = shape @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        outline = turned * length + rng.uniform(0, 1, 2) * (width, height)
        color = tuple(int(v) for v in np.clip(base * rng.uniform(0.4, 1.5) + rng.normal(0, 15, 3), 0, 255))
        draw.polygon([(float(x), float(y)) for x, y in outline], color)
        draw.line([tuple(outline[0]), tuple(outline[8])], tuple(v * 3 // 4 for v in color))
    return np.asarray(picture, np.float64)


def _clutter(rng: np.random.Generator, height: int, width: int) -> Floats:
    picture = Image.fromarray(np.clip(_noise(rng, height, width), 0, 255).astype(np.uint8))
    longest = max(height, width)
    for _ in range(rng.integers(25, 70)):
        size = longest * rng.uniform(0.02, 0.14)
        x, y = rng.uniform(0, 1, 2) * (width, height)
        stencil = Image.new("L", (width, height))
        draw = ImageDraw.Draw(stencil)
        kind = rng.integers(3)
        if kind == 0:
            draw.ellipse((x - size, y - size * 0.6, x + size, y + size * 0.6), 255)
        elif kind == 1:
            draw.polygon([(x + dx, y + dy) for dx, dy in size * rng.uniform(-1, 1, (5, 2))], 255)
        else:
            turn = rng.uniform(0, np.pi)
            corners = size * np.array([[-1, -0.4], [1, -0.4], [1, 0.4], [-1, 0.4]])
            turned = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
            draw.polygon([(x + dx, y + dy) for dx, dy in turned], 255)
        picture.paste(tuple(int(v) for v in rng.integers(10, 245, 3)), None, stencil)
    shade = 1 + 0.2 * _clouds(rng, height, width, 6)
    return np.asarray(np.asarray(picture, np.float64) * shade[..., None])


def _gradient(rng: np.random.Generator, height: int, width: int) -> Floats:
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    a, b = _palette(rng, 2)
    turn = rng.uniform(0, 2 * np.pi)
    slope = 0.5 + (x - 0.5) * np.cos(turn) + (y - 0.5) * np.sin(turn)
    return np.asarray(_between(a, b, slope) * (1 + 0.15 * _clouds(rng, height, width, 40, 2))[..., None])


BACKGROUNDS: dict[str, Callable[[np.random.Generator, int, int], Floats]] = {
    "noise": _noise,
    "wood": _wood,
    "fabric": _fabric,
    "bricks": _bricks,
    "leaves": _leaves,
    "clutter": _clutter,
    "gradient": _gradient,
}


# --- Scenes -------------------------------------------------------------------------------------------------


def scene(
    subject: Pixels,
    background: str,
    seed: int,
    *,
    size: tuple[int, int] = (900, 600),
    others: Sequence[Pixels] = (),
    share: tuple[float, float] = (0.25, 0.8),
) -> Scene:
    """A photo of `size` (width, height) of a subject (h, w, 4) before a background of BACKGROUNDS.

    others: further objects that lie about, partly behind the subject. share: least and greatest part of the photo's
    height or width that the subject takes.
    """
    rng = np.random.default_rng(seed)
    width, height = size
    picture = BACKGROUNDS[background](rng, height, width)
    for other in others:
        picture, _ = _placed(picture, other, rng, (0.2, 0.5), hidden=True)
    picture, mask = _placed(picture, subject, rng, share)
    soft = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))
    grain = np.asarray(soft, np.float32) + rng.normal(0, NOISE, (height, width, 3)).astype(np.float32)
    return Scene(np.clip(grain, 0, 255).astype(np.uint8), mask)


def _placed(
    picture: Floats, subject: Pixels, rng: np.random.Generator, share: tuple[float, float], *, hidden: bool = False
) -> tuple[Floats, Mask]:
    """The picture with an object in it, lit at random, over a soft shadow; and the object's mask."""
    height, width = picture.shape[:2]
    high, wide = subject.shape[:2]
    scale = rng.uniform(*share) * min(height / high, width / wide)
    goal = max(2, round(wide * scale)), max(2, round(high * scale))
    cut = Image.fromarray(subject).resize(goal, Image.Resampling.LANCZOS)
    if rng.random() < 0.5:
        cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    overhang = 0.3 if hidden else 0.0
    left = round(rng.uniform(-overhang * goal[0], width - (1 - overhang) * goal[0]))
    top = round(rng.uniform(-overhang * goal[1], height - (1 - overhang) * goal[1]))
    layer = Image.new("RGBA", (width, height))
    layer.paste(cut, (left, top))
    pixels = np.asarray(layer, np.float64)
    cover = pixels[..., 3:] / 255
    shadow = Image.new("L", (width, height))
    ImageDraw.Draw(shadow).ellipse(
        (left, top + 0.82 * goal[1], left + goal[0], top + 1.08 * goal[1]), int(rng.uniform(0, 130))
    )
    shade = 1 - np.asarray(shadow.filter(ImageFilter.GaussianBlur(0.03 * goal[1])), np.float64)[..., None] / 255
    colors = pixels[..., :3] * rng.uniform(0.8, 1.15)
    return picture * shade * (1 - cover) + colors * cover, pixels[..., 3] > 127


# --- Hints --------------------------------------------------------------------------------------------------


def box_around(mask: Mask, seed: int, slack: tuple[float, float] = (0.03, 0.08)) -> Box:
    """The box that an artist would draw: each side off by a part of the subject's size, kept in the photo."""
    rng = np.random.default_rng(seed)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    off = rng.uniform(*slack, 4) * np.array([right - left, bottom - top] * 2)
    height, width = mask.shape
    return (
        float(max(left - off[0], 0)),
        float(max(top - off[1], 0)),
        float(min(right + off[2], width)),
        float(min(bottom + off[3], height)),
    )


def depth(mask: Mask) -> NDArray[np.int64]:
    """How often a mask (H, W) can be eaten into by two pixels before each of its pixels is gone."""
    left = mask
    count = np.zeros(mask.shape, np.int64)
    while left.any():
        count += left
        left = np.asarray(box_mean(left.astype(np.float32), 2) > 0.999)
    return count


def click(mask: Mask, seed: int) -> Point:
    """A click (x, y) near the middle of the thickest part of a mask."""
    rng = np.random.default_rng(seed)
    inner = depth(mask)
    rows, columns = np.nonzero(inner > 0.7 * inner.max())
    pick = int(rng.integers(len(rows)))
    return float(columns[pick]) + 0.5, float(rows[pick]) + 0.5


def correction(mask: Mask, found: Mask, seed: int) -> tuple[Point, bool]:
    """A click in the middle of the largest wrong part of what was found, and whether it is the subject's."""
    wrong = mask ^ found
    labels, number = components(wrong)
    number[0] = 0
    point = click(labels == number.argmax(), seed)
    return point, bool(mask[int(point[1]), int(point[0])])


def stroke(mask: Mask, seed: int) -> Mask:
    """A rough brush stroke (H, W) along the subject, with a shaky hand that crosses its border slightly."""
    rng = np.random.default_rng(seed)
    rows, columns = np.nonzero(mask)
    points = np.stack([columns, rows], 1).astype(np.float64)
    axis = np.linalg.svd((points - points.mean(0))[:: max(1, len(points) // 2000)], full_matrices=False)[2][0]
    along = (points - points.mean(0)) @ axis
    path = []
    lows, highs = np.quantile(along, np.linspace(0.03, 0.8, 6)), np.quantile(along, np.linspace(0.2, 0.97, 6))
    for low, high in zip(lows, highs, strict=True):
        middle = points[(along >= low) & (along <= high)].mean(0)
        path.append(tuple(middle + rng.normal(0, 0.03 * np.sqrt(len(points)), 2)))
    picture = Image.new("L", (mask.shape[1], mask.shape[0]))
    brush = max(3, int(0.12 * np.sqrt(len(points))))
    ImageDraw.Draw(picture).line(path, 255, brush, joint="curve")
    return np.asarray(picture) > 127


def overlap(a: Mask, b: Mask) -> float:
    """Intersection over union."""
    return float((a & b).sum() / max((a | b).sum(), 1))
