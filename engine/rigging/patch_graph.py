# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh of any kind as a graph of a few thousand patches of its surface, of one size in all meshes.

The patches are the parts of the mesh within the cells of a grid: two limbs that come close share a cell, but no patch,
because a patch hangs together by the mesh's own edges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Floats, Ints
from ..graph import AdjacencyGraph, connected
from .errors import RigError
from .welding import weld

CELL = 0.025  # of the grid, where the surface's area is 1; a body then has about 2,000 patches
CRUMB = 0.3 * CELL**2  # area below which a patch is joined to its neighbor
BLOCK = 200_000  # distances at a time, few enough to stay in the cache
TOUCH = 5e-6  # of a mesh's longest side, within which its surface hangs together
HOLLOW = 0.002  # volume of an island, next to that of a cube of its area, below which its inside is not told
SPECK = 0.001  # share of the area below which a loose piece is left out of the search for joints


@dataclass(frozen=True)
class Surface:
    """The patches of a mesh, in a frame with y up and a unit in which the surface's area is 1.

    points: (N, 3) their centers. normals: (N, 3) outwards, of length 1. areas: (N,).
    adjacency: the graph of neighboring patches, their centers' distances as lengths.
    patch: (V,) the patch of each vertex of the mesh; -1 for one that no face uses, and for specks.
    inside_out: whether the mesh's faces are clockwise from outside.
    origin: (3,), scale: what was subtracted from the vertices, and what they were then multiplied with.
    """

    points: Floats
    normals: Floats
    areas: Floats
    adjacency: AdjacencyGraph
    patch: Ints
    inside_out: bool
    origin: Floats
    scale: float


def up_rotation(up: str) -> Floats:
    """The rotation (3, 3) into the frame with y up, from one with the axis `up`, 'Y' or 'Z', up."""
    return {"Y": np.eye(3), "Z": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])}[up]


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
    points, triangles, merged = _weld((vertices - origin) * scale, faces, used)
    triangles, inside_out = _turned_outwards(points, triangles)
    for _ in range(4):
        patches = _gather(*_split(points, triangles))
        larger = float(1 / np.sqrt(_lengths(patches.areas).sum()))
        # A rough surface is larger than a smooth one, but its patches, each seen as flat, are not.
        points, scale = points * larger, scale * larger
        if larger < 1.05:
            break
    patches = replace(patches, centers=patches.centers * larger, areas=patches.areas * larger**2)
    return _connect(patches, merged, inside_out, origin, scale)


def _lengths(vectors: Floats) -> Floats:
    """The lengths of vectors (N, 3)."""
    return np.asarray(np.linalg.norm(vectors, axis=1))


def _areas(corners: Floats) -> Floats:
    """The areas of triangles (F, 3, 3)."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return _lengths(normal) / 2


def _weld(points: Floats, faces: Ints, used: Ints) -> tuple[Floats, Ints, Ints]:
    """Vertices at one place made one (a GLB splits them along its texture's seams).

    Returns points, triangles, and for each vertex its point or -1.
    """
    number = weld(points[used], TOUCH)
    _, first = np.unique(number, return_index=True)
    merged = np.full(len(points), -1)
    merged[used] = number
    triangles = merged[faces]
    return points[used[first]], triangles[_areas(points[used[first]][triangles]) > 0], merged


def _turned_outwards(points: Floats, triangles: Ints) -> tuple[Ints, bool]:
    """The triangles, counter-clockwise from outside also where their island was not, as mirrored parts are; and whether
    most of the mesh was not."""
    island = connected(len(points), np.concatenate([triangles[:, :2], triangles[:, 1:]]))[triangles[:, 0]]
    corners = points[triangles]
    areas = _areas(corners)
    area = np.maximum(np.bincount(island, areas), 1e-300)
    middle = sums(island, areas[:, None] * corners.mean(1)) / area[:, None]
    a, b, c = np.moveaxis(corners - middle[island][:, None], 1, 0)
    volume = np.bincount(island, (a * np.cross(b, c)).sum(1) / 6)
    inside_out = (volume < -HOLLOW * area**1.5)[island]
    return np.where(inside_out[:, None], triangles[:, ::-1], triangles), bool(volume.sum() < 0)


def _split(points: Floats, triangles: Ints) -> tuple[Floats, Ints]:
    """The mesh with triangles of long edges quartered until none is longer."""
    for _ in range(12):
        corners = points[triangles]
        edge = np.roll(corners, -1, axis=1) - corners
        long = np.einsum("fij,fij->fi", edge, edge).max(1) > CELL**2
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


@dataclass(frozen=True)
class _Patches:
    """Patches before they are sifted and joined.

    centers, areas: (N, 3), the latter as vectors along the normals. patch: (points,). pairs: (P, 2) neighbors.
    """

    centers: Floats
    areas: Floats
    patch: Ints
    pairs: Ints


def _gather(points: Floats, triangles: Ints) -> _Patches:
    """Gathers the points of each cell that hang together within it."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    place = np.floor(points / CELL).astype(np.int64) + 2**20
    box = (place[:, 0] << 42) | (place[:, 1] << 21) | place[:, 2]
    within = box[edges[:, 0]] == box[edges[:, 1]]
    patch = connected(len(points), edges[within])

    corners = points[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 6  # a corner's share of the area
    normal = np.tile(normal, (3, 1))
    for _ in range(3):
        areas = sums(patch[triangles].T.reshape(-1), normal)
        patch = _merge_small(patch, _neighbors(patch, edges), _lengths(areas))
    owner = patch[triangles].T.reshape(-1)
    share = _lengths(normal)[:, None]
    middle = (corners + corners.mean(1)[:, None]) / 2  # of each corner's share
    moment = share * middle.transpose(1, 0, 2).reshape(-1, 3)
    centers = sums(owner, moment) / np.maximum(sums(owner, share), 1e-300)
    return _Patches(centers, sums(owner, normal), patch, _neighbors(patch, edges))


def sums(owner: Ints, values: Floats) -> Floats:
    """The sums (owners, D) of the values (N, D) of each owner."""
    return np.stack([np.bincount(owner, column) for column in values.T], 1)


def _neighbors(patch: Ints, edges: Ints) -> Ints:
    """The pairs (P, 2) of different patches that the points' edges join, each once, the lower number first."""
    pairs = np.sort(patch[edges], axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    count = int(patch.max()) + 1
    once = np.unique(pairs[:, 0] * count + pairs[:, 1])
    return np.stack([once // count, once % count], 1)


def _merge_small(patch: Ints, pairs: Ints, areas: Floats) -> Ints:
    """The patches with each crumb, as a rough surface leaves them along the cells' borders, given to its largest
    neighbor."""
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    pairs = pairs[(areas[pairs[:, 0]] < CRUMB) & (areas[pairs[:, 0]] <= areas[pairs[:, 1]])]
    pairs = pairs[np.lexsort((areas[pairs[:, 1]], pairs[:, 0]))]
    last = np.append(pairs[1:, 0] != pairs[:-1, 0], True)[: len(pairs)]
    return connected(len(areas), pairs[last])[patch]


def _connect(patches: _Patches, merged: Ints, inside_out: bool, origin: Floats, scale: float) -> Surface:
    """The surface of the patches, without specks and in one piece."""
    areas = _lengths(patches.areas)
    piece = connected(len(areas), patches.pairs)
    keep = (np.bincount(piece, areas)[piece] > SPECK * areas.sum()) & (areas > 0)
    index = np.where(keep, np.cumsum(keep) - 1, -1)
    pairs = index[patches.pairs]
    pairs = pairs[(pairs >= 0).all(1)]
    points, areas = patches.centers[keep], areas[keep]
    normals = patches.areas[keep] / _lengths(patches.areas[keep])[:, None]
    pairs = np.concatenate([_wider(len(points), pairs), _bridges(points, pairs)])
    lengths = _lengths(points[pairs[:, 0]] - points[pairs[:, 1]])
    patch = np.where(merged >= 0, index[patches.patch[merged]], -1)
    return Surface(
        points, normals, areas, AdjacencyGraph(len(points), pairs, lengths), patch, inside_out, origin, scale
    )


def _wider(count: int, pairs: Ints) -> Ints:
    """The edges, and those to the neighbors' neighbors: ways over them zigzag less."""
    adjacency = AdjacencyGraph(count, pairs, np.zeros(len(pairs)))
    fan = np.diff(adjacency.first)[adjacency.target]
    start = np.repeat(np.repeat(np.arange(count), np.diff(adjacency.first)), fan)
    step = np.arange(fan.sum()) - np.repeat(np.cumsum(fan) - fan, fan)
    end = adjacency.target[np.repeat(adjacency.first[adjacency.target], fan) + step]
    once = np.unique(start[start < end] * count + end[start < end])
    return np.stack([once // count, once % count], 1)


def _bridges(points: Floats, pairs: Ints) -> Ints:
    """Edges that join a mesh of several pieces (clothes, hair, a head cut off) into one, where they come closest.

    The two pieces that are closest to each other are joined first, and only with each other: a hand goes with the arm
    that it touches and not also with the thigh that is near it.
    """
    bridges, piece = [np.zeros((0, 2), np.int64)], connected(len(points), pairs)
    ones, others = np.triu_indices(int(piece.max()) + 1, 1)
    nearest_first = np.argsort(_gaps(points, piece)[ones, others], kind="stable")
    group = np.arange(int(piece.max()) + 1)
    for one, other in zip(ones[nearest_first].tolist(), others[nearest_first].tolist(), strict=True):
        if group[one] == group[other]:
            continue
        group[group == group[other]] = group[one]
        mine, theirs = np.flatnonzero(piece == one), np.flatnonzero(piece == other)
        found, away = nearest(points[mine], points[theirs])
        close = away <= away.min() + CELL
        bridges.append(np.stack([mine[close], theirs[found[close]]], 1))
    return np.concatenate(bridges)


def _gaps(points: Floats, piece: Ints) -> Floats:
    """The squares of the distances (pieces, pieces) at which pieces come closest to each other."""
    order = np.argsort(piece, kind="stable")
    first = np.searchsorted(piece[order], np.arange(int(piece.max()) + 1))
    ranked = points[order].astype(np.float32)
    square = (ranked * ranked).sum(1)
    gaps = np.full((len(first), len(ranked)), np.inf, np.float32)
    for part in np.array_split(np.arange(len(ranked)), max(1, len(ranked) ** 2 // BLOCK)):
        away = square[part, None] + square - 2 * ranked[part] @ ranked.T
        np.minimum.at(gaps, piece[order[part]], away)
    return np.asarray(np.minimum.reduceat(gaps, first, axis=1))


def nearest(points: Floats, others: Floats) -> tuple[Ints, Floats]:
    """For each of `points` (N, D) the nearest of `others` (M, D), and its distance."""
    found, square = np.empty(len(points), np.int64), (others * others).sum(1).astype(np.float32)
    left, right = points.astype(np.float32), (2 * others.T).astype(np.float32)  # half the digits tell the nearest
    for part in np.array_split(np.arange(len(points)), max(1, len(points) * len(others) // BLOCK)):
        found[part] = np.argmin(square - left[part] @ right, axis=1)
    return found, np.linalg.norm(points - others[found], axis=1)
