# SPDX-License-Identifier: GPL-3.0-or-later
"""A GLB of very many parts that stand still becomes one of few, before Blender's importer sees it. No bpy.

The importer makes an object of each node and of each instance, and each further one costs more than the one before, as
do the primitives of a mesh: ten thousand take minutes. They become one object in the end, so their surfaces are put
together here, by material, each where its node stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.arrays import Floats
from ..engine.gltf.accessors import FLOAT, UNSIGNED_INT, Storage, read_numbers, read_values, storage_of
from ..engine.gltf.container import Data, Json, append_data
from ..engine.gltf.nodes import placed_nodes, turn_matrices

MANY = 250
"""Objects, and primitives of each, up to which the importer is quick."""
INSTANCING = "EXT_mesh_gpu_instancing"
AT_ONCE = 1_000_000
"""Vertices that are moved in one step."""

Kind = tuple[tuple[str, int, str, bool], ...]
"""What a primitive's attributes are: name, type of component, type, normalized."""


def instances_of(gltf: Json, node: Json) -> int:
    """How often a node shows its mesh; raises KeyError, IndexError or TypeError where the file is damaged."""
    attributes = node.get("extensions", {}).get(INSTANCING, {}).get("attributes", {})
    named = [attributes[name] for name in ("TRANSLATION", "ROTATION", "SCALE") if name in attributes]
    count: int = gltf["accessors"][named[0]]["count"] if named else 1
    return count


def join_parts(gltf: Json, binary: bytearray) -> bytearray:
    """Puts the parts of a file of more than `MANY` of them together and gives its new data; as it is otherwise.

    Expects a file whose geometry is checked, with one scene. Files with motion, skeletons, morph targets, strips or
    compressed geometry stay as they are. Raises ValueError, KeyError, IndexError or TypeError where it is damaged.
    """
    if _count_parts(gltf) <= MANY or not _is_plain(gltf):
        return binary
    places: dict[int, list[Floats]] = defaultdict(list)
    for _, node, place in placed_nodes(gltf):
        if "mesh" in node:
            places[node["mesh"]].append(_instances(gltf, binary, node, place))
    surfaces: dict[Kind, dict[int, list[_Surface]]] = defaultdict(lambda: defaultdict(list))
    for mesh, found in places.items():
        for primitive in gltf["meshes"][mesh]["primitives"]:
            surface = _Surface(gltf, binary, primitive, np.concatenate(found))
            surfaces[surface.kind][primitive["material"]].append(surface)
    return _write(gltf, binary, surfaces)


def _count_parts(gltf: Json) -> int:
    meshes = [len(mesh["primitives"]) for mesh in gltf.get("meshes", [])]
    return sum(instances_of(gltf, node) * (meshes[node["mesh"]] if "mesh" in node else 1) for node in gltf["nodes"])


def _is_plain(gltf: Json) -> bool:
    if gltf.get("animations") or gltf.get("skins"):
        return False
    meshes = {node["mesh"] for node in gltf["nodes"] if "mesh" in node}
    primitives = [primitive for mesh in meshes for primitive in gltf["meshes"][mesh]["primitives"]]
    return all(
        primitive.get("mode", 4) == 4
        and not primitive.get("targets")
        and not primitive.get("extensions")
        and all(storage_of(gltf, index) is Storage.PLAIN for index in _arrays(primitive))
        for primitive in primitives
    )


def _arrays(primitive: Json) -> Iterator[int]:
    yield from primitive["attributes"].values()
    if "indices" in primitive:
        yield primitive["indices"]


def _instances(gltf: Json, binary: Data, node: Json, place: Floats) -> Floats:
    """The places (n, 4, 4) where a node's mesh stands."""
    attributes = node.get("extensions", {}).get(INSTANCING, {}).get("attributes", {})
    given = {name: read_numbers(gltf, binary, index) for name, index in attributes.items() if not name.startswith("_")}
    count = instances_of(gltf, node)
    own = np.tile(np.eye(4), (count, 1, 1))
    if "ROTATION" in given:
        own[:, :3, :3] = turn_matrices(given["ROTATION"])
    if "SCALE" in given:
        own[:, :3, :3] *= given["SCALE"][:, None, :]
    if "TRANSLATION" in given:
        own[:, :3, 3] = given["TRANSLATION"]
    return np.asarray(place @ own)


class _Surface:
    """One primitive at all its places."""

    def __init__(self, gltf: Json, binary: Data, primitive: Json, places: Floats) -> None:
        attributes = {name: index for name, index in primitive["attributes"].items() if name != "TANGENT"}
        self.places = places
        self.positions = read_numbers(gltf, binary, attributes["POSITION"])
        self.normals = read_numbers(gltf, binary, attributes["NORMAL"]) if "NORMAL" in attributes else None
        self.others = {
            name: read_values(gltf, binary, index)
            for name, index in attributes.items()
            if name not in ("POSITION", "NORMAL")
        }
        corners = np.arange(len(self.positions))
        if "indices" in primitive:
            corners = read_values(gltf, binary, primitive["indices"]).ravel().astype(np.int64)
        self.faces = corners[: len(corners) // 3 * 3].reshape(-1, 3)
        self.kind: Kind = tuple(sorted(self._kinds(gltf, attributes)))

    def _kinds(self, gltf: Json, attributes: Json) -> Iterator[tuple[str, int, str, bool]]:
        for name, index in attributes.items():
            accessor = gltf["accessors"][index]
            if name in self.others:
                yield name, accessor["componentType"], accessor["type"], bool(accessor.get("normalized"))
            else:  # moved, and written anew
                yield name, FLOAT, "VEC3", False

    def moved(self, name: str) -> NDArray[Any]:
        """An attribute (n, components) of all places, one after another."""
        if name in self.others:
            return np.tile(self.others[name], (len(self.places), 1))
        values, matrices = self.positions, self.places[:, :3, :3]
        if name == "NORMAL" and self.normals is not None:
            # normals go with the inverse transpose, which is the matrix of cofactors but for its length
            values, (a, b, c) = self.normals, np.moveaxis(matrices, 1, 0)
            sign = np.where(np.linalg.det(matrices) < 0, -1, 1)[:, None, None]
            matrices = sign * np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], axis=1)
        found = np.empty((len(matrices), len(values), 3), np.float32)
        step = max(1, AT_ONCE // max(1, len(values)))
        for start in range(0, len(matrices), step):
            part = np.einsum("kij,vj->kvi", matrices[start : start + step], values)
            if name == "NORMAL":
                part /= np.maximum(np.linalg.norm(part, axis=2, keepdims=True), 1e-30)
            else:
                part += self.places[start : start + step, None, :3, 3]
            found[start : start + step] = part
        return found.reshape(-1, 3)

    def corners(self) -> NDArray[np.int64]:
        """The indices (n, 1) of all places, those of mirrored ones the other way round."""
        mirrored = np.linalg.det(self.places[:, :3, :3]) < 0
        faces = np.where(mirrored[:, None, None], self.faces[:, ::-1], self.faces)
        faces = faces + (np.arange(len(self.places)) * len(self.positions))[:, None, None]
        return np.asarray(faces.reshape(-1, 1))


def _write(gltf: Json, binary: Data, surfaces: dict[Kind, dict[int, list[_Surface]]]) -> bytearray:
    """Makes a mesh of each kind with a primitive of each material, and gives the data of these and of the pictures."""
    data, views, accessors = bytearray(), [], []

    def add(content: bytes) -> int:
        views.append({"buffer": 0, "byteOffset": append_data(data, content), "byteLength": len(content)})
        return len(views) - 1

    def add_array(values: NDArray[Any], component: int, kind: str, normalized: bool) -> int:
        accessor = {"bufferView": add(values.tobytes()), "componentType": component, "count": len(values), "type": kind}
        accessors.append(accessor | ({"normalized": True} if normalized else {}))
        return len(accessors) - 1

    for image in (image for image in gltf.get("images", []) if "bufferView" in image):
        view = gltf["bufferViews"][image["bufferView"]]
        start = view.get("byteOffset", 0)
        image["bufferView"] = add(bytes(memoryview(binary)[start : start + view["byteLength"]]))
    meshes = []
    for kind, by_material in surfaces.items():
        primitives = []
        for material, parts in by_material.items():
            attributes = {
                name: add_array(np.concatenate([part.moved(name) for part in parts]), component, form, normalized)
                for name, component, form, normalized in kind
            }
            first = np.cumsum([0] + [len(part.places) * len(part.positions) for part in parts])
            corners = [part.corners() + start for part, start in zip(parts, first, strict=False)]
            indices = add_array(np.concatenate(corners).astype("<u4"), UNSIGNED_INT, "SCALAR", False)
            primitives.append({"attributes": attributes, "indices": indices, "material": material})
        meshes.append({"primitives": primitives})
    gltf["meshes"], gltf["nodes"] = meshes, [{"mesh": index} for index in range(len(meshes))]
    gltf["scenes"] = [{"nodes": list(range(len(meshes)))}]
    gltf["accessors"], gltf["bufferViews"], gltf["buffers"] = accessors, views, [{"byteLength": len(data)}]
    return data
