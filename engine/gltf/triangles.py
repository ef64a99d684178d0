# SPDX-License-Identifier: GPL-3.0-or-later
"""The surfaces of a GLB as plain arrays, where its nodes put them."""

from pathlib import Path

import numpy as np

from ..arrays import Floats, Ints
from .accessors import Storage, read_indices, read_numbers, storage_of
from .container import Data, Json, read_glb

TRIANGLES = 4
DEEPEST = 100


class Unreadable(ValueError):
    """The file holds no surfaces that can be read here: it is damaged, compressed or skinned."""


def read_surface(path: Path) -> tuple[Floats, Ints]:
    """All triangles of a GLB as one mesh: vertices (V, 3) float64 in the frame of the file, y up, and faces (F, 3).

    Raises Unreadable, also for a skinned mesh, which has joints of its own, and OSError.
    """
    content = path.read_bytes()
    try:
        gltf, data = read_glb(content)
        scene = gltf["scenes"][gltf.get("scene", 0)]
        parts = [part for node in scene["nodes"] for part in _parts(gltf, data, node, np.eye(4), 0)]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if not parts:
        raise Unreadable("no triangles")
    first = np.cumsum([0] + [len(vertices) for vertices, _ in parts])
    vertices = np.concatenate([vertices for vertices, _ in parts])
    return vertices, np.concatenate([faces + start for (_, faces), start in zip(parts, first, strict=False)])


def _parts(gltf: Json, data: Data, number: int, above: Floats, depth: int) -> list[tuple[Floats, Ints]]:
    node = gltf["nodes"][number]
    if depth > DEEPEST or "skin" in node:
        raise ValueError("too deep, or skinned")
    place = above @ node_matrix(node)
    found = []
    for primitive in gltf["meshes"][node["mesh"]]["primitives"] if "mesh" in node else ():
        if primitive.get("mode", TRIANGLES) != TRIANGLES:
            continue
        points = read_numbers(gltf, data, plain_accessor(gltf, primitive["attributes"]["POSITION"]))
        if not np.isfinite(points).all():
            raise ValueError("a place that is not a number")
        corners: Ints = np.arange(len(points))
        if "indices" in primitive:
            indices = read_indices(gltf, data, plain_accessor(gltf, primitive["indices"]), len(points))
            corners = indices.ravel().astype(np.int64)
        faces = corners[: len(corners) // 3 * 3].reshape(-1, 3)
        found.append((points @ place[:3, :3].T + place[:3, 3], faces))
    for child in node.get("children", ()):
        found += _parts(gltf, data, child, place, depth + 1)
    return found


def plain_accessor(gltf: Json, index: int) -> int:
    """The accessor, whose values must be stored plainly."""
    if storage_of(gltf, index) is not Storage.PLAIN:
        raise ValueError("sparse or compressed")
    return index


def node_matrix(node: Json) -> Floats:
    """A node's transform (4, 4)."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    turns = turn_matrices(np.array([node.get("rotation", (0, 0, 0, 1))], np.float64))
    matrix = np.eye(4)
    matrix[:3, :3] = turns[0] * np.array(node.get("scale", (1, 1, 1)), np.float64)
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def turn_matrices(rotations: Floats) -> Floats:
    """The matrices (n, 3, 3) of quaternions (n, 4), x, y, z, w, of any length but none."""
    x, y, z, w = rotations.T / np.maximum(np.linalg.norm(rotations, axis=1), 1e-30)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), 2, 0)
