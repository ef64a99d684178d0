# SPDX-License-Identifier: GPL-3.0-or-later
"""From a field on a grid to a closed triangle mesh: surface nets on a well-composed grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Mask, Single

Triangles = NDArray[np.int32]


def extract(field: Single) -> tuple[Floats, Triangles]:
    """The surface field = 0 of a field (X, Y, Z), positive inside, negative on the grid's border.

    Gives vertices (V, 3) in grid units (the sample [i, j, k] lies at i, j, k) and triangles (F, 3), counter-clockwise
    seen from outside. Surface nets (Gibson 1998): one vertex in each cell that the surface crosses, at the mean of
    the crossings of the cell's edges. The mesh has the topology of the boundary of the inside samples taken as
    cubes, which is a manifold because the grid is made well-composed first (Latecki 1997).
    """
    field = _well_composed(field)
    inside = field > 0
    shape = np.array(field.shape)
    stride = np.array([shape[1] * shape[2], shape[2], 1])
    flat = field.ravel()
    cells = int(np.prod(shape))
    total = np.zeros((cells, 3), np.float32)
    count = np.zeros(cells, np.float32)
    quads = []
    for axis in range(3):
        here = [slice(None)] * 3
        here[axis] = slice(0, -1)
        there = [slice(None)] * 3
        there[axis] = slice(1, None)
        leaves = inside[tuple(here)] & ~inside[tuple(there)]
        enters = ~inside[tuple(here)] & inside[tuple(there)]
        at = np.argwhere(leaves | enters)
        start = at @ stride
        a, b = flat[start], flat[start + stride[axis]]
        crossing = at.astype(np.float32)
        crossing[:, axis] += a / (a - b)
        u, v = (axis + 1) % 3, (axis + 2) % 3
        # A cell is named by its lowest sample; these four share the edge, in turn around it.
        around = np.stack([start - stride[u] - stride[v], start - stride[v], start, start - stride[u]], 1)
        for corner in around.T:
            for k in range(3):
                total[:, k] += np.bincount(corner, crossing[:, k], cells).astype(np.float32)
            count += np.bincount(corner, minlength=cells).astype(np.float32)
        out = leaves[tuple(at.T)]
        quads.append(np.where(out[:, None], around, around[:, ::-1]))
    quad = np.concatenate(quads)
    used = np.flatnonzero(count)
    index = np.zeros(cells, np.int32)
    index[used] = np.arange(len(used), dtype=np.int32)
    vertices = (total[used] / count[used, None]).astype(np.float64)
    return vertices, _split(vertices, index[quad])


def _split(vertices: Floats, quads: NDArray[np.int32]) -> Triangles:
    """Two triangles for each quad, cut along the shorter diagonal."""
    a, b, c, d = (vertices[quads[:, k]] for k in range(4))
    first = ((a - c) ** 2).sum(1) <= ((b - d) ** 2).sum(1)
    one = np.where(first[:, None], quads[:, [0, 1, 2]], quads[:, [0, 1, 3]])
    two = np.where(first[:, None], quads[:, [0, 2, 3]], quads[:, [1, 2, 3]])
    return np.concatenate([one, two]).astype(np.int32)


def _well_composed(field: Single) -> Single:
    """The field with samples moved just inside until inside and outside meet across faces only."""
    field = field.copy()
    tiny = np.float32(1e-3) * max(float(field.max()), 1e-6)
    for _ in range(20):
        inside = field > 0
        wrong = np.zeros_like(inside)
        for axis in range(3):
            u, v = (a for a in range(3) if a != axis)

            def corner(i: int, j: int, of: Mask, u: int = u, v: int = v) -> Mask:
                cut = [slice(None)] * 3
                cut[u] = slice(i, i - 1 or None)
                cut[v] = slice(j, j - 1 or None)
                return of[tuple(cut)]

            p, q, r, s = (corner(i, j, inside) for i, j in ((0, 0), (1, 1), (0, 1), (1, 0)))
            falling = p & q & ~r & ~s
            rising = r & s & ~p & ~q
            np.logical_or(corner(0, 1, wrong), falling, out=corner(0, 1, wrong))
            np.logical_or(corner(0, 0, wrong), rising, out=corner(0, 0, wrong))
        wrong |= _antipodal(inside)
        if not wrong.any():
            return field
        field[wrong] = np.maximum(field[wrong], tiny)
    return field


def _antipodal(inside: Mask) -> Mask:
    """Samples to add where, of a cell's eight samples, two opposite ones alone are inside, or alone outside."""
    wrong = np.zeros_like(inside)
    cut = {0: slice(0, -1), 1: slice(1, None)}
    octant = {(i, j, k): inside[cut[i], cut[j], cut[k]] for i in (0, 1) for j in (0, 1) for k in (0, 1)}
    number = sum(o.astype(np.int8) for o in octant.values())
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        one, other = octant[0, i, j], octant[1, 1 - i, 1 - j]
        pair = one & other & (number == 2)
        hole = ~one & ~other & (number == 6)
        step = wrong[cut[0], cut[i], cut[j]]
        np.logical_or(step, hole, out=step)
        if pair.any():  # a path of three steps between the two
            for name in ((1, i, j), (1, 1 - i, j)):
                step = wrong[cut[name[0]], cut[name[1]], cut[name[2]]]
                np.logical_or(step, pair, out=step)
    return wrong
