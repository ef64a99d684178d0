# SPDX-License-Identifier: GPL-3.0-or-later
"""A subject's model as it is held against the photo: a mesh small enough to be drawn often, and colored points."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..arrays import Floats, Ints, Single
from ..gltf.painted import PaintedPart, read_painted
from ..gltf.triangles import Unreadable

MOST_FACES = 6000
FINEST_CELLS, COARSEST_CELLS = 4096, 8
"""Along the longest side: points within one cell become one. The finest only joins what lies at one place."""
SAMPLES = 2500
"""Colored points on the surface."""
BACK_TO_Z_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""Takes glTF's axes (y up) to Blender's, as its importer does."""


@dataclass(frozen=True)
class Model:
    """A model that stands upright at the origin, z up, its longest side being 1.

    points (V, 3) and faces (F, 3) of the mesh; edges (E, 2) with the third corners (E, 2) of the faces at each, twice
    the same where there is but one. hull: the outermost points (H, 3), from which its box is found however it is
    turned. samples, normals, colors: (S, 3) each, of points on the surface, colors in sRGB 0..1. frame: (4, 4), what
    has taken the file's model (z up) here.
    """

    points: Floats
    faces: Ints
    edges: Ints
    corners: Ints
    hull: Floats
    samples: Floats
    normals: Floats
    colors: Single
    frame: Floats

    def turned(self, rotation: Floats) -> Model:
        """The model turned by a rotation (3, 3) and stood upon the ground again."""
        matrix = np.eye(4)
        matrix[:3, :3] = rotation
        base = base_of(self.hull @ rotation.T)
        matrix[:3, 3] = -base
        points, hull, samples = (part @ rotation.T - base for part in (self.points, self.hull, self.samples))
        normals = self.normals @ rotation.T
        return replace(self, points=points, hull=hull, samples=samples, normals=normals, frame=matrix @ self.frame)


def base_of(points: Floats) -> Floats:
    """The middle (3,) of the base of the box around points (N, 3)."""
    low, high = points.min(0), points.max(0)
    return np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])


def read_model(path: Path) -> Model:
    """The model of a GLB; raises Unreadable and OSError."""
    parts = read_painted(path)
    points = np.concatenate([part.points for part in parts]) @ BACK_TO_Z_UP.T
    starts = np.cumsum([0] + [len(part.points) for part in parts])
    faces = np.concatenate([part.faces + start for part, start in zip(parts, starts, strict=False)])
    used = np.unique(faces)
    base, size = base_of(points[used]), max(float(np.ptp(points[used], axis=0).max()), 1e-12)
    frame = np.diag([1 / size, 1 / size, 1 / size, 1.0])
    frame[:3, 3] = -base / size
    points = (points - base) / size
    samples, normals, colors = _sampled(parts, points, faces)
    return replace(model_of(points, faces, samples, normals, colors), frame=frame)


def model_of(points: Floats, faces: Ints, samples: Floats, normals: Floats, colors: Single) -> Model:
    """The model of a mesh, points (V, 3) and faces (F, 3), that stands as a model does, with the colors (S, 3) of
    samples (S, 3) on its surface that have these normals (S, 3). Raises Unreadable for a mesh without a surface."""
    small, few = _reduced(points, faces)
    if not len(few):
        raise Unreadable("no surface")
    edges, corners = _edges(few)
    hull = _hull(points[np.unique(faces)])
    return Model(small, few, edges, corners, hull, samples, normals, colors, np.eye(4))


def spread(points: Floats, faces: Ints, count: int) -> tuple[Floats, Floats]:
    """So many points (N, 3) spread evenly on the surface of a mesh, and the normals (N, 3) there."""
    samples, normals, _, _ = _spread(points, faces, count)
    return samples, normals


def _sampled(parts: list[PaintedPart], points: Floats, faces: Ints) -> tuple[Floats, Floats, Single]:
    """Points spread evenly on the surface, with its normals and colors there."""
    samples, normals, chosen, shares = _spread(points, faces, SAMPLES)
    colors = np.zeros((SAMPLES, 3), np.float32)
    first = 0
    for part in parts:
        own = (chosen >= first) & (chosen < first + len(part.faces))
        if own.any():
            corners = part.faces[chosen[own] - first]
            colors[own] = part.color_at(corners, shares[own].astype(np.float32))[:, :3]
        first += len(part.faces)
    return samples, normals, colors


def _spread(points: Floats, faces: Ints, count: int) -> tuple[Floats, Floats, Ints, Floats]:
    """Points on the surface, with its normals, the faces that they lie on and their corners' shares of them."""
    a, b, c = points[faces.T]
    across = np.cross(b - a, c - a)
    area = np.linalg.norm(across, axis=1)
    rng = np.random.default_rng(0)
    total = np.cumsum(area)
    chosen = np.searchsorted(total, (np.arange(count) + rng.random(count)) / count * total[-1])
    chosen = np.minimum(chosen, len(faces) - 1)
    shares = np.diff(np.sort(rng.random((count, 2)), axis=1), axis=1, prepend=0.0, append=1.0)
    samples = np.einsum("nc,nck->nk", shares, points[faces[chosen]])
    normals = across[chosen] / np.maximum(area[chosen], 1e-30)[:, None]
    return samples, normals, chosen, shares


def _reduced(points: Floats, faces: Ints) -> tuple[Floats, Ints]:
    """A mesh of about the same shape with few faces: points within one cell of a grid become their mean.

    After Rossignac and Borrel, "Multi-resolution 3D approximations for rendering complex scenes", 1993.
    """
    small, few = _clustered(points, faces, FINEST_CELLS)
    cells = 64
    while len(few) > MOST_FACES and cells >= COARSEST_CELLS:
        small, few = _clustered(small, few, cells)
        cells = round(cells / 1.3)
    return small, few


def _clustered(points: Floats, faces: Ints, cells: int) -> tuple[Floats, Ints]:
    cell = np.floor((points - points.min(0)) * cells).astype(np.int64)
    key = (cell[:, 0] * 8192 + cell[:, 1]) * 8192 + cell[:, 2]
    _, place, number = np.unique(key, return_inverse=True, return_counts=True)
    mean = np.stack([np.bincount(place, column) for column in points.T], 1) / number[:, None]
    few = np.sort(place[faces], axis=1)
    few = few[(few[:, 0] < few[:, 1]) & (few[:, 1] < few[:, 2])]
    return mean, np.unique(few, axis=0)


def _edges(faces: Ints) -> tuple[Ints, Ints]:
    """The edges (E, 2) of a mesh, and the third corners (E, 2) of two faces at each."""
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [0, 2]]])
    thirds = np.concatenate([faces[:, 2], faces[:, 0], faces[:, 1]])
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs, thirds = pairs[order], thirds[order]
    first = np.flatnonzero(np.r_[True, (pairs[1:] != pairs[:-1]).any(1)])
    last = np.r_[first[1:], len(pairs)] - 1
    return pairs[first], np.stack([thirds[first], thirds[last]], 1)


def _hull(points: Floats) -> Floats:
    """The points that are outermost in one of many directions."""
    around = np.radians(np.arange(0, 360, 15))
    single, outermost = points.astype(np.float32), set()
    for lift in np.radians(np.arange(-90, 91, 15)):
        level = np.cos(lift)
        ways = np.stack([level * np.cos(around), level * np.sin(around), np.full(len(around), np.sin(lift))])
        outermost.update((single @ ways.astype(np.float32)).argmax(0).tolist())
    return points[sorted(outermost)]
