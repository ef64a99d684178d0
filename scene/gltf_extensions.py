# SPDX-License-Identifier: GPL-3.0-or-later
"""What a GLB needs beyond plain glTF, and whether this Blender's importer can read it. No bpy."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterable
from typing import Any

from ..engine.gltf.container import Json
from .import_failed import ImportFailed

DRACO = "KHR_draco_mesh_compression"
MESHOPT = ("EXT_meshopt_compression", "KHR_meshopt_compression")
PLAIN_WORDS = {
    DRACO: "geometry compressed with Draco",
    **dict.fromkeys(MESHOPT, "geometry compressed with meshopt"),
    "KHR_texture_basisu": "textures compressed as KTX2 (Basis Universal)",
    "EXT_texture_webp": "textures compressed as WebP",
    "EXT_texture_avif": "textures compressed as AVIF",
    "MSFT_texture_dds": "textures compressed as DDS",
    "KHR_gaussian_splatting": "Gaussian splats",
}
LOOKS = "KHR_materials_"
"""Begins the names of extensions that refine a material, which is there without them, too."""


def readable_extensions() -> frozenset[str] | None:
    """What Blender's importer can read; None where it does not say."""
    try:
        addon: Any = importlib.import_module("io_scene_gltf2")
        importer = importlib.import_module("io_scene_gltf2.io.imp.gltf2_io_gltf").glTFImporter
        found = set(importer("", {"import_user_extensions": [], "loglevel": 50}).extensions_managed)
        if not addon.is_draco_available():
            found.discard(DRACO)
        if found.intersection(MESHOPT) and not addon.is_meshopt_available():
            found.difference_update(MESHOPT)
    except (ImportError, AttributeError, KeyError, TypeError):  # another one of it, another inside
        return None
    return frozenset(found)


def check_extensions(gltf: Json, readable: Collection[str] | None) -> None:
    """Puts the lists of extensions in order, and refuses what the importer could not read.

    What only refines materials need not be read. Raises ImportFailed, and KeyError, IndexError or TypeError where the
    file is damaged.
    """
    required = [name for name in gltf.pop("extensionsRequired", []) if not _refines(name, readable)]
    if required:
        gltf["extensionsRequired"] = required
        gltf["extensionsUsed"] = list(dict.fromkeys([*gltf.get("extensionsUsed", []), *required]))
    if readable is None:
        return
    for name in [*required, *_without_fallback(gltf, readable)]:
        if name not in readable:
            what = PLAIN_WORDS.get(name, f"the glTF extension {name}")
            raise ImportFailed(
                f"The model file needs {what}, which this Blender cannot read: make it again without that, or convert "
                "it with another program."
            )
    # an importer that knows of a compression and lacks its library would not look at the plain data beside it
    primitives = [primitive for mesh in gltf.get("meshes", []) for primitive in mesh["primitives"]]
    for part in [*gltf.get("bufferViews", []), *primitives]:
        for name in {DRACO, *MESHOPT}.difference(readable):
            part.get("extensions", {}).pop(name, None)


def _refines(name: str, readable: Collection[str] | None) -> bool:
    return name.startswith(LOOKS) and readable is not None and name not in readable


def _without_fallback(gltf: Json, readable: Collection[str]) -> Iterable[str]:
    """What is not said to be required, but has nothing plain in its place."""
    for texture in gltf.get("textures", []):
        sources = [name for name, source in texture.get("extensions", {}).items() if "source" in source]
        if "source" not in texture and sources and not set(sources) & set(readable):
            yield sources[0]
    buffers = gltf.get("buffers", [])
    for view in gltf.get("bufferViews", []):
        for name in MESHOPT:
            # of a GLB's buffers only the first one is in the file
            if name in view.get("extensions", {}) and view["buffer"] > 0 and "uri" not in buffers[view["buffer"]]:
                yield name
    for mesh in gltf.get("meshes", []):
        for primitive in mesh["primitives"]:
            index = primitive["attributes"].get("POSITION")
            compressed = DRACO in primitive.get("extensions", {}) and index is not None
            if compressed and "bufferView" not in gltf["accessors"][index]:
                yield DRACO
