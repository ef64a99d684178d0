# SPDX-License-Identifier: GPL-3.0-or-later
"""The surfaces of a GLB as plain arrays, where its nodes put them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..arrays import Floats, Ints
from .accessors import Storage, read_indices, read_numbers, storage_of
from .container import Data, Json, read_glb, read_head
from .nodes import placed_nodes

TRIANGLES = 4
MOST_POINTS = 20_000_000
"""A small file can show its points many times."""


class Unreadable(ValueError):
    """The file holds no surfaces that can be read here: it is damaged, compressed or skinned."""


def read_surface(path: Path) -> tuple[Floats, Ints]:
    """All triangles of a GLB as one mesh: vertices (V, 3) float64 in the frame of the file, y up, and faces (F, 3).

    Raises Unreadable, also for a skinned mesh, which has joints of its own, and OSError.
    """
    content = path.read_bytes()
    try:
        gltf, data = read_glb(content)
        parts = list(_parts(gltf, data))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if not parts:
        raise Unreadable("no triangles")
    first = np.cumsum([0] + [len(vertices) for vertices, _ in parts])
    vertices = np.concatenate([vertices for vertices, _ in parts])
    return vertices, np.concatenate([faces + start for (_, faces), start in zip(parts, first, strict=False)])


def _parts(gltf: Json, data: Data) -> Iterator[tuple[Floats, Ints]]:
    total = 0
    for _, node, place in placed_nodes(gltf):
        if "skin" in node:
            raise ValueError("skinned")
        for primitive in gltf["meshes"][node["mesh"]]["primitives"] if "mesh" in node else ():
            if primitive.get("mode", TRIANGLES) != TRIANGLES:
                continue
            points = read_numbers(gltf, data, plain_accessor(gltf, primitive["attributes"]["POSITION"]))
            if not np.isfinite(points).all():
                raise ValueError("a place that is not a number")
            total += len(points)
            if total > MOST_POINTS:
                raise ValueError("too many points")
            yield points @ place[:3, :3].T + place[:3, 3], corners_of(gltf, data, primitive, len(points))


def corners_of(gltf: Json, data: Data, primitive: Json, count: int) -> Ints:
    """The triangles (F, 3) of a primitive of `count` vertices; raises as `read_indices`."""
    corners: Ints = np.arange(count)
    if "indices" in primitive:
        indices = read_indices(gltf, data, plain_accessor(gltf, primitive["indices"]), count)
        corners = indices.ravel().astype(np.int64)
    return corners[: len(corners) // 3 * 3].reshape(-1, 3)


def count_triangles(path: Path) -> int:
    """How many triangles the meshes of a GLB have, by what its document says; raises Unreadable and OSError."""
    with path.open("rb") as stream:
        try:
            gltf = read_head(stream, path.stat().st_size).document
            primitives = [one for mesh in gltf.get("meshes", ()) for one in mesh["primitives"]]
            counted = (one.get("indices", one["attributes"].get("POSITION")) for one in primitives)
            return sum(gltf["accessors"][index]["count"] // 3 for index in counted if index is not None)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise Unreadable(str(error)) from error


def plain_accessor(gltf: Json, index: int) -> int:
    """The accessor, whose values must be stored plainly."""
    if storage_of(gltf, index) is not Storage.PLAIN:
        raise ValueError("sparse or compressed")
    return index
