# SPDX-License-Identifier: GPL-3.0-or-later
"""Unwraps a mesh into charts that lie side by side in one square texture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Ints
from ..graph import connected
from ..raster import scan

GUTTER = 3  # free pixels around each chart, so that filtered look-ups stay within it
GUTTERS = 0.1  # share of a texture that they may take where a larger one is to be had
SMALL = 24  # charts of fewer faces join a neighbor where they can


@dataclass(frozen=True)
class Atlas:
    """Where each corner of each face lies in the texture.

    corners: (F, 3, 2) pixels, x right, y down.
    chart: (F,) the chart of each face.
    size: the texture's width and height in pixels.
    """

    corners: Floats
    chart: Ints
    size: int


def unwrap(
    vertices: NDArray[np.floating],
    faces: NDArray[np.integer],
    share: Floats,
    sizes: Sequence[int],
    *,
    quads: bool = False,
) -> Atlas:
    """Lays the faces (F, 3) out in a square texture: of the first of these sizes in which gutters take little room.

    Connected faces that look the same way along an axis form a chart, projected along that axis: no length
    shrinks to less than 1 / sqrt(3). share: (F,) the wanted resolution of each face relative to others; a
    chart takes the greatest mean resolution that fits. quads: whether faces that follow each other are the halves of
    quads, which no border of a chart is to part.
    """
    points = vertices[faces].astype(np.float64)
    normal = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    area = np.linalg.norm(normal, axis=1)
    normal /= np.maximum(area, 1e-30)[:, None]
    pairs = _neighbors(faces)
    side = _directions(normal, area, pairs, _halves(faces) if quads else np.arange(len(faces)))
    chart = connected(len(faces), pairs[side[pairs[:, 0]] == side[pairs[:, 1]]])
    chart, side = _join_small(chart, side, normal, pairs)

    # Along +x the chart's axes are (-z, -y), and so on: seen from outside, right way up.
    axis, sign = side // 2, 1 - 2 * (side % 2)
    across, up = np.array([2, 0, 0])[axis], np.array([1, 2, 1])[axis]
    rows = np.arange(len(faces))[:, None]
    flip = sign * np.array([-1, 1, 1])[axis]
    down = np.where(axis == 1, sign, -1)
    flat = np.stack(
        [
            points[rows, [[0, 1, 2]], across[:, None]] * flip[:, None],
            points[rows, [[0, 1, 2]], up[:, None]] * down[:, None],
        ],
        2,
    )
    chart = _split_overlaps(flat, chart, pairs)
    count = chart.max() + 1
    density = np.bincount(chart, area * share, count) / np.maximum(np.bincount(chart, area, count), 1e-30)
    flat *= density[chart, None, None]

    low = np.full((count, 2), np.inf)
    high = np.full((count, 2), -np.inf)
    for k in range(2):
        np.minimum.at(low[:, k], chart, flat[..., k].min(1))
        np.maximum.at(high[:, k], chart, flat[..., k].max(1))
    roomy = (size for size in sizes if count * (2 * GUTTER) ** 2 <= GUTTERS * size**2)
    size = next(roomy, sizes[-1])
    scale, corner = _pack(high - low, size)
    return Atlas((flat - low[chart, None]) * scale + corner[chart, None], chart, size)


def split_vertices(faces: NDArray[np.integer], atlas: Atlas) -> tuple[Ints, Ints, Floats]:
    """Gives each vertex one copy for each chart that it lies in.

    Returns the index of the original of each new vertex (N,), the faces (F, 3) of new vertices, and uv (N,
    2), 0..1 with v down.
    """
    key = atlas.chart[:, None] * (int(faces.max()) + 1) + faces
    _, first, new = np.unique(key.ravel(), return_index=True, return_inverse=True)
    original = faces.ravel()[first].astype(np.int64)
    return original, np.asarray(new).reshape(faces.shape), atlas.corners.reshape(-1, 2)[first] / atlas.size


def _neighbors(faces: NDArray[np.integer]) -> Ints:
    """Pairs of faces (N, 2) that share an edge."""
    start, end = faces.ravel(), np.roll(faces, -1, 1).ravel()
    edge = np.minimum(start, end).astype(np.int64) * (int(faces.max()) + 1) + np.maximum(start, end)
    order = np.argsort(edge, kind="stable")
    same = np.flatnonzero(edge[order][1:] == edge[order][:-1])
    return np.stack([order[same] // 3, order[same + 1] // 3], 1)


def _halves(faces: NDArray[np.integer]) -> Ints:
    """For each face the other half of its quad, or itself: of each two faces, those that share an edge."""
    one, other = faces[: len(faces) // 2 * 2].reshape(-1, 2, 3).swapaxes(0, 1)
    quad = np.flatnonzero((one[:, :, None] == other[:, None]).sum((1, 2)) == 2)
    half = np.arange(len(faces))
    half[2 * quad], half[2 * quad + 1] = 2 * quad + 1, 2 * quad
    return half


def _directions(normal: Floats, area: Floats, pairs: Ints, half: Ints) -> Ints:
    """For each face one of +x, -x, +y, -y, +z, -z (0..5): the nearest to the normals around it and its other half."""
    smooth = normal * area[:, None]
    for _ in range(4):
        around = smooth.copy()
        for k in range(3):
            around[:, k] += np.bincount(pairs[:, 0], smooth[pairs[:, 1], k], len(normal))
            around[:, k] += np.bincount(pairs[:, 1], smooth[pairs[:, 0], k], len(normal))
        smooth = around
    smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-30)
    both = 0.5 * smooth + normal
    both = both + both[half]
    facing = np.stack([both, -both], 2).reshape(-1, 6)
    return np.asarray(facing.argmax(1))


def _join_small(chart: Ints, side: Ints, normal: Floats, pairs: Ints) -> tuple[Ints, Ints]:
    """Hands the faces of small charts to a larger neighbor whose direction they still face."""
    for _ in range(3):
        number = np.bincount(chart)
        a, b = np.concatenate([pairs, pairs[:, ::-1]]).T
        sign = 1 - 2 * (side[b] % 2)
        facing = normal[a, side[b] // 2] * sign > 0.25
        useful = (number[chart[a]] < SMALL) & (number[chart[b]] > number[chart[a]]) & facing
        a, b = a[useful], b[useful]
        chart, side = chart.copy(), side.copy()
        chart[a], side[a] = chart[b], side[b]
    # A chart that lost faces may have come apart; charts are parts that hold together.
    same = chart[pairs[:, 0]] == chart[pairs[:, 1]]
    return connected(len(chart), pairs[same]), side


def _split_overlaps(flat: Floats, chart: Ints, pairs: Ints) -> Ints:
    """Moves faces that would cover others of their own chart to charts of their own."""
    count = chart.max() + 1
    low = np.full((count, 2), np.inf)
    high = np.full((count, 2), -np.inf)
    for k in range(2):
        np.minimum.at(low[:, k], chart, flat[..., k].min(1))
        np.maximum.at(high[:, k], chart, flat[..., k].max(1))
    size = 1024
    scale, corner = _pack(high - low, size)
    face, column, row = scan((flat - low[chart, None]) * scale + corner[chart, None], size, size)
    pixel = row * size + column
    owner = np.full(size * size, -1)
    owner[pixel[::-1]] = face[::-1]
    covered = np.unique(face[owner[pixel] != face])
    if not len(covered):
        return chart
    chart = chart.copy()
    chart[covered] += count
    return connected(len(chart), pairs[chart[pairs[:, 0]] == chart[pairs[:, 1]]])


def _pack(extent: Floats, size: int) -> tuple[float, Floats]:
    """The scale at which rectangles (N, 2) just fit on shelves of a square, and their places (N, 2) there in
    pixels.
    """
    order = np.argsort(-extent[:, 1], kind="stable")
    small, large = 0.0, (size - 2 * GUTTER) / max(float(extent.max()), 1e-9)
    best = _shelves(extent * small, order, size)
    for _ in range(14):
        scale = (small + large) / 2
        places = _shelves(extent * scale, order, size)
        if places is None:
            large = scale
        else:
            small, best = scale, places
    if best is None:
        raise ValueError(f"{len(extent)} charts do not fit into {size} pixels")
    return small, best


def _shelves(extent: Floats, order: Ints, size: int) -> Floats | None:
    """Places of rectangles set in rows from the tallest on; None where they do not fit."""
    places = np.empty_like(extent)
    x, y, tall = 0.0, 0.0, 0.0
    for k, (width, height) in zip(order.tolist(), (extent[order] + 2 * GUTTER).tolist(), strict=True):
        if x + width > size:
            x, y, tall = 0.0, y + tall, 0.0
        if y + height > size:
            return None
        places[k] = x + GUTTER, y + GUTTER
        x, tall = x + width, max(tall, height)
    return places
