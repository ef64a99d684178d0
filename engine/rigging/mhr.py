# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies of the Momentum Human Rig, which SAM 3D Body makes: the same vertices in every person and pose.

Their joints are weighted sums of a few vertices each; tools/derive_mhr.py derives the weights.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Ints

VERTICES, FACES = 18_439, 36_874
SEED_DEGREE = 3  # the edges that meet at the vertices from which the mesh is walked; there are only two of them
PREFIX = 64  # vertices of a walk after which a wrong start is noticed
KNOWN = 0.9  # share of the edges looked for that tell the order of the vertices


@cache
def _table() -> dict[str, NDArray[np.generic]]:
    """What is known of the mesh, from the file beside this one.

    vertices (JOINTS, K): for each joint the vertices that it hangs on. weights (JOINTS, K): how much; the sum is 1.
    ranks (JOINTS, K): the vertices by their places in the walk. prefix (PREFIX,): how many edges meet at the walk's
    first vertices. degrees: the checksum of all these numbers. edges (E, 2): some of the mesh's edges.
    """
    with np.load(Path(__file__).with_name("mhr.npz")) as data:
        return dict(data)


def find_mhr_joints(vertices: Floats, faces: Ints) -> Floats | None:
    """The joints (JOINTS, 3) of a mesh of this kind, whatever its vertices' order; None for any other mesh.

    vertices (V, 3), faces (F, 3) counter-clockwise from outside; vertices may be split as along a texture's seams.
    """
    table = _table()
    if len(vertices) == VERTICES and _in_order(faces, table["edges"].astype(np.int64)):
        chosen = table["vertices"].astype(np.int64)
    else:
        if len(faces) != FACES or len(vertices) < VERTICES:
            return None
        vertices, number = np.unique(vertices, axis=0, return_inverse=True)
        if len(vertices) != VERTICES:
            return None
        order = _find_order(number.reshape(-1)[faces], table)
        if order is None:
            return None
        chosen = order[table["ranks"].astype(np.int64)]
    return np.asarray(np.einsum("jk,jki->ji", table["weights"].astype(float), vertices[chosen]))


def _in_order(faces: Ints, edges: Ints) -> bool:
    """Whether nearly all the edges are there; some may be missing where the mesh is cut open."""
    known = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    known = np.concatenate([known, known[:, ::-1]]) @ [VERTICES, 1]
    return float(np.isin(edges @ [VERTICES, 1], known).mean()) >= KNOWN


def _find_order(faces: Ints, table: dict[str, NDArray[np.generic]]) -> Ints | None:
    """The vertices in the order of the walk that the table knows."""
    degree = np.bincount(faces.reshape(-1), minlength=VERTICES)
    for one, other in seeds(faces).tolist():
        first = walk(faces, one, other, most=PREFIX)
        if len(first) == PREFIX and (degree[first] == table["prefix"]).all():
            order = walk(faces, one, other)
            if len(order) == VERTICES and checksum(degree[order]) == int(table["degrees"]):
                return order
    return None


def seeds(faces: Ints) -> Ints:
    """The directed edges (N, 2) at which a walk may start."""
    degree = np.bincount(faces.reshape(-1))
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    return np.asarray(edges[degree[edges[:, 0]] == SEED_DEGREE][:12])


def walk(faces: Ints, one: int, other: int, most: int = VERTICES) -> Ints:
    """The vertices in the order in which a walk from face to face meets them, which starts at a directed edge.

    It depends on nothing but the way in which the faces (F, 3) hang together.
    """
    directed = np.concatenate([faces, faces[:, [1, 2, 0]], faces[:, [2, 0, 1]]])
    third = dict(zip((directed[:, 0] * VERTICES + directed[:, 1]).tolist(), directed[:, 2].tolist(), strict=True))
    order, seen = [one, other], {one, other}
    edges = [(one, other), (other, one)]
    for a, b in edges:  # grows on the way
        c = third.pop(a * VERTICES + b, None)
        if c is None:
            continue
        if c not in seen:
            seen.add(c)
            order.append(c)
            if len(order) >= most:
                break
        edges += [(c, b), (a, c)]
    return np.array(order)


def checksum(degrees: Ints) -> int:
    """A number that tells the sequence of degrees from others."""
    return crc32(degrees.astype(np.uint8).tobytes())
