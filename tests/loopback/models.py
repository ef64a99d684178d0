# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that the services deliver: small, but whole. And some that nobody should trust."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from functools import cache
from typing import Any

POINTS = [(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
FACES = [
    *((0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5)),
    *((0, 4, 5), (0, 5, 1), (2, 3, 7), (2, 7, 6)),
    *((0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)),
]
COLORS = [(255, 128 * (i & 1), 60 * (i >> 1 & 1), 255) for i in range(8)]
SPLAT = (
    "x y z nx ny nz f_dc_0 f_dc_1 f_dc_2 opacity scale_0 scale_1 scale_2 rot_0 rot_1 rot_2 rot_3"  # as 3DGS writes them
).split()
BOMB_BYTES = 3 << 30
BOMB_CHECK = 0x480BBE37  # the CRC of so many zeros


def png(width: int = 4, height: int = 4, channels: int = 3, fill: int = 200) -> bytes:
    """A PNG of one color, 8 bit; channels 1 gray, 3 RGB, 4 RGBA."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    color = {1: 0, 3: 2, 4: 6}[channels]
    rows = (b"\0" + bytes([fill]) * (width * channels)) * height
    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    pieces = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(pieces)


def glb(*, textured: bool = False, name: str = "geometry_0", scale: float = 1.0) -> bytes:
    """A cube about the origin as the model's own exporter writes it.

    By default with colors at its vertices (COLOR_0, bytes) and neither material nor normals nor UVs; `textured` with
    a base color picture, roughness 1 and no metallicFactor. `name` is of the node and the mesh.
    """
    binary = bytearray()
    views: list[dict[str, int]] = []

    def view(data: bytes) -> int:
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data)})
        binary.extend(data + bytes(-len(data) % 4))
        return len(views) - 1

    half = scale / 2
    position = view(b"".join(struct.pack("<3f", *(scale * value for value in point)) for point in POINTS))
    index = view(b"".join(struct.pack("<3I", *face) for face in FACES))
    bounds = {"min": [-half] * 3, "max": [half] * 3}
    accessors: list[dict[str, Any]] = [
        {"bufferView": position, "componentType": 5126, "count": 8, "type": "VEC3", **bounds},
        {"bufferView": index, "componentType": 5125, "count": 36, "type": "SCALAR"},
    ]
    primitive: dict[str, Any] = {"attributes": {"POSITION": 0}, "indices": 1, "mode": 4}
    document: dict[str, Any] = {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}]}
    if textured:
        uv = view(b"".join(struct.pack("<2f", x + 0.5, y + 0.5) for x, y, _ in POINTS))
        accessors.append({"bufferView": uv, "componentType": 5126, "count": 8, "type": "VEC2"})
        primitive["attributes"]["TEXCOORD_0"] = 2
        primitive["material"] = 0
        document["images"] = [{"bufferView": view(png(8, 8)), "mimeType": "image/png"}]
        document["textures"] = [{"source": 0}]
        surface = {"baseColorTexture": {"index": 0}, "roughnessFactor": 1.0}
        document["materials"] = [{"name": "material_0", "pbrMetallicRoughness": surface}]
    else:
        color = view(b"".join(bytes(color) for color in COLORS))
        accessors.append({"bufferView": color, "componentType": 5121, "normalized": True, "count": 8, "type": "VEC4"})
        primitive["attributes"]["COLOR_0"] = 2
    document |= {
        "nodes": [{"name": name, "mesh": 0}],
        "meshes": [{"name": name, "primitives": [primitive]}],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def mesh_ply() -> bytes:
    """The same cube as a binary PLY mesh."""
    properties = "".join(f"property float {axis}\n" for axis in "xyz")
    header = f"ply\nformat binary_little_endian 1.0\nelement vertex 8\n{properties}"
    header += "element face 12\nproperty list uchar int vertex_indices\nend_header\n"
    body = b"".join(struct.pack("<3f", *point) for point in POINTS)
    return header.encode() + body + b"".join(struct.pack("<B3i", 3, *face) for face in FACES)


def gaussian_ply(count: int = 16) -> bytes:
    """A PLY of Gaussians: points without faces, as Gaussian splatting writes them."""
    properties = "".join(f"property float {name}\n" for name in SPLAT)
    header = f"ply\nformat binary_little_endian 1.0\nelement vertex {count}\n{properties}end_header\n"
    return header.encode() + b"".join(struct.pack(f"<{len(SPLAT)}f", *[i / count] * len(SPLAT)) for i in range(count))


def keypoints(people: int = 1, points: int = 70) -> bytes:
    """The JSON of a body's keypoints: meters, camera convention (y down)."""
    found = [
        {"person_id": person, "keypoints_3d": [[0.01 * i, 0.02 * i - 0.7, 3.0] for i in range(points)]}
        for person in range(people)
    ]
    return json.dumps({"num_people": people, "people": found}).encode()


def archive(**files: bytes) -> bytes:
    """A ZIP; by default with what a service's artifacts hold. Names: `model_glb` becomes model.glb."""
    contents = files or {"model_glb": glb(), "gaussian_ply": gaussian_ply(), "metadata_json": b"{}"}
    return packed({name.replace("_", ".", 1): content for name, content in contents.items()})


@cache
def zip_bomb() -> bytes:
    """A ZIP of 3 MB that holds 3 GiB, and says so."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    # A long run of zeros packs to the same bytes again and again: every block ends at a full flush.
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    blocks = BOMB_BYTES // len(block)
    packed = first + again * (blocks - 1) + packer.flush()
    name = b"model.glb"
    sizes = struct.pack("<III", BOMB_CHECK, len(packed), BOMB_BYTES)
    head = struct.pack("<HHHHH", 20, 0, 8, 0, 0x21) + sizes + struct.pack("<HH", len(name), 0)
    local = b"PK\x03\x04" + head + name
    central = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    start = len(local) + len(packed)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), start, 0)
    return local + packed + central + end


def zip_outside() -> bytes:
    """A ZIP whose names lead out of the folder that it is unpacked in."""
    return packed({"../outside.glb": glb(), "/absolute.glb": glb(), "folder/../../up.txt": b"up", "model.glb": glb()})


def packed(files: dict[str, bytes]) -> bytes:
    """A ZIP of these files."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return memory.getvalue()
