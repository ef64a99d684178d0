# SPDX-License-Identifier: GPL-3.0-or-later
"""Triangle meshes: fewer faces, and GLB files with vertex colors or with a skeleton."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sam3d_engine.arrays import Floats, Ints
from sam3d_engine.gltf.accessors import FLOAT, UNSIGNED_INT, UNSIGNED_SHORT
from sam3d_engine.gltf.writer import ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER, pack_glb, vertex_normals

UNSIGNED_SHORT_MOST = 65535
INFLUENCES = 4
"""Joints of a vertex in one set of glTF's attributes."""
GENERATOR = "SAM 3D server"
SEARCHES = 24


def limit_faces(vertices: Floats, faces: Ints, colors: Floats, most: int) -> tuple[Floats, Ints, Floats]:
    """A mesh of at most `most` triangles: vertices in one cell of a grid become one, with their means.

    vertices (V, 3), faces (F, 3), colors (V, C). The finest grid that is coarse enough is searched for (Rossignac and
    Borrel, "Multi-resolution 3D approximations for rendering complex scenes", 1993).
    """
    if most <= 0 or len(faces) <= most:
        return vertices, faces, colors
    low, size = vertices.min(0), float(np.ptp(vertices, axis=0).max())
    fine, coarse = 1.0, 2.0 * len(faces) ** 0.5  # cells along the longest side
    best = _clustered(vertices, faces, colors, low, size)
    for _ in range(SEARCHES):
        cells = (fine * coarse) ** 0.5
        found = _clustered(vertices, faces, colors, low, size / cells)
        if len(found[1]) > most:
            coarse = cells
        else:
            fine, best = cells, found
    return best


def _clustered(vertices: Floats, faces: Ints, colors: Floats, low: Floats, cell: float) -> tuple[Floats, Ints, Floats]:
    grid = np.floor((vertices - low) / max(cell, 1e-12)).astype(np.int64)
    _, number, count = np.unique(grid, axis=0, return_inverse=True, return_counts=True)
    number = number.reshape(-1)
    values = np.column_stack([vertices, colors])
    means = np.column_stack([np.bincount(number, column) for column in values.T]) / count[:, None]
    joined = number[faces]
    flat = (joined[:, 0] == joined[:, 1]) | (joined[:, 1] == joined[:, 2]) | (joined[:, 2] == joined[:, 0])
    joined = joined[~flat]
    _, first = np.unique(np.sort(joined, 1), axis=0, return_index=True)
    return means[:, :3], joined[np.sort(first)], means[:, 3:]


def colored_glb(vertices: Floats, faces: Ints, colors: Floats, name: str) -> bytes:
    """A GLB with vertex colors: vertices (V, 3) y up, faces (F, 3), colors (V, 3) linear 0..1."""
    file = _File()
    attributes = file.surface(vertices, faces)
    shorts = np.round(np.clip(colors, 0, 1) * UNSIGNED_SHORT_MOST).astype("<u2")
    # four values, for each vertex has to begin at a multiple of four bytes
    shorts = np.column_stack([shorts, np.full(len(shorts), UNSIGNED_SHORT_MOST, "<u2")])
    attributes["COLOR_0"] = file.add(shorts, "VEC4", UNSIGNED_SHORT, normalized=True)
    primitive = {"attributes": attributes, "indices": file.indices}
    return file.pack([{"name": name, "mesh": 0}], primitive, name, scene=[0])


@dataclass(frozen=True)
class Skeleton:
    """Joints of a person; frames are matrices (J, 4, 4) without scale, y up, in meters.

    names: J. parents: J, -1 for the root, before their children. rest: each joint's frame in the mesh's rest pose.
    posed: the same in the photo's pose.
    """

    names: Sequence[str]
    parents: Sequence[int]
    rest: Floats
    posed: Floats


def skinned_glb(vertices: Floats, faces: Ints, weights: Floats, skeleton: Skeleton, name: str) -> bytes:
    """A GLB of a person: mesh in the rest pose, skeleton in the photo's pose.

    vertices (V, 3), faces (F, 3), weights (V, J). The rest pose is in the inverse bind matrices, the photo's in
    the nodes, where importers look for each.
    """
    file = _File()
    attributes = file.surface(vertices, faces)
    sets = -(-int((weights > 0).sum(1).max()) // INFLUENCES)
    order = np.argsort(-weights, axis=1, kind="stable")[:, : sets * INFLUENCES]
    shares = np.take_along_axis(weights, order, 1)
    shares /= shares.sum(1, keepdims=True)
    order[shares == 0] = 0
    for number in range(sets):
        part = slice(number * INFLUENCES, (number + 1) * INFLUENCES)
        attributes[f"JOINTS_{number}"] = file.add(order[:, part].astype("<u2"), "VEC4", UNSIGNED_SHORT)
        attributes[f"WEIGHTS_{number}"] = file.add(shares[:, part].astype("<f4"), "VEC4", FLOAT)
    inverse = np.linalg.inv(skeleton.rest).transpose(0, 2, 1).reshape(-1, 16)  # glTF's matrices go column by column
    nodes = [_joint(skeleton, joint) for joint in range(len(skeleton.names))]
    root, mesh = skeleton.parents.index(-1), len(nodes)
    nodes.append({"name": name, "mesh": 0, "skin": 0})
    skin = {
        "joints": list(range(mesh)),
        "skeleton": root,
        "inverseBindMatrices": file.add(inverse.astype("<f4"), "MAT4", FLOAT, target=None),
    }
    primitive = {"attributes": attributes, "indices": file.indices, "material": 0}
    material = {"name": name, "pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 0.8}}
    return file.pack(nodes, primitive, name, scene=[root, mesh], skins=[skin], materials=[material])


def _joint(skeleton: Skeleton, joint: int) -> dict[str, Any]:
    parent = skeleton.parents[joint]
    frame = skeleton.posed[joint]
    local = frame if parent < 0 else np.linalg.inv(skeleton.posed[parent]) @ frame
    children = [child for child, of in enumerate(skeleton.parents) if of == joint]
    node: dict[str, Any] = {
        "name": skeleton.names[joint],
        "translation": local[:3, 3].tolist(),
        "rotation": _quaternion(local[:3, :3]),
    }
    return {**node, "children": children} if children else node


def _quaternion(rotation: Floats) -> list[float]:
    """A rotation (3, 3) as glTF writes it: x, y, z, w. By its largest component, which is safe to divide by."""
    r = rotation
    squares = np.array([1 + r[0, 0] - r[1, 1] - r[2, 2], 1 - r[0, 0] + r[1, 1] - r[2, 2],
                        1 - r[0, 0] - r[1, 1] + r[2, 2], 1 + r[0, 0] + r[1, 1] + r[2, 2]])  # fmt: skip
    rows = (
        (squares[0], r[0, 1] + r[1, 0], r[0, 2] + r[2, 0], r[2, 1] - r[1, 2]),
        (r[0, 1] + r[1, 0], squares[1], r[1, 2] + r[2, 1], r[0, 2] - r[2, 0]),
        (r[0, 2] + r[2, 0], r[1, 2] + r[2, 1], squares[2], r[1, 0] - r[0, 1]),
        (r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1], squares[3]),
    )
    found = np.array(rows[int(np.argmax(squares))])
    return [float(value) for value in found / np.linalg.norm(found)]


class _File:
    """The arrays of a GLB on their way into the file."""

    def __init__(self) -> None:
        self._parts: list[tuple[bytes, int | None]] = []
        self._accessors: list[dict[str, Any]] = []
        self.indices = -1

    def add(
        self,
        array: NDArray[Any],
        kind: str,
        component: int,
        *,
        normalized: bool = False,
        target: int | None = ARRAY_BUFFER,
    ) -> int:
        accessor: dict[str, Any] = {
            "bufferView": len(self._parts), "componentType": component, "count": len(array), "type": kind,
        }  # fmt: skip
        if normalized:
            accessor["normalized"] = True
        self._parts.append((np.ascontiguousarray(array).tobytes(), target))
        self._accessors.append(accessor)
        return len(self._accessors) - 1

    def surface(self, vertices: Floats, faces: Ints) -> dict[str, int]:
        """Positions, normals and triangles; gives the attributes."""
        positions = vertices.astype("<f4")
        place = self.add(positions, "VEC3", FLOAT)
        self._accessors[place] |= {"min": positions.min(0).tolist(), "max": positions.max(0).tolist()}
        normals = self.add(vertex_normals(vertices, faces).astype("<f4"), "VEC3", FLOAT)
        flat = faces.astype("<u4").reshape(-1)
        self.indices = self.add(flat, "SCALAR", UNSIGNED_INT, target=ELEMENT_ARRAY_BUFFER)
        return {"POSITION": place, "NORMAL": normals}

    def pack(
        self, nodes: list[dict[str, Any]], primitive: dict[str, Any], name: str, *, scene: list[int], **more: Any
    ) -> bytes:
        document = {
            "asset": {"version": "2.0", "generator": GENERATOR},
            "scene": 0,
            "scenes": [{"nodes": scene}],
            "nodes": nodes,
            "meshes": [{"name": name, "primitives": [primitive]}],
            "accessors": self._accessors,
            **more,
        }
        return pack_glb(document, self._parts)
