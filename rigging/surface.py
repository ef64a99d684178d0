# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh of any kind as a graph of a few thousand patches of its surface, of one size in all meshes.

The patches are the parts of the mesh within the cells of a grid: two limbs that come close share a cell, but no patch,
because a patch hangs together by the mesh's own edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import RigError
from .graph import Ways, connected

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PATCHES = 2500  # about, of a body
SPECK = 0.001  # share of the area below which a loose piece is left out of the search for joints


@dataclass(frozen=True)
class Surface:
    """The patches of a mesh, in a frame with y up and a unit in which the surface's area is 1.

    points: (N, 3) their centres. normals: (N, 3) outwards, of length 1. areas: (N,).
    ways: the graph of neighbouring patches, their centres' distances as lengths.
    patch: (V,) the patch of each vertex of the mesh; -1 for one that no face uses, and for specks.
    origin: (3,), scale: what was subtracted from the vertices, and what they were then multiplied with.
    """

    points: Floats
    normals: Floats
    areas: Floats
    ways: Ways
    patch: Ints
    origin: Floats
    scale: float


def build_surface(vertices: Floats, faces: Ints) -> Surface:
    """The patches of a mesh: vertices (V, 3), y up, in any unit, and triangles (F, 3).

    Raises RigError where the mesh has no surface.
    """
    if len(faces) and (faces.min() < 0 or faces.max() >= len(vertices)):
        raise RigError("The mesh is damaged: it has faces without vertices. Import it again.")
    used = np.unique(faces)
    if not len(used) or not np.isfinite(vertices[used]).all():
        raise RigError("The mesh has no surface to rig. Choose the mesh of a whole person.")
    origin = (vertices[used].min(0) + vertices[used].max(0)) / 2
    corners = vertices[faces] - origin
    extent = float(np.abs(corners).max())
    area = _areas(corners / max(extent, 1e-300)).sum() * extent * extent
    if not area > 1e-6 * extent * extent or not np.isfinite(area):
        raise RigError("The mesh has no surface to rig. Choose the mesh of a whole person.")
    scale = float(1 / np.sqrt(area))
    points = (vertices - origin) * scale
    points, triangles, merged = _weld(points, faces, used)
    cell = 1.25 / np.sqrt(PATCHES)
    points, triangles = _split(points, triangles, cell)
    return _patches(points, triangles, merged, cell, origin, scale)


def _areas(corners: Floats) -> Floats:
    """The areas of triangles (F, 3, 3)."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(np.linalg.norm(normal, axis=1) / 2)


def _weld(points: Floats, faces: Ints, used: Ints) -> tuple[Floats, Ints, Ints]:
    """Vertices at one place made one (a GLB splits them along its texture's seams).

    Returns points, triangles, and for each vertex its point or -1.
    """
    place = np.round(points[used] * 1e5).astype(np.int64)
    key = (place[:, 0] * 4_000_037 + place[:, 1]) * 4_000_037 + place[:, 2]
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    merged = np.full(len(points), -1)
    merged[used] = number.reshape(-1)
    triangles = merged[faces]
    return points[used[first]], triangles[_areas(points[used[first]][triangles]) > 0], merged


def _split(points: Floats, triangles: Ints, longest: float) -> tuple[Floats, Ints]:
    """The mesh with triangles of long edges quartered until none is longer."""
    for _ in range(12):
        edge = np.linalg.norm(points[triangles] - points[np.roll(triangles, -1, axis=1)], axis=2)
        long = edge.max(1) > longest
        if not long.any():
            break
        halved = triangles[long]
        pairs = np.sort(np.stack([halved, np.roll(halved, -1, axis=1)], 2).reshape(-1, 2), axis=1)
        _, first, number = np.unique(pairs[:, 0] * len(points) + pairs[:, 1], return_index=True, return_inverse=True)
        middle = len(points) + number.reshape(-1, 3)
        points = np.concatenate([points, points[pairs[first]].mean(1)])
        a, b, c = halved.T
        ab, bc, ca = middle.T
        quarters = np.concatenate(
            [np.stack(corners, 1) for corners in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]
        )
        triangles = np.concatenate([triangles[~long], quarters])
    return points, triangles


def _patches(points: Floats, triangles: Ints, merged: Ints, cell: float, origin: Floats, scale: float) -> Surface:
    """Gathers the points of each cell that hang together within it."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    place = np.floor(points / cell).astype(np.int64) + 2**20
    box = (place[:, 0] << 42) | (place[:, 1] << 21) | place[:, 2]
    within = box[edges[:, 0]] == box[edges[:, 1]]
    patch = connected(len(points), edges[within])

    corners = points[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2  # as long as the area
    area = np.linalg.norm(normal, axis=1)
    owner, count = patch[triangles].reshape(-1), int(patch.max()) + 1
    share = np.repeat(area / 3, 3)
    areas = np.bincount(owner, share, count)
    middle = np.repeat(corners.mean(1), 3, axis=0) / 2 + corners.reshape(-1, 3) / 2  # of a corner's share
    centre = np.stack([np.bincount(owner, share * middle[:, k], count) for k in range(3)], 1)
    normals = np.stack([np.bincount(owner, np.repeat(normal[:, k], 3), count) for k in range(3)], 1)

    pairs = np.sort(patch[edges[~within]], axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    piece = connected(count, pairs)
    keep = (np.bincount(piece, areas)[piece] > SPECK * areas.sum()) & (areas > 0)
    index = np.where(keep, np.cumsum(keep) - 1, -1)
    pairs = index[pairs]
    pairs = pairs[(pairs >= 0).all(1)]
    centre, normals, areas = centre[keep] / areas[keep, None], normals[keep], areas[keep]
    normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-12)[:, None]
    pairs = np.concatenate([_wider(len(centre), pairs), _bridges(centre, pairs, cell)])
    lengths = np.linalg.norm(centre[pairs[:, 0]] - centre[pairs[:, 1]], axis=1)
    at = np.where(merged >= 0, index[patch[merged]], -1)
    return Surface(centre, normals, areas, Ways(len(centre), pairs, lengths), at, origin, scale)


def _wider(count: int, pairs: Ints) -> Ints:
    """The edges, and those to the neighbours' neighbours: ways over them zigzag less."""
    ways = Ways(count, pairs, np.zeros(len(pairs)))
    fan = np.diff(ways.first)[ways.target]
    start = np.repeat(np.repeat(np.arange(count), np.diff(ways.first)), fan)
    step = np.arange(fan.sum()) - np.repeat(np.cumsum(fan) - fan, fan)
    end = ways.target[np.repeat(ways.first[ways.target], fan) + step]
    once = np.unique(start[start < end] * count + end[start < end])
    return np.stack([once // count, once % count], 1)


def _bridges(points: Floats, pairs: Ints, cell: float) -> Ints:
    """Edges that join a mesh of several pieces (clothes, hair, a head cut off) into one, where they come closest."""
    bridges = [np.zeros((0, 2), np.int64)]
    piece = connected(len(points), pairs)
    while piece.max() > 0:
        small = int(np.argmin(np.bincount(piece)))
        inside, outside = np.flatnonzero(piece == small), np.flatnonzero(piece != small)
        gap = nearest(points[inside], points[outside])
        close = gap[1] <= gap[1].min() + cell
        bridges.append(np.stack([inside[close], outside[gap[0][close]]], 1))
        piece = connected(len(points), np.concatenate([pairs, *bridges]))
    return np.concatenate(bridges)


def nearest(points: Floats, others: Floats) -> tuple[Ints, Floats]:
    """For each of `points` (N, D) the nearest of `others` (M, D), and its distance."""
    found, square = np.empty(len(points), np.int64), (others * others).sum(1)
    for part in np.array_split(np.arange(len(points)), max(1, len(points) * len(others) // 2_000_000)):
        found[part] = np.argmin(square - 2 * (points[part] @ others.T), axis=1)
    return found, np.linalg.norm(points - others[found], axis=1)
