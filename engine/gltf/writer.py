# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a textured mesh as one glTF 2.0 binary file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Single
from .accessors import FLOAT, UNSIGNED_INT, UNSIGNED_SHORT
from .container import glb_pieces

GENERATOR = "SAM 3D for Blender"
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963


def vertex_normals(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> Single:
    """Smooth unit normals (V, 3) of the vertices (V, 3) of triangles (F, 3).

    Each face counts with its angle at the vertex (Thuermer and Wuethrich, "Computing vertex normals from
    polygonal facets", 1998), so the way a flat part is cut into triangles does not tilt the shading.
    """
    corners = vertices[faces].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30)
    total = np.zeros((len(vertices), 3))
    for k in range(3):
        a, b = corners[:, (k + 1) % 3] - corners[:, k], corners[:, (k + 2) % 3] - corners[:, k]
        length = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        angle = np.arccos(np.clip((a * b).sum(1) / np.maximum(length, 1e-30), -1, 1))
        for axis in range(3):
            total[:, axis] += np.bincount(faces[:, k], angle * normal[:, axis], len(vertices))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.where(length > 1e-12, total / np.maximum(length, 1e-12), (0, 1, 0)).astype(np.float32)


def write_glb(
    vertices: NDArray[np.floating],
    normals: NDArray[np.floating],
    uv: NDArray[np.floating],
    faces: NDArray[np.integer],
    image: bytes,
    *,
    mime: str = "image/jpeg",
    name: str = "draft",
    kind: str = "",
) -> bytes:
    """A glTF 2.0 binary file of one mesh with one embedded base color texture.

    vertices (V, 3) in meters, y up; normals (V, 3) unit; uv (V, 2), v down as in glTF; faces (F, 3),
    counter-clockwise seen from outside. image: an encoded picture in sRGB, of the type `mime`.
    """
    index_type = (np.uint16, UNSIGNED_SHORT) if len(vertices) < 65535 else (np.uint32, UNSIGNED_INT)
    parts: list[tuple[bytes, int | None]] = [
        (vertices.astype("<f4").tobytes(), ARRAY_BUFFER),
        (normals.astype("<f4").tobytes(), ARRAY_BUFFER),
        (uv.astype("<f4").tobytes(), ARRAY_BUFFER),
        (faces.astype(np.dtype(index_type[0]).newbyteorder("<")).tobytes(), ELEMENT_ARRAY_BUFFER),
        (image, None),
    ]
    low, high = (bound.astype("<f4").tolist() for bound in (vertices.min(0), vertices.max(0)))
    document = {
        "asset": {"version": "2.0", "generator": GENERATOR},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": name, "mesh": 0}],
        "meshes": [
            {
                "name": name,
                "primitives": [
                    {"attributes": {"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 2}, "indices": 3, "material": 0}
                ],
                "extras": {"draft": kind},
            }
        ],
        "materials": [
            {
                "name": name,
                "pbrMetallicRoughness": {
                    "baseColorTexture": {"index": 0},
                    "metallicFactor": 0,
                    "roughnessFactor": 0.8,
                },
            }
        ],
        "textures": [{"source": 0, "sampler": 0}],
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}],
        "images": [{"name": name, "bufferView": 4, "mimeType": mime}],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": FLOAT,
                "count": len(vertices),
                "type": "VEC3",
                "min": low,
                "max": high,
            },
            {"bufferView": 1, "componentType": FLOAT, "count": len(vertices), "type": "VEC3"},
            {"bufferView": 2, "componentType": FLOAT, "count": len(vertices), "type": "VEC2"},
            {"bufferView": 3, "componentType": index_type[1], "count": faces.size, "type": "SCALAR"},
        ],
    }
    return pack_glb(document, parts)


def pack_glb(document: Mapping[str, Any], parts: Sequence[tuple[bytes, int | None]]) -> bytes:
    """A glTF 2.0 binary file of a document and its data.

    Each of `parts` (bytes, and what the GPU uses them for, if anything) becomes the buffer view of its place in the
    row, at a multiple of four bytes; the document needs no buffers of its own.
    """
    views: list[dict[str, int]] = []
    binary = bytearray()
    for data, target in parts:
        view = {"buffer": 0, "byteOffset": len(binary), "byteLength": len(data)}
        views.append(view if target is None else view | {"target": target})
        binary += data + bytes(-len(data) % 4)
    whole = {**document, "bufferViews": views, "buffers": [{"byteLength": len(binary)}]}
    return b"".join(glb_pieces(whole, binary))
