# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's GLB, checked, and put right where it does not say what it means, for Blender's importer.

No bpy module use. What is put right, in a copy of the file:

- Colors and materials (`gltf_materials`), numbers that are none (`gltf_numbers`), data in addresses, very many parts
  (`gltf_parts`).
- One scene with nothing in it but meshes, skeletons and what moves them (`gltf_motion`): no cameras, lights, points,
  lines, other scenes or scene extras.

What cannot be read (`gltf_extensions`) or is too much (`gltf_limits`) is refused.
"""

from __future__ import annotations

import math
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.gltf.accessors import COMPONENTS, read_indices, stored_values
from ..engine.gltf.container import MAGIC, ContainerError, Json, glb_pieces, read_glb
from ..engine.gltf.data_addresses import take_data_in
from .gltf_extensions import check_extensions
from .gltf_limits import check_layout, check_nodes, check_objects, check_pictures, count_triangles
from .gltf_materials import put_colors_right, put_materials_right
from .gltf_merging import merging_keeps_faces
from .gltf_motion import keep_motion
from .gltf_numbers import PLACE, drop_no_numbers, fill_no_numbers
from .gltf_parts import join_parts
from .import_failed import ImportFailed

# faces; beyond, merging takes half as long again as the import, and so dense a surface shades evenly anyway
MERGE_LIMIT = 100_000
MAX_COORDINATE = 1e6  # meters
NOT_A_PLACE = "The model's shape is broken (a place that is not a number): make it again."

ATTRIBUTES = {
    "POSITION": ("VEC3",),
    "NORMAL": ("VEC3",),
    "TEXCOORD": ("VEC2",),
    "COLOR": ("VEC3", "VEC4"),
    "JOINTS": ("VEC4",),
    "WEIGHTS": ("VEC4",),
}
TRIANGLE_MODES = (4, 5, 6)  # list, strip, fan


@dataclass(frozen=True)
class Contents:
    """What a GLB holds, as far as the import has to know."""

    mergeable: bool  # there may be seams of UVs, whose vertices can be merged without a loss of faces
    skinned: bool  # some mesh hangs on a skeleton


def prepare(
    source: pathlib.Path, target: pathlib.Path, *, still: bool = False, readable: Mapping[str, bool] | None = None
) -> Contents:
    """Checks the GLB `source` and writes it, put right as the module says, to `target`.

    still: without what moves a model that has no skeleton. readable: the extensions that the importer knows and whether
    it can decode them, if that is known.

    Raises ImportFailed where there is no surface to import, or the file is damaged.
    """
    gltf, binary = _read(source)
    try:
        drop_no_numbers(gltf)
        check_extensions(gltf, readable)
        contents = _repair(gltf, binary, still=still)
        joined = join_parts(gltf, binary)
        check_objects(gltf)
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
    _write(target, gltf, joined)
    # parts that were put together need not share the vertices at which they touch
    return replace(contents, mergeable=contents.mergeable and joined is binary)


def _read(path: pathlib.Path) -> tuple[Json, bytearray]:
    """The JSON chunk and the binary chunk (empty where there is none)."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ImportFailed(f"The model file {path} is no longer there: fetch the result again.") from None
    except OSError as error:
        raise ImportFailed(f"The model file {path} cannot be read: {error.strerror or error}.") from error
    if content[:4] != MAGIC:
        raise ImportFailed(f"The file {path.name} is not a GLB model.")
    try:
        gltf, data = read_glb(content)
    except ContainerError as error:
        raise ImportFailed(f"The model file {path.name} is damaged or incomplete: fetch the result again.") from error
    return gltf, bytearray(data)


def _write(path: pathlib.Path, gltf: Json, binary: bytearray) -> None:
    try:
        with path.open("wb") as file:
            file.writelines(glb_pieces(gltf, binary))
    except OSError as error:
        raise ImportFailed(f"Blender's temporary folder cannot be written: {error.strerror or error}.") from error


def _repair(gltf: Json, binary: bytearray, *, still: bool) -> Contents:
    take_data_in(gltf, binary)
    _refuse_other_files(gltf)
    check_layout(gltf)
    check_pictures(gltf, binary)
    check_nodes(gltf)
    _keep_one_scene(gltf)
    _keep_surfaces(gltf)
    nodes = _reached_nodes(gltf)
    reached = set(map(id, nodes))
    for node in gltf.get("nodes", []):
        if id(node) not in reached:
            for key in ("mesh", *PLACE):
                node.pop(key, None)
    shown = [(node, gltf["meshes"][node["mesh"]]["primitives"]) for node in nodes if "mesh" in node]
    primitives = [primitive for _, own in shown for primitive in own]
    if not primitives:
        raise ImportFailed("The model holds no surface: it is empty, or only points or lines.")
    triangles = count_triangles(gltf, shown)
    if triangles == 0:
        raise ImportFailed("The model holds no surface: it has no faces.")
    unique = list({id(primitive): primitive for primitive in primitives}.values())
    for primitive in unique:
        fill_no_numbers(gltf, binary, primitive)
        _check_geometry(gltf, binary, primitive)
    skinned = any("skin" in node and "mesh" in node for node in nodes)
    if not skinned:
        gltf.pop("skins", None)
        if still:
            gltf.pop("animations", None)
    keep_motion(gltf, binary, [index for index, node in enumerate(gltf["nodes"]) if id(node) in reached])
    put_colors_right(gltf, binary, unique)
    put_materials_right(gltf, unique)
    has_seams = triangles <= MERGE_LIMIT and any("TEXCOORD_0" in primitive["attributes"] for primitive in unique)
    meshes = {id(own): own for _, own in shown}.values()
    mergeable = has_seams and all(merging_keeps_faces(gltf, binary, mesh) for mesh in meshes)
    return Contents(skinned=skinned, mergeable=mergeable)


def _refuse_other_files(gltf: Json) -> None:
    """A result is one file; one that names others could read anything on this machine or its network."""
    if any("uri" in part for part in [*gltf.get("buffers", []), *gltf.get("images", [])]):
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
    gltf.get("extensions", {}).pop("KHR_lights_punctual", None)


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
        numbers = [x for key in PLACE for x in node.get(key, [])]
        if not all(math.isfinite(x) for x in numbers):
            raise ImportFailed(NOT_A_PLACE)
    return nodes


def _check_geometry(gltf: Json, binary: bytearray, primitive: Json) -> None:
    """Every array lies in the file, positions are sensible numbers, every index has its vertex."""
    counts = set()
    for name, index in primitive["attributes"].items():
        stored_values(gltf, binary, index)
        accessor = gltf["accessors"][index]
        counts.add(accessor["count"])
        if accessor["type"] not in ATTRIBUTES.get(name.partition("_")[0], COMPONENTS):
            raise ValueError(f"{name} of another type")
    if len(counts) != 1:
        raise ValueError("attributes of different lengths")
    indices = None
    if "indices" in primitive and stored_values(gltf, binary, primitive["indices"]) is not None:
        indices = read_indices(gltf, binary, primitive["indices"], counts.pop())
    positions = stored_values(gltf, binary, primitive["attributes"]["POSITION"])
    if positions is not None:
        _check_positions(positions, indices)


def _check_positions(positions: NDArray[Any], indices: NDArray[Any] | None) -> None:
    extreme = float(np.abs(positions).max(initial=0))
    if not extreme <= MAX_COORDINATE and indices is not None:  # what no face uses does not come in
        extreme = float(np.abs(positions[np.unique(indices)]).max(initial=0))
    if not math.isfinite(extreme):
        raise ImportFailed(NOT_A_PLACE)
    if extreme > MAX_COORDINATE:
        raise ImportFailed("The model is unreasonably large (over a thousand kilometers): make it again.")
