# SPDX-License-Identifier: GPL-3.0-or-later
"""Colors and materials of a GLB, put right where the file does not say what it means. No bpy.

- metallicFactor 0 where the file forgot it: glTF's default of 1 makes black metal of a photo's colors.
- COLOR_0 in bytes is linearised: glTF wants linear values, while the files of reconstruction services hold
  the sRGB bytes of the photo and would look washed out. Colors in 16 bits or floats come from exporters that
  know better. Where a texture is there too, the colors only tint it and stay as they are.
- Surfaces without a material get one: of the vertex colors, or plain gray.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..engine.color import linear_16_bit
from ..engine.gltf.accessors import UNSIGNED_BYTE, UNSIGNED_SHORT, stored_values
from ..engine.gltf.container import Json, append_data

GRAY = 0.5  # linear


def put_colors_right(gltf: Json, binary: bytearray, primitives: list[Json]) -> None:
    """Linearises colors in bytes where there is no texture."""
    done: dict[int, int] = {}
    for primitive in primitives:
        index = primitive["attributes"].get("COLOR_0")
        if index is None or gltf["accessors"][index]["componentType"] != UNSIGNED_BYTE or _textured(gltf, primitive):
            continue
        if index not in done:
            colors = stored_values(gltf, binary, index)
            if colors is None:
                continue
            linear = linear_16_bit(colors)
            del colors  # it holds the bytes that are about to grow
            done[index] = _add_array(gltf, binary, linear)
        primitive["attributes"]["COLOR_0"] = done[index]


def _add_array(gltf: Json, binary: bytearray, values: NDArray[np.uint16]) -> int:
    view = {"buffer": 0, "byteOffset": append_data(binary, values.tobytes()), "byteLength": values.nbytes}
    gltf["bufferViews"].append(view)
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


def put_materials_right(gltf: Json, primitives: list[Json]) -> None:
    """Gives surfaces without a material one, and those that do not say how metallic they are none of it."""
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
