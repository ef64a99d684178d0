# SPDX-License-Identifier: GPL-3.0-or-later
"""The surfaces of a GLB as plain arrays, where its nodes put them."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Ints

Json = dict[str, Any]

KINDS = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
TRIANGLES = 4


class Unreadable(ValueError):
    """The file holds no surfaces that can be read here: it is damaged, compressed or skinned."""


def read_surface(path: Path) -> tuple[Floats, Ints]:
    """All triangles of a GLB as one mesh: vertices (V, 3) float64 in the frame of the file, y up, and faces (F, 3).

    Raises Unreadable, also for a skinned mesh, which has joints of its own, and OSError.
    """
    content = path.read_bytes()
    try:
        (length,) = struct.unpack_from("<I", content, 12)
        gltf = json.loads(content[20 : 20 + length])
        binary = content[28 + length :]
        scene = gltf["scenes"][gltf.get("scene", 0)]
        parts = [part for node in scene["nodes"] for part in _parts(gltf, binary, node, np.eye(4), 0)]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error) as error:
        raise Unreadable(str(error)) from error
    if not parts:
        raise Unreadable("no triangles")
    first = np.cumsum([0] + [len(vertices) for vertices, _ in parts])
    vertices = np.concatenate([vertices for vertices, _ in parts])
    return vertices, np.concatenate([faces + start for (_, faces), start in zip(parts, first, strict=False)])


DEEPEST = 100


def _parts(gltf: Json, binary: bytes, number: int, above: Floats, depth: int) -> list[tuple[Floats, Ints]]:
    node = gltf["nodes"][number]
    if depth > DEEPEST or "skin" in node:
        raise ValueError("too deep, or skinned")
    place = above @ _matrix(node)
    found = []
    for primitive in gltf["meshes"][node["mesh"]]["primitives"] if "mesh" in node else ():
        if primitive.get("mode", TRIANGLES) != TRIANGLES:
            continue
        points = _array(gltf, binary, primitive["attributes"]["POSITION"]).astype(np.float64)
        if not np.isfinite(points).all():
            raise ValueError("a place that is not a number")
        faces = np.arange(len(points)) if "indices" not in primitive else _array(gltf, binary, primitive["indices"])
        faces = faces.ravel()[: len(faces.ravel()) // 3 * 3].astype(np.int64).reshape(-1, 3)
        if len(faces) and faces.max() >= len(points):
            raise ValueError("an index without a vertex")
        found.append((points @ place[:3, :3].T + place[:3, 3], faces))
    for child in node.get("children", ()):
        found += _parts(gltf, binary, child, place, depth + 1)
    return found


def _matrix(node: Json) -> Floats:
    """A node's transform (4, 4)."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = turn * np.array(node.get("scale", (1, 1, 1)), np.float64)
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def _array(gltf: Json, binary: bytes, index: int) -> NDArray[Any]:
    """An accessor's values (count, components); raises where they are not stored plainly."""
    accessor = gltf["accessors"][index]
    view = gltf["bufferViews"][accessor["bufferView"]]
    if "sparse" in accessor or view.get("extensions"):
        raise ValueError("compressed")
    kind = np.dtype(KINDS[accessor["componentType"]])
    components = {"SCALAR": 1, "VEC3": 3}[accessor["type"]]
    return np.ndarray(
        (accessor["count"], components),
        kind,
        buffer=binary,
        offset=view.get("byteOffset", 0) + accessor.get("byteOffset", 0),
        strides=(view.get("byteStride") or kind.itemsize * components, kind.itemsize),
    )
