# SPDX-License-Identifier: GPL-3.0-or-later
"""Photos with a known camera of models put together from colored blocks, drawn by the simplest means."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sam3d.engine.arrays import Floats, Ints, Mask, Pixels
from sam3d.engine.gltf.writer import vertex_normals, write_glb
from sam3d.engine.matching.camera import PhotoCamera
from sam3d.engine.raster import planes, scan

PALETTE = np.array(
    [(200, 40, 40), (40, 160, 60), (50, 70, 200), (230, 200, 40), (240, 240, 240), (40, 40, 40), (150, 90, 40)],
    np.uint8,
)
RED, GREEN, BLUE, YELLOW, WHITE, BLACK, BROWN = range(7)
FLOOR = (120, 125, 130)
CORNERS = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
SIDES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
"""Of a block: -x, x, -y, y, -z, z."""


@dataclass(frozen=True)
class Block:
    """low and high corner, z up, and the colors of its sides -x, x, -y, y, -z, z."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    colors: tuple[int, int, int, int, int, int]


TRUCK = (
    Block((-0.2, -0.5, 0.08), (0.2, 0.2, 0.5), (WHITE, WHITE, RED, WHITE, BLACK, WHITE)),
    Block((-0.2, 0.2, 0.08), (0.2, 0.5, 0.35), (BLUE, BLUE, BLUE, YELLOW, BLACK, BLUE)),
    Block((-0.22, -0.4, 0.0), (0.22, -0.2, 0.16), (BLACK,) * 6),
    Block((-0.22, 0.2, 0.0), (0.22, 0.4, 0.16), (BLACK,) * 6),
)
CHAIR = (
    Block((-0.3, -0.3, 0.35), (0.3, 0.3, 0.45), (BROWN,) * 6),
    Block((-0.3, 0.2, 0.45), (0.3, 0.3, 1.0), (BROWN, BROWN, GREEN, BROWN, BROWN, BROWN)),
    *(Block((x, y, 0.0), (x + 0.1, y + 0.1, 0.35), (BROWN,) * 6) for x in (-0.3, 0.2) for y in (-0.3, 0.2)),
)
CABINET = (
    Block((-0.5, -0.25, 0.0), (0.5, 0.25, 0.7), (WHITE, WHITE, RED, BLUE, WHITE, WHITE)),
    Block((0.1, -0.2, 0.7), (0.4, 0.1, 0.9), (GREEN, GREEN, GREEN, GREEN, GREEN, YELLOW)),
)
BOOK = (Block((-0.5, -0.35, 0.0), (0.5, 0.35, 0.3), (WHITE, WHITE, BLUE, WHITE, BLUE, BLUE)),)
BOTTLE = (
    Block((-0.18, -0.18, 0.0), (0.18, 0.18, 0.6), (GREEN,) * 6),
    Block((-0.07, -0.07, 0.6), (0.07, 0.07, 1.0), (RED,) * 6),
)


@dataclass(frozen=True)
class Standing:
    """Blocks that stand somewhere in the photo's frame: the middle of their base, their size and turn about z."""

    blocks: Sequence[Block]
    base: tuple[float, float, float]
    size: float
    yaw: float

    def points(self) -> tuple[Floats, Ints, Ints]:
        """Points (V, 3), triangles (F, 3) and their colors (F,)."""
        points, faces, colors = mesh(self.blocks)
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        return points @ turn.T * self.size + self.base, faces, colors


def mesh(blocks: Sequence[Block]) -> tuple[Floats, Ints, Ints]:
    """Points (V, 3), z up, triangles (F, 3) and their colors (F,)."""
    points: list[Floats] = []
    faces: list[tuple[int, int, int]] = []
    colors: list[int] = []
    for block in blocks:
        low, high = np.array(block.low), np.array(block.high)
        corners = low + CORNERS * (high - low)
        for side, color in zip(SIDES, block.colors, strict=True):
            first = 4 * len(colors) // 2
            points.append(corners[list(side)])
            faces += [(first, first + 1, first + 2), (first, first + 2, first + 3)]
            colors += [color, color]
    return np.concatenate(points), np.array(faces), np.array(colors)


def write_model(path: Path, blocks: Sequence[Block], matrix: NDArray[np.floating] | None = None) -> Path:
    """The GLB of blocks, moved by a matrix (4, 4) of its own frame, z up."""
    points, faces, colors = mesh(blocks)
    if matrix is not None:
        points = points @ matrix[:3, :3].T + matrix[:3, 3]
    points = np.stack([points[:, 0], points[:, 2], -points[:, 1]], 1)
    uv = np.zeros((len(points), 2))
    uv[faces.ravel()] = np.stack([(np.repeat(colors, 3) + 0.5) / len(PALETTE), np.full(colors.size * 3, 0.5)], 1)
    stream = io.BytesIO()
    Image.fromarray(PALETTE[None]).resize((8 * len(PALETTE), 8), Image.Resampling.NEAREST).save(stream, "PNG")
    path.write_bytes(write_glb(points, vertex_normals(points, faces), uv, faces, stream.getvalue(), mime="image/png"))
    return path


def take_photo(camera: PhotoCamera, standing: Sequence[Standing]) -> tuple[Pixels, list[Mask]]:
    """The picture (h, w, 3), and what of each is seen in it (h, w)."""
    height, width = camera.height, camera.width
    near, owner = np.zeros((height, width)), np.full((height, width), -1)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = FLOOR
    for number, one in enumerate(standing):
        points, faces, colors = one.points()
        pixels, depth = camera.project(points)
        corners = pixels[faces]
        face, column, row = scan(corners, width, height)
        plane = planes(corners, 1 / depth[faces][..., None])[face, :, 0]
        close = plane[:, 0] * (column + 0.5) + plane[:, 1] * (row + 0.5) + plane[:, 2]
        order = np.argsort(close, kind="stable")
        face, column, row, close = face[order], column[order], row[order], close[order]
        nearer = close > near[row, column]
        face, column, row, close = face[nearer], column[nearer], row[nearer], close[nearer]
        light = _light(points, faces)
        near[row, column], owner[row, column] = close, number
        picture[row, column] = (PALETTE[colors[face]] * light[face, None]).astype(np.uint8)
    return picture, [owner == number for number in range(len(standing))]


def _light(points: Floats, faces: Ints) -> Floats:
    a, b, c = points[faces.T]
    across = np.cross(b - a, c - a)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    return np.asarray(0.7 + 0.3 * across @ np.array([0.4, -0.5, 0.76]))
