# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes of a glTF scene and where they stand."""

from collections.abc import Iterator

import numpy as np

from ..arrays import Floats
from .container import Json


def placed_nodes(gltf: Json) -> Iterator[tuple[int, Json, Floats]]:
    """The scene's nodes with their numbers and their places in the world (4, 4), each before its children.

    Raises ValueError where one is reached twice, for glTF's nodes form trees, and KeyError, IndexError or TypeError
    where the document is damaged.
    """
    seen: set[int] = set()
    todo = [(number, np.eye(4)) for number in reversed(gltf["scenes"][gltf.get("scene", 0)].get("nodes", []))]
    while todo:
        number, above = todo.pop()
        if number in seen:
            raise ValueError("a node has two parents")
        seen.add(number)
        node = gltf["nodes"][number]
        place = above @ node_matrix(node)
        yield number, node, place
        todo += [(child, place) for child in reversed(node.get("children", []))]


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
