# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's GLB, checked, and put right where it does not say what it means, for Blender's importer.

No bpy module use. What is put right, in a copy of the file:

- metallicFactor 0 where the file forgot it: glTF's default of 1 makes black metal of a photo's colors.
- COLOR_0 in bytes is linearised: glTF wants linear values, while the files of reconstruction services hold
  the sRGB bytes of the photo and would look washed out. Colors in 16 bits or floats come from exporters that
  know better. Where a texture is there too, the colors only tint it and stay as they are.
- Surfaces without a material get one: of the vertex colors, or plain gray.
- One scene with nothing in it but meshes and skeletons: no cameras, lights, points, lines, other scenes or
  scene extras.
"""

from __future__ import annotations

import json
import math
import pathlib
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_TRIANGLES = 20_000_000
MAX_COORDINATE = 1e6  # meters
GRAY = 0.5  # linear

DTYPES = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
ATTRIBUTES = {
    "POSITION": ("VEC3",),
    "NORMAL": ("VEC3",),
    "TEXCOORD": ("VEC2",),
    "COLOR": ("VEC3", "VEC4"),
    "JOINTS": ("VEC4",),
    "WEIGHTS": ("VEC4",),
}
UNSIGNED_BYTE, UNSIGNED_SHORT = 5121, 5123
TRIANGLE_MODES = (4, 5, 6)  # list, strip, fan

Json = dict[str, Any]


class ImportFailed(Exception):
    """The result cannot be brought into the scene; the message is one sentence for an artist."""


@dataclass(frozen=True)
class Contents:
    """What a GLB holds, as far as the import has to know."""

    triangles: int
    normals: bool  # every surface has its own normals
    uvs: bool  # some surface has UVs
    skinned: bool  # some mesh hangs on a skeleton


def prepare(source: pathlib.Path, target: pathlib.Path) -> Contents:
    """Checks the GLB `source` and writes it, put right as the module says, to `target`.

    Raises ImportFailed where there is no surface to import, or the file is damaged.
    """
    gltf, binary = _read(source)
    try:
        contents = _put_right(gltf, binary)
    except (
        AttributeError,
        IndexError,
        KeyError,
        TypeError,
        ValueError,
        RecursionError,
        OverflowError,
    ) as error:
        raise ImportFailed(f"The model file {source.name} is damaged: fetch the result again.") from error
    _write(target, gltf, binary)
    return contents


def _read(path: pathlib.Path) -> tuple[Json, bytearray]:
    """The JSON chunk and the binary chunk (empty where there is none)."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ImportFailed(f"The model file {path} is no longer there: fetch the result again.") from None
    except OSError as error:
        raise ImportFailed(f"The model file {path} cannot be read: {error.strerror or error}.") from error
    if content[:4] != b"glTF":
        raise ImportFailed(f"The file {path.name} is not a GLB model.")
    damaged = ImportFailed(f"The model file {path.name} is damaged or incomplete: fetch the result again.")
    try:
        _, version, length = struct.unpack_from("<4sII", content)
        json_length, json_kind = struct.unpack_from("<I4s", content, 12)
        if version != 2 or length > len(content) or json_kind != b"JSON" or 20 + json_length > length:
            raise damaged
        gltf = json.loads(content[20 : 20 + json_length].decode())
        start = 20 + json_length
        if start == length:
            return gltf, bytearray()
        size, kind = struct.unpack_from("<I4s", content, start)
    except (struct.error, ValueError, RecursionError) as error:
        raise damaged from error
    if kind != b"BIN\0" or start + 8 + size > length:
        raise damaged
    return gltf, bytearray(memoryview(content)[start + 8 : start + 8 + size])


def _write(path: pathlib.Path, gltf: Json, binary: bytearray) -> None:
    text = json.dumps(gltf).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    chunks: list[bytes | bytearray] = [
        struct.pack("<I4s", len(text), b"JSON"),
        text,
        struct.pack("<I4s", len(binary), b"BIN\0"),
        binary,
    ]
    try:
        with path.open("wb") as file:
            file.write(struct.pack("<4sII", b"glTF", 2, 12 + sum(map(len, chunks))))
            file.writelines(chunks)
    except OSError as error:
        raise ImportFailed(f"Blender's temporary folder cannot be written: {error.strerror or error}.") from error


def _put_right(gltf: Json, binary: bytearray) -> Contents:
    _refuse_other_files(gltf)
    _keep_one_scene(gltf)
    _keep_surfaces(gltf)
    nodes = _reached_nodes(gltf)
    reached = set(map(id, nodes))
    for node in gltf.get("nodes", []):
        if id(node) not in reached:
            node.pop("mesh", None)
    primitives = [
        primitive for node in nodes if "mesh" in node for primitive in gltf["meshes"][node["mesh"]]["primitives"]
    ]
    if not primitives:
        raise ImportFailed("The model holds no surface: it is empty, or only points or lines.")
    triangles = sum(_triangles(gltf, primitive) for primitive in primitives)
    if triangles == 0:
        raise ImportFailed("The model holds no surface: it has no faces.")
    if triangles > MAX_TRIANGLES:
        raise ImportFailed(f"The model has {triangles:,} faces, more than the {MAX_TRIANGLES:,} that can be imported.")
    unique = list({id(primitive): primitive for primitive in primitives}.values())
    for primitive in unique:
        _check_geometry(gltf, binary, primitive)
    skinned = any("skin" in node and "mesh" in node for node in nodes)
    if not skinned:
        # a prop stands still and has no bones
        gltf.pop("animations", None)
        gltf.pop("skins", None)
    _put_colors_right(gltf, binary, unique)
    _put_materials_right(gltf, unique)
    return Contents(
        triangles=triangles,
        normals=all("NORMAL" in primitive["attributes"] for primitive in unique),
        uvs=any("TEXCOORD_0" in primitive["attributes"] for primitive in unique),
        skinned=skinned,
    )


def _refuse_other_files(gltf: Json) -> None:
    """A result is one file; one that names others could read anything on this machine or its network."""
    outside = [buffer for buffer in gltf.get("buffers", []) if "uri" in buffer]
    outside += [image for image in gltf.get("images", []) if not image.get("uri", "data:").startswith("data:")]
    if outside:
        raise ImportFailed("The model file is not complete in itself: it refers to other files.")


def _keep_one_scene(gltf: Json) -> None:
    scenes, nodes = gltf.get("scenes", []), gltf.get("nodes", [])
    if scenes:
        roots = scenes[gltf.get("scene", 0)].get("nodes", [])
    else:
        children = {child for node in nodes for child in node.get("children", [])}
        roots = [index for index in range(len(nodes)) if index not in children]
    gltf["scenes"], gltf["scene"] = [{"nodes": roots}], 0
    for node in nodes:
        node.pop("camera", None)
        node.get("extensions", {}).pop("KHR_lights_punctual", None)
    gltf.pop("cameras", None)


def _keep_surfaces(gltf: Json) -> None:
    """Drops points and lines from the meshes, and meshes that then are empty from their nodes."""
    for mesh in gltf.get("meshes", []):
        mesh["primitives"] = [
            primitive
            for primitive in mesh["primitives"]
            if primitive.get("mode", 4) in TRIANGLE_MODES and "POSITION" in primitive["attributes"]
        ]
    for node in gltf.get("nodes", []):
        if "mesh" in node and not gltf["meshes"][node["mesh"]]["primitives"]:
            del node["mesh"]
            node.pop("skin", None)


def _reached_nodes(gltf: Json) -> list[Json]:
    """The scene's nodes; raises ValueError where one is reached twice, for glTF's nodes form trees."""
    nodes: list[Json] = []
    seen: set[int] = set()
    todo: list[int] = list(gltf["scenes"][0]["nodes"])
    while todo:
        index = todo.pop()
        if index in seen or index < 0:
            raise ValueError("a node has two parents")
        seen.add(index)
        node = gltf["nodes"][index]
        nodes.append(node)
        todo += node.get("children", [])
        numbers = [x for key in ("matrix", "translation", "rotation", "scale") for x in node.get(key, [])]
        if not all(math.isfinite(x) for x in numbers):
            raise ValueError("a node's place is not a number")
    return nodes


def _triangles(gltf: Json, primitive: Json) -> int:
    index = primitive.get("indices", primitive["attributes"]["POSITION"])
    count: int = gltf["accessors"][index]["count"]
    return count // 3 if primitive.get("mode", 4) == TRIANGLE_MODES[0] else max(count - 2, 0)


def _check_geometry(gltf: Json, binary: bytearray, primitive: Json) -> None:
    """Every array lies in the file, positions are sensible numbers, every index has its vertex."""
    counts = set()
    for name, index in primitive["attributes"].items():
        values = _array(gltf, binary, index)
        accessor = gltf["accessors"][index]
        counts.add(accessor["count"])
        if accessor["type"] not in ATTRIBUTES.get(name.partition("_")[0], COMPONENTS):
            raise ValueError(f"{name} of another type")
        if name == "POSITION" and values is not None and len(values):
            extreme = float(np.abs(values).max())
            if not math.isfinite(extreme):
                raise ImportFailed("The model's shape is broken (a place that is not a number): make it again.")
            if extreme > MAX_COORDINATE:
                raise ImportFailed("The model is unreasonably large (over a thousand kilometers): make it again.")
    if len(counts) != 1:
        raise ValueError("attributes of different lengths")
    if "indices" in primitive:
        indices = _array(gltf, binary, primitive["indices"])
        if indices is not None and len(indices) and int(indices.max()) >= counts.pop():
            raise ValueError("an index without a vertex")


def _array(gltf: Json, binary: bytearray, index: int) -> NDArray[Any] | None:
    """An accessor's stored values (count, components), or None where they are compressed, sparse or left out.

    Raises ValueError or TypeError where they lie outside the file.
    """
    accessor = gltf["accessors"][index]
    if "bufferView" not in accessor or "sparse" in accessor:
        return None
    view = gltf["bufferViews"][accessor["bufferView"]]
    dtype, components = np.dtype(DTYPES[accessor["componentType"]]), COMPONENTS[accessor["type"]]
    stride = view.get("byteStride") or dtype.itemsize * components
    return np.ndarray(
        (accessor["count"], components),
        dtype,
        buffer=memoryview(binary).toreadonly(),
        offset=view.get("byteOffset", 0) + accessor.get("byteOffset", 0),
        strides=(stride, dtype.itemsize),
    )


def _srgb_to_linear() -> NDArray[np.uint16]:
    """For each sRGB byte its linear value in 16 bits (IEC 61966-2-1)."""
    srgb = np.arange(256) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return (linear * 65535).round().astype(np.uint16)


def _put_colors_right(gltf: Json, binary: bytearray, primitives: list[Json]) -> None:
    table = _srgb_to_linear()
    done: dict[int, int] = {}
    for primitive in primitives:
        index = primitive["attributes"].get("COLOR_0")
        if index is None or gltf["accessors"][index]["componentType"] != UNSIGNED_BYTE or _textured(gltf, primitive):
            continue
        if index not in done:
            colors = _array(gltf, binary, index)
            if colors is None:
                continue
            linear = np.full((len(colors), 4), 65535, np.uint16)
            linear[:, :3] = table[colors[:, :3]]
            if colors.shape[1] == 4:
                linear[:, 3] = colors[:, 3] * np.uint16(257)
            del colors  # it holds the bytes that are about to grow
            done[index] = _add_array(gltf, binary, linear)
        primitive["attributes"]["COLOR_0"] = done[index]


def _add_array(gltf: Json, binary: bytearray, values: NDArray[np.uint16]) -> int:
    binary += b"\0" * (-len(binary) % 4)
    gltf["bufferViews"].append({"buffer": 0, "byteOffset": len(binary), "byteLength": values.nbytes})
    binary += values.tobytes()
    gltf["buffers"][0]["byteLength"] = len(binary)
    gltf["accessors"].append(
        {
            "bufferView": len(gltf["bufferViews"]) - 1,
            "componentType": UNSIGNED_SHORT,
            "normalized": True,
            "count": len(values),
            "type": "VEC4",
        }
    )
    return len(gltf["accessors"]) - 1


def _textured(gltf: Json, primitive: Json) -> bool:
    if "material" not in primitive:
        return False
    return "baseColorTexture" in gltf["materials"][primitive["material"]].get("pbrMetallicRoughness", {})


def _put_materials_right(gltf: Json, primitives: list[Json]) -> None:
    materials = gltf.setdefault("materials", [])
    for material in materials:
        surface = material.setdefault("pbrMetallicRoughness", {})
        if "metallicRoughnessTexture" not in surface:
            surface.setdefault("metallicFactor", 0)
    made: dict[bool, int] = {}
    for primitive in primitives:
        if "material" in primitive:
            continue
        colored = "COLOR_0" in primitive["attributes"]
        if colored not in made:
            surface = {"metallicFactor": 0}
            if not colored:
                surface["baseColorFactor"] = [GRAY, GRAY, GRAY, 1]
            materials.append({"name": "Vertex Colors" if colored else "Gray", "pbrMetallicRoughness": surface})
            made[colored] = len(materials) - 1
        primitive["material"] = made[colored]
