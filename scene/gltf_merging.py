# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the vertices of one place can be merged without a loss of faces. No bpy.

Blender keeps one face at most between the same vertices. Where a file has two there, such as the front and the back of
a leaf, they need vertices of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..engine.gltf.accessors import Storage, read_indices, read_values, storage_of
from ..engine.gltf.container import Data, Json

LIST = 4  # a primitive's mode
NORMAL_STEPS = 50_000
"""Blender's importer tells normals apart in such steps of their length."""


def merging_keeps_faces(gltf: Json, binary: Data, primitives: Iterable[Json]) -> bool:
    """Whether no two triangles of a mesh's primitives, with an area, would have the same three vertices.

    Blender merges those of one place and one normal. What is stored sparse or compressed, in strips or in fans is not
    looked at. Raises as `read_values` does.
    """
    vertices, corners, count = [], [], 0
    for primitive in primitives:
        position, normal, index = (
            primitive["attributes"]["POSITION"],
            primitive["attributes"].get("NORMAL"),
            primitive.get("indices"),
        )
        arrays = [one for one in (position, normal, index) if one is not None]
        if primitive.get("mode", LIST) != LIST or any(storage_of(gltf, one) is not Storage.PLAIN for one in arrays):
            continue
        own = np.zeros((gltf["accessors"][position]["count"], 6), np.float32)
        own[:, :3] += read_values(gltf, binary, position)  # added, so that there is one zero only
        if normal is not None:
            own[:, 3:] += np.trunc(read_values(gltf, binary, normal) * np.float32(NORMAL_STEPS))
        if index is not None:
            indices = read_indices(gltf, binary, index, len(own)).ravel().astype(np.int64)
        else:
            indices = np.arange(len(own))
        vertices.append(own)
        corners.append(indices[: len(indices) // 3 * 3] + count)
        count += len(own)
    if not vertices:
        return True
    rows = np.concatenate(vertices).view(np.dtype((np.void, 24))).ravel()
    _, merged = np.unique(rows, return_inverse=True)
    faces = np.sort(merged.reshape(-1)[np.concatenate(corners)].reshape(-1, 3), axis=1)
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2])]
    return len(np.unique(faces, axis=0)) == len(faces)
