# SPDX-License-Identifier: GPL-3.0-or-later
"""GLB files for the tests, written from numpy arrays: whole, odd and broken ones.

All coordinates are glTF's own: Y is up and +Z is the front.
"""

from __future__ import annotations

import json
import pathlib
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

COMPONENTS = {"uint8": 5121, "uint16": 5123, "uint32": 5125, "float32": 5126}
TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


def png(pixels: NDArray[np.uint8]) -> bytes:
    """The bytes of a PNG of `pixels` (height, width, 3), first row at the top."""
    height, width, _ = pixels.shape

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


class Glb:
    """A GLB in the making: add arrays, meshes and nodes, then write it."""

    def __init__(self) -> None:
        self.binary = bytearray()
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": []}],
            "nodes": [],
            "meshes": [],
            "accessors": [],
            "bufferViews": [],
        }

    def _view(self, data: bytes) -> int:
        self.binary += b"\0" * (-len(self.binary) % 4)
        views: list[dict[str, int]] = self.json["bufferViews"]
        views.append({"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)})
        self.binary += data
        return len(views) - 1

    def array(self, values: NDArray[Any], normalized: bool = False) -> int:
        """Adds an accessor for `values`, (n,) or (n, components), and gives its index."""
        components = 1 if values.ndim == 1 else values.shape[1]
        accessor = {
            "bufferView": self._view(values.tobytes()),
            "componentType": COMPONENTS[values.dtype.name],
            "count": len(values),
            "type": TYPES[components],
        }
        if normalized:
            accessor["normalized"] = True
        accessors: list[dict[str, Any]] = self.json["accessors"]
        accessors.append(accessor)
        return len(accessors) - 1

    def material(self, image: bytes = b"", **factors: Any) -> int:
        """Adds a material with `factors` of pbrMetallicRoughness and perhaps a base color texture."""
        if image:
            images = self.json.setdefault("images", [])
            images.append({"bufferView": self._view(image), "mimeType": "image/png", "name": "photo"})
            self.json.setdefault("textures", []).append({"source": len(images) - 1})
            factors["baseColorTexture"] = {"index": len(images) - 1}
        materials: list[dict[str, Any]] = self.json.setdefault("materials", [])
        materials.append({"name": "surface", "pbrMetallicRoughness": factors})
        return len(materials) - 1

    def primitive(
        self,
        positions: NDArray[Any],
        faces: NDArray[Any] | None,
        *,
        normals: NDArray[Any] | None = None,
        uvs: NDArray[Any] | None = None,
        colors: NDArray[Any] | None = None,
        material: int | None = None,
        mode: int | None = None,
    ) -> dict[str, Any]:
        """One primitive; uint8 colors are marked as normalized."""
        attributes = {"POSITION": self.array(positions.astype(np.float32))}
        if normals is not None:
            attributes["NORMAL"] = self.array(normals.astype(np.float32))
        if uvs is not None:
            attributes["TEXCOORD_0"] = self.array(uvs.astype(np.float32))
        if colors is not None:
            attributes["COLOR_0"] = self.array(colors, normalized=colors.dtype.kind == "u")
        found: dict[str, Any] = {"attributes": attributes}
        if faces is not None:
            found["indices"] = self.array(faces.astype(np.uint32).ravel())
        if material is not None:
            found["material"] = material
        if mode is not None:
            found["mode"] = mode
        return found

    def mesh(self, *primitives: dict[str, Any]) -> int:
        """Adds a mesh and gives its index."""
        meshes: list[dict[str, Any]] = self.json["meshes"]
        meshes.append({"name": "geometry", "primitives": list(primitives)})
        return len(meshes) - 1

    def node(self, *, root: bool = True, **fields: Any) -> int:
        """Adds a node with glTF's own fields and gives its index."""
        nodes: list[dict[str, Any]] = self.json["nodes"]
        nodes.append(fields)
        if root:
            self.json["scenes"][0]["nodes"].append(len(nodes) - 1)
        return len(nodes) - 1

    def bytes(self) -> bytes:
        """The file's content."""
        self.json.setdefault("buffers", [{}])[0]["byteLength"] = len(self.binary)
        text = json.dumps(self.json).encode()
        text += b" " * (-len(text) % 4)
        binary = bytes(self.binary) + b"\0" * (-len(self.binary) % 4)
        body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
        return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body

    def write(self, path: pathlib.Path) -> pathlib.Path:
        """Writes the file and gives its path."""
        path.write_bytes(self.bytes())
        return path


def sphere(columns: int, rows: int, *, seam: bool = True) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Unit sphere: positions (n, 3), faces (m, 3) counter-clockwise from outside, and UVs (n, 2).

    With `seam` the first and the last column are two rows of vertices at the same places, as UVs need.
    2 * columns * (rows - 1) faces.
    """
    around = np.linspace(0, 2 * np.pi, columns + 1)
    down = np.linspace(0, np.pi, rows + 1)
    angle, polar = np.meshgrid(around, down)
    positions = np.stack([np.sin(polar) * np.cos(angle), np.cos(polar), -np.sin(polar) * np.sin(angle)], axis=-1)
    # exactly equal across the seam and at the poles, as a real file has it
    positions[:, -1] = positions[:, 0]
    positions[0], positions[-1] = (0, 1, 0), (0, -1, 0)
    uvs = np.stack([angle / (2 * np.pi), polar / np.pi], axis=-1)
    index = np.arange(positions.shape[0] * positions.shape[1]).reshape(positions.shape[:2])
    if not seam:
        index[:, -1] = index[:, 0]
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    lower, upper = np.stack([a, b, c], axis=-1), np.stack([a, c, d], axis=-1)
    faces = np.concatenate([lower[:-1].reshape(-1, 3), upper[1:].reshape(-1, 3)])
    return positions.reshape(-1, 3), faces, uvs.reshape(-1, 2)


def box(size: tuple[float, float, float] = (1, 1, 1)) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """A box about the origin with hard edges: positions (24, 3), faces (12, 3), normals (24, 3)."""
    positions: list[NDArray[Any]] = []
    faces: list[list[int]] = []
    normals: list[NDArray[Any]] = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            u, v = np.eye(3)[(axis + 1) % 3], np.eye(3)[(axis + 2) % 3]
            normal = np.eye(3)[axis] * sign
            base = len(positions)
            positions += [normal - u - v, normal + u - v, normal + u + v, normal - u + v]
            normals += [normal] * 4
            corners = [(0, 1, 2), (0, 2, 3)] if sign > 0 else [(0, 2, 1), (0, 3, 2)]
            faces += [[base + i for i in corner] for corner in corners]
    return np.array(positions) * np.array(size) / 2, np.array(faces), np.array(normals)
