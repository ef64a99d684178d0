# SPDX-License-Identifier: GPL-3.0-or-later
"""A small picture of a GLB's model: from the front, a little from the side and from above, softly lit.

Not for measuring: what a few pixels cannot show, such as transparency, gloss and bumps, is left out.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .arrays import Floats, Ints, Single
from .gltf.painted import PaintedPart, read_painted
from .raster import box_mean, scan

SIZE, FINER = 256, 2
"""Pixels along an edge, and how many are drawn for each along it."""
MARGIN = 0.03
"""Of the picture's edge, free at each side."""
TURN, LIFT = np.radians(28.0), np.radians(16.0)
"""From where it is seen: so far to the side, and from above."""
DISTANCE = 5.0
"""Of the eye, in radii of the model."""
AT_ONCE = 60_000
"""Triangles that are drawn in one go: other threads wait for no more."""
KEY, FILL, SKY = (np.array(way) / np.linalg.norm(way) for way in ((-0.55, 0.65, 0.75), (0.8, 0.1, 0.45), (0, 1, 0)))
"""Where light comes from, x right, y up, z to the eye."""


@dataclass(frozen=True)
class View:
    """Where points lie in the picture."""

    turn: Floats
    middle: Floats
    radius: float

    def placed(self, points: Floats) -> Single:
        """x right, y up, z to the eye, in radii of the model, nearer ones larger."""
        seen = ((points - self.middle) @ self.turn.T) / self.radius
        seen[:, :2] *= (DISTANCE / (DISTANCE - seen[:, 2]))[:, None]
        return seen.astype(np.float32)


class Canvas:
    """A square picture: what is seen at each pixel (n, 4), and how near that is (n,)."""

    def __init__(self, edge: int) -> None:
        """Empty; `edge` is in pixels."""
        self.edge = edge
        self.pixels = np.zeros((edge * edge, 4), np.float32)
        self.depth = np.full(edge * edge, -np.inf, np.float32)


def thumbnail_png(path: Path) -> bytes:
    """The picture as a PNG of SIZE by SIZE pixels with a transparent background; raises Unreadable and OSError."""
    parts = read_painted(path)
    edge = SIZE * FINER
    view = _view(parts)
    placed = [view.placed(part.points) for part in parts]
    scale, offset = _frame(placed, edge)
    canvas = Canvas(edge)
    for part, points in zip(parts, placed, strict=True):
        points[:, :2] = points[:, :2] * (scale, -scale) + offset
        _draw(canvas, part, points, (part.normals @ view.turn.T).astype(np.float32))
    _darken_crevices(canvas)
    return _packed(canvas.pixels.reshape(edge, edge, 4))


def _view(parts: list[PaintedPart]) -> View:
    side, up = np.cos(TURN), np.cos(LIFT)
    around = np.array([[side, 0, -np.sin(TURN)], [0, 1, 0], [np.sin(TURN), 0, side]])
    over = np.array([[1, 0, 0], [0, up, -np.sin(LIFT)], [0, np.sin(LIFT), up]])
    low = np.min([part.points.min(0) for part in parts], 0)
    high = np.max([part.points.max(0) for part in parts], 0)
    return View(over @ around, (low + high) / 2, max(float(np.linalg.norm(high - low)) / 2, 1e-9))


def _frame(placed: list[Single], edge: int) -> tuple[float, Floats]:
    """How many pixels a radius is, and where the middle of the picture lies, so that the model fills it."""
    low = np.min([points[:, :2].min(0) for points in placed], 0)
    high = np.max([points[:, :2].max(0) for points in placed], 0)
    scale = edge * (1 - 2 * MARGIN) / max(float((high - low).max()), 1e-6)
    middle = (low + high) / 2 * (scale, -scale)
    return scale, edge / 2 - middle


def _draw(canvas: Canvas, part: PaintedPart, points: Single, normals: Single) -> None:
    """Draw what is nearer than what is there. `points` are pixels and nearness, `normals` as they are seen."""
    edge, depth = canvas.edge, canvas.depth
    for start in range(0, len(part.faces), AT_ONCE):
        faces = part.faces[start : start + AT_ONCE]
        corners = points[faces]
        face, column, row = scan(corners[..., :2], edge, edge)
        if not len(face):
            continue
        shares = _shares(corners[face], column + 0.5, row + 0.5)
        near = (shares * corners[face, :, 2]).sum(1)
        place = row * edge + column
        seen = np.flatnonzero(near > depth[place])
        seen = seen[np.argsort(near[seen], kind="stable")]
        last = np.full(edge * edge, -1)
        last[place[seen]] = seen  # the nearest of each pixel comes last
        last = last[last >= 0]
        depth[place[last]] = near[last]
        canvas.pixels[place[last]] = _lit(part, normals, faces[face[last]], shares[last])


def _shares(corners: Single, x: NDArray[np.floating], y: NDArray[np.floating]) -> Single:
    """How much each corner of its triangle counts at a pixel (n, 3)."""
    a, b, c = corners[:, 0, :2], corners[:, 1, :2], corners[:, 2, :2]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    second = ((x - a[:, 0]) * (c[:, 1] - a[:, 1]) - (y - a[:, 1]) * (c[:, 0] - a[:, 0])) / area
    third = ((b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (b[:, 1] - a[:, 1]) * (x - a[:, 0])) / area
    shares = np.stack([1 - second - third, second, third], 1)
    return np.asarray(np.clip(shares, 0, 1), np.float32)


def _lit(part: PaintedPart, normals: Single, corners: Ints, shares: Single) -> Single:
    """The colors of pixels (n, 4), of what shows there in a soft light, as sRGB from 0 to 1."""
    normal = np.einsum("tcd,tc->td", normals[corners], shares)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    normal *= np.where(normal[:, 2:] < 0, -1, 1)  # the back of a surface is lit as its front
    light = 0.5 + 0.42 * np.clip(normal @ KEY * 0.75 + 0.25, 0, 1) + 0.1 * np.clip(normal @ FILL, 0, 1)
    light += 0.1 * (normal @ SKY * 0.5 + 0.5)
    color = part.color_at(corners, shares)
    color[:, :3] *= light[:, None]
    return np.asarray(np.clip(color, 0, 1), np.float32)


def _darken_crevices(canvas: Canvas) -> None:
    """What lies behind its surroundings in the picture gets less light."""
    edge = canvas.edge
    known = np.isfinite(canvas.depth)
    height = np.where(known, canvas.depth, 0).reshape(edge, edge).astype(np.float32)
    weight = known.reshape(edge, edge).astype(np.float32)
    for radius in (edge // 100, edge // 32):
        mean = box_mean(height, radius) / np.maximum(box_mean(weight, radius), 1e-6)
        behind = np.clip((mean - height) / 0.12, 0, 1).ravel()
        canvas.pixels[:, :3] *= (1 - 0.3 * behind)[:, None]


def _packed(pixels: Single) -> bytes:
    """The mean of the finer pixels, as a PNG whose colors do not fade at the model's edge."""
    alpha = pixels[..., 3:]
    whole = np.concatenate([pixels[..., :3] * alpha, alpha], 2)
    whole = whole.reshape(SIZE, FINER, SIZE, FINER, 4).mean((1, 3))
    whole[..., :3] /= np.maximum(whole[..., 3:], 1e-6)
    stream = io.BytesIO()
    Image.fromarray((whole * 255 + 0.5).astype(np.uint8), "RGBA").save(stream, "PNG", optimize=False)
    return stream.getvalue()
