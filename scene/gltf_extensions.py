# SPDX-License-Identifier: GPL-3.0-or-later
"""What a GLB needs beyond plain glTF, and whether this Blender's importer can read it. No bpy."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterable, Mapping
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


def readable_extensions() -> Mapping[str, bool] | None:
    """What Blender's importer knows, and of each whether what decodes it is there; None where it does not say."""
    try:
        addon: Any = importlib.import_module("io_scene_gltf2")
        importer = importlib.import_module("io_scene_gltf2.io.imp.gltf2_io_gltf").glTFImporter
        found = dict.fromkeys(importer("", {"import_user_extensions": [], "loglevel": 50}).extensions_managed, True)
        if DRACO in found:
            found[DRACO] = addon.is_draco_available()
        for name in found.keys() & MESHOPT:
            found[name] = addon.is_meshopt_available()
    except (ImportError, AttributeError, KeyError, TypeError):  # another one of it, another inside
        return None
    return found


def check_extensions(gltf: Json, readable: Mapping[str, bool] | None) -> None:
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
    decodable = {name for name, is_there in readable.items() if is_there}
    for name in [*required, *_without_fallback(gltf, decodable)]:
        if name not in decodable and (name not in readable or _is_used(gltf, name)):
            what = PLAIN_WORDS.get(name, f"the glTF extension {name}")
            raise ImportFailed(
                f"The model file needs {what}, which this Blender cannot read: make it again without that, or convert "
                "it with another program."
            )
    # an importer that knows of a compression and lacks its library would not look at the plain data beside it
    for part in _compressible(gltf):
        for name in {DRACO, *MESHOPT}.difference(decodable):
            part.get("extensions", {}).pop(name, None)


def _is_used(gltf: Json, name: str) -> bool:
    """Whether some data are compressed so: a file may say that it needs an extension which nothing in it uses."""
    return any(name in part.get("extensions", {}) for part in _compressible(gltf))


def _compressible(gltf: Json) -> list[Json]:
    primitives = [primitive for mesh in gltf.get("meshes", []) for primitive in mesh["primitives"]]
    return [*gltf.get("bufferViews", []), *primitives]


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
