# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of everything a GLB may hold; a file of a few kilobytes can ask for more than any computer has. No bpy.

Said before Blender's importer begins, which could neither be stopped nor undone. The limits lie far above what services
make, and within what Blender can still show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..engine.gltf.accessors import COMPONENTS, Storage, storage_of
from ..engine.gltf.container import Data, Json
from ..engine.picture_size import picture_size
from .gltf_parts import instances_of
from .import_failed import ImportFailed

MAX_TRIANGLES = 20_000_000
MAX_VERTICES = 60_000_000  # those of morph targets, too
MAX_NODES = 100_000
MAX_OBJECTS = 3_000  # beyond, the importer takes minutes
MAX_DEPTH = 300  # of nodes below nodes; the importer goes down by recursion
MAX_MATERIALS = 4_000  # beyond, the importer takes minutes
MAX_TEXTURES = 4_000
MAX_TARGETS = 2_000  # of one mesh
MAX_KEYFRAMES = 20_000_000
MAX_SIDE = 16_384  # pixels of a texture
MAX_PIXELS = 2 * MAX_SIDE**2  # of all textures: two gigabytes when they are shown


def check_pictures(gltf: Json, binary: Data) -> None:
    """Raises ImportFailed where textures are too large to be shown; they are not decoded."""
    total = 0
    for image in gltf.get("images", []):
        if "bufferView" not in image:
            continue
        view = gltf["bufferViews"][image["bufferView"]]
        start = view.get("byteOffset", 0)
        width, height = picture_size(memoryview(binary)[start : start + view["byteLength"]]) or (0, 0)
        total += width * height
        if width * height > MAX_SIDE**2:
            raise ImportFailed(
                f"The model has a texture of {width:,} x {height:,} pixels, more than the {MAX_SIDE:,} x {MAX_SIDE:,} "
                "that can be imported: make it again with a smaller one."
            )
    if total > MAX_PIXELS:
        raise ImportFailed(
            f"The model's textures have {total // 10**6:,} million pixels together, more than the "
            f"{MAX_PIXELS // 10**6:,} million that can be imported: make it again with smaller ones."
        )


def check_layout(gltf: Json) -> None:
    """Raises ValueError where arrays are said to lie before their beginning: the importer would read foreign memory."""
    for part in [*gltf.get("bufferViews", []), *gltf.get("accessors", [])]:
        if any(part.get(key, 0) < 0 for key in ("byteOffset", "byteLength", "byteStride", "count")):
            raise ValueError("a negative place")


def check_nodes(gltf: Json) -> None:
    """Raises ImportFailed for more nodes than can be looked at."""
    _at_most(MAX_NODES, len(gltf.get("nodes", [])), "parts")


def count_triangles(gltf: Json, shown: Iterable[tuple[Json, Sequence[Json]]]) -> int:
    """How many triangles nodes show with their primitives, once for each instance.

    Raises ImportFailed where these, their vertices or the values that the file does not store are too many.
    """
    triangles = vertices = 0
    for node, primitives in shown:
        times = instances_of(gltf, node)
        for primitive in primitives:
            count = _count(gltf, primitive["attributes"]["POSITION"])
            vertices += times * count * (1 + len(primitive.get("targets", [])) + len(primitive["attributes"]) // 8)
            corners = _count(gltf, primitive["indices"]) if "indices" in primitive else count
            triangles += times * (corners // 3 if primitive.get("mode", 4) == 4 else max(corners - 2, 0))
    _at_most(MAX_TRIANGLES, triangles, "faces")
    stored = (Storage.PLAIN, Storage.COMPRESSED)
    accessors = gltf.get("accessors", [])
    absent = sum(
        _count(gltf, index) * COMPONENTS.get(accessor["type"], 9)
        for index, accessor in enumerate(accessors)
        if storage_of(gltf, index) not in stored
    )
    _at_most(MAX_VERTICES, max(vertices, absent // 3), "vertices")
    return triangles


def _count(gltf: Json, index: int) -> int:
    count = gltf["accessors"][index]["count"]
    if not isinstance(count, int) or count < 0:
        raise ValueError("no count")
    return count


def check_objects(gltf: Json) -> None:
    """Raises ImportFailed where the importer would make too many of anything, or go too deep."""
    nodes = gltf.get("nodes", [])
    _at_most(MAX_OBJECTS, sum(instances_of(gltf, node) for node in nodes), "objects")
    parts = [part for mesh in gltf.get("meshes", []) for part in mesh["primitives"]]
    _at_most(MAX_MATERIALS, len({part.get("material") for part in parts}), "materials")
    _at_most(MAX_TEXTURES, len(gltf.get("images", [])), "textures")
    _at_most(MAX_TARGETS, max((len(part.get("targets", [])) for part in parts), default=0), "morph targets")
    samplers = [
        animation["samplers"][channel["sampler"]]
        for animation in gltf.get("animations", [])
        for channel in animation["channels"]
    ]
    _at_most(MAX_KEYFRAMES, sum(_count(gltf, sampler["output"]) for sampler in samplers), "keyframes")
    level, depth = list(gltf["scenes"][0]["nodes"]), 0
    while level:
        level, depth = [child for index in level for child in nodes[index].get("children", [])], depth + 1
    _at_most(MAX_DEPTH, depth, "levels of objects below objects")


def _at_most(most: int, count: int, what: str) -> None:
    if count > most:
        raise ImportFailed(
            f"The model has {count:,} {what}, more than the {most:,} that can be imported: make it again with fewer, "
            "or simplify it in another program."
        )
