# SPDX-License-Identifier: GPL-3.0-or-later
"""Little shapes with a camera, and photos of them, for the tests of the draft engine."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

from sam3d.engine.draft.posed_shape import Camera, Shape

SIZE = 256


def camera(yaw: float = 30, pitch: float = 15, distance: float = 2.6, size: int = SIZE) -> Camera:
    """A camera that looks at (0, 0.5, 0) from yaw and pitch in degrees."""
    y, p = np.radians([yaw, pitch])
    back = np.array([np.sin(y) * np.cos(p), np.sin(p), np.cos(y) * np.cos(p)])
    right = np.array([np.cos(y), 0, -np.sin(y)])
    down = -np.cross(back, right)
    turn = np.stack([right, down, -back])
    eye = np.array([0, 0.5, 0]) + distance * back
    lens = np.array([[1.6 * size, 0, size / 2], [0, 1.6 * size, size / 2], [0, 0, 1]])
    return Camera(lens @ np.hstack([turn, -(turn @ eye)[:, None]]), eye)


def sphere(rings: int = 24) -> Shape:
    """A ball of diameter 1 on the ground."""
    around = 2 * rings
    polar = np.linspace(0, np.pi, rings + 1)[1:-1]
    turn = np.arange(around) / around * 2 * np.pi
    ring = np.stack(
        [
            np.sin(polar)[:, None] * np.sin(turn),
            np.cos(polar)[:, None] + 0 * turn,
            np.sin(polar)[:, None] * np.cos(turn),
        ],
        2,
    ).reshape(-1, 3)
    vertices = np.concatenate([ring, [[0, 1, 0], [0, -1, 0]]]) * 0.5 + [0, 0.5, 0]
    top, bottom = len(ring), len(ring) + 1
    faces = []
    for j in range(around):
        k = (j + 1) % around
        faces.append((top, j, k))
        last = (rings - 2) * around
        faces.append((bottom, last + k, last + j))
        for i in range(rings - 2):
            a, b = i * around + j, i * around + k
            faces += [(a, a + around, b), (b, a + around, b + around)]
    axis = (np.zeros(3), np.array([0.0, 1.0, 0.0]))
    return Shape(vertices.astype(np.float32), np.array(faces, np.int32), camera(), "revolution", None, axis)


def box(cells: int = 12, half: tuple[float, float, float] = (0.5, 0.25, 0.3)) -> Shape:
    """A box on the ground; each side has cells x cells squares."""
    points: dict[tuple[float, ...], int] = {}
    faces = []
    steps = np.linspace(-1, 1, cells + 1)
    for axis in range(3):
        for sign in (-1, 1):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            index = np.empty((cells + 1, cells + 1), np.int64)
            for i, a in enumerate(steps):
                for j, b in enumerate(steps):
                    point = np.zeros(3)
                    point[axis], point[u], point[v] = sign, a, b
                    index[i, j] = points.setdefault(tuple(point), len(points))
            a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
            order = [(a, b, c), (a, c, d)] if sign > 0 else [(a, c, b), (a, d, c)]
            faces += [np.stack([x.ravel() for x in triangle], 1) for triangle in order]
    vertices = np.array(list(points)) * half + [0, half[1], 0]
    return Shape(vertices.astype(np.float32), np.concatenate(faces).astype(np.int32), camera(), "box")


def silhouette(shape: Shape, size: int = SIZE) -> NDArray[np.bool_]:
    """The mask (size, size) of a shape under its camera."""
    from sam3d.engine.raster import scan

    pixels, _ = shape.camera.project(shape.vertices)
    _, column, row = scan(pixels[shape.faces], size, size)
    mask = np.zeros((size, size), bool)
    mask[row, column] = True
    return mask


def read(glb: bytes) -> Any:
    """The one mesh of a GLB file as trimesh reads it, vertices as in the file."""
    return trimesh.load(io.BytesIO(glb), file_type="glb", force="mesh", process=False)
