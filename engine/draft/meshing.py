# SPDX-License-Identifier: GPL-3.0-or-later
"""From a solid to a smooth closed mesh of a given number of faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Single
from ..graph import connected
from .lathe import Lathe
from .sdf import Function, Solid
from .surface_nets import Triangles, extract

FACES = 14_000  # aimed at
FACES_BESIDE = 3_000  # of a handle, aimed at
MOST_FACES = 20_000  # never exceeded
STRIDE = 4  # samples of the fine grid for one of the coarse grid
FEWEST = 100  # faces of a shape
COARSE = 400  # faces of a first mesh that tells the surface's area
MOST_SAMPLES = 3_000_000  # of a grid
SMOOTHINGS = 4
SMALLEST = 0.02  # share of the largest piece's faces below which a piece is dropped
SMALLEST_BESIDE = 0.1  # the same of what stands beside a turned body


def mesh(solid: Solid, faces: int = FACES) -> tuple[Floats, Triangles]:
    """A closed, 2-manifold mesh of the solid: vertices (V, 3) and triangles (F, 3), counter-clockwise from outside.

    What stands beside a turned body is a shell of its own, which reaches into the body's.
    Raises ValueError when the solid is empty.
    """
    if solid.lathe is not None:
        return _turned(solid, solid.lathe)
    size = float((solid.high - solid.low).max())
    finest = max(size / 320, float(np.prod(solid.high - solid.low) / MOST_SAMPLES) ** (1 / 3))
    cell = max(size / 40, finest)
    found = _extract(solid, cell)
    while len(found[1]) < COARSE and cell > finest:  # much is thinner than the grid
        cell = max(cell / 2, finest)
        found = _extract(solid, cell)
    if len(found[1]) < FEWEST:
        raise ValueError("The subject is too thin to make a shape from: use a larger photo of it.")
    for _ in range(4):
        wanted = cell * (len(found[1]) / faces) ** 0.5
        cell = float(np.clip(wanted, finest, size / 12))
        found = _extract(solid, cell)
        if len(found[1]) <= 1.15 * faces:
            break
    while len(found[1]) > MOST_FACES:
        cell *= 1.1
        found = _extract(solid, cell)
    vertices, triangles = _large_pieces(*found)
    return _relax(solid.field, vertices, triangles, cell), triangles


def _turned(solid: Solid, lathe: Lathe) -> tuple[Floats, Triangles]:
    """A turned body, and of what stands beside it the large shells that reach into it."""
    vertices, triangles = lathe.mesh()
    if solid.beside is None:
        return vertices, triangles
    more, faces = mesh(solid.beside, FACES_BESIDE)
    shell = connected(len(more), np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]]).astype(np.int64))
    size = np.bincount(shell[faces[:, 0]], minlength=len(more))
    kept = (np.bincount(shell, lathe.holds(more), len(more)) > 0) & (size > SMALLEST_BESIDE * size.max())
    more, faces = _used(more, faces[kept[shell[faces[:, 0]]]])
    return np.concatenate([vertices, more]), np.concatenate([triangles, faces + np.int32(len(vertices))])


def _extract(solid: Solid, cell: float) -> tuple[Floats, Triangles]:
    """The surface at that size of grid cell, in the solid's frame."""
    count = np.ceil((solid.high - solid.low) / cell).astype(int) + 6
    count = (count + STRIDE - 1) // STRIDE * STRIDE
    start = (solid.low + solid.high) / 2 - (count - 1) * cell / 2
    values = _sample(solid.field, start, cell, count)
    for axis in range(3):
        border = np.moveaxis(values, axis, 0)
        border[[0, -1]] = np.minimum(border[[0, -1]], np.float32(-0.5 * cell))
    if not (values > 0).any():
        return np.zeros((0, 3)), np.zeros((0, 3), np.int32)
    vertices, triangles = extract(values)
    return start + vertices * cell, triangles


def _sample(field: Function, start: Floats, cell: float, count: NDArray[np.integer]) -> Single:
    """The field on the grid: everywhere on a coarse grid, and on the fine one where the surface may pass."""
    coarse = count // STRIDE
    middle = (STRIDE - 1) / 2 * cell
    points = np.stack(
        np.meshgrid(*(start[k] + middle + np.arange(coarse[k]) * STRIDE * cell for k in range(3)), indexing="ij"), -1
    )
    rough = field(points.reshape(-1, 3)).reshape(coarse)
    # A block's corners are this far from its middle; fields may be up to twice as steep as a distance.
    near = np.argwhere(np.abs(rough) < 2 * np.sqrt(3) * middle)
    values = np.repeat(np.repeat(np.repeat(rough, STRIDE, 0), STRIDE, 1), STRIDE, 2).astype(np.float32)
    inner = np.stack(np.meshgrid(*[np.arange(STRIDE)] * 3, indexing="ij"), -1).reshape(-1, 3)
    for block in np.array_split(near, max(1, len(near) // 2000)):  # in parts, to bound the memory
        index = (block[:, None] * STRIDE + inner).reshape(-1, 3)
        values[tuple(index.T)] = field(start + index * cell)
    return values


def _large_pieces(vertices: Floats, triangles: Triangles) -> tuple[Floats, Triangles]:
    """The mesh without pieces of few faces."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]]]).astype(np.int64)
    piece = connected(len(vertices), edges)[triangles[:, 0]]
    size = np.bincount(piece)
    return _used(vertices, triangles[size[piece] >= SMALLEST * size.max()])


def _used(vertices: Floats, triangles: Triangles) -> tuple[Floats, Triangles]:
    """The mesh without unused vertices."""
    used = np.unique(triangles)
    index = np.zeros(len(vertices), np.int32)
    index[used] = np.arange(len(used), dtype=np.int32)
    return vertices[used], index[triangles]


def _relax(field: Function, vertices: Floats, triangles: Triangles, cell: float) -> Floats:
    """The vertices spread evenly along the surface and brought onto it, and what is as fine as the grid, such as the
    crest of a thin wall, smoothed out.

    The smoothing is that of Taubin (1995): a step inwards and a longer one outwards, which keeps the volume.
    """
    one, other = triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()  # every edge once each way
    degree = np.bincount(one, minlength=len(vertices))[:, None]

    def towards_neighbors(share: float) -> Floats:
        mean = np.stack([np.bincount(one, vertices[other, k], len(vertices)) for k in range(3)], 1) / degree
        return np.asarray(vertices + share * (mean - vertices))

    for _ in range(3):
        vertices = _onto(field, towards_neighbors(0.6), cell)
    for share in (0.5, -0.53) * SMOOTHINGS:
        vertices = towards_neighbors(share)
    return vertices


def _onto(field: Function, vertices: Floats, cell: float) -> Floats:
    """The vertices moved along the field's slope to where it is 0, by less than half a cell."""
    step = 0.1 * cell
    value = field(vertices)
    slope = np.stack(
        [(field(vertices + step * axis) - field(vertices - step * axis)) / (2 * step) for axis in np.eye(3)], 1
    )
    square = np.maximum((slope * slope).sum(1), 0.1)
    move = -slope * (value / square)[:, None]
    length = np.linalg.norm(move, axis=1)[:, None]
    return np.asarray(vertices + move * np.minimum(1, 0.45 * cell / np.maximum(length, 1e-12)))
