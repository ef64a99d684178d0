# SPDX-License-Identifier: GPL-3.0-or-later
"""Of a GLB's animations what moves its model, for Blender's importer. No bpy.

Channels stay that move meshes, what they hang on, their joints, their morph targets or their materials. Those of
cameras, lights and whatever else is not brought in go: Blender's importer would stumble over them. So do those that
hold a node where it stands anyway, as many programs write them for every node: what does not move can be one object.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..engine.gltf.accessors import Storage, read_numbers, storage_of
from ..engine.gltf.container import Data, Json

POINTER = "KHR_animation_pointer"
STILL = 1e-6
"""Of a place's own size, within which a node does not move."""
OWN = {"translation": (0.0, 0.0, 0.0), "rotation": (0.0, 0.0, 0.0, 1.0), "scale": (1.0, 1.0, 1.0)}


def keep_motion(gltf: Json, binary: Data, shown: Iterable[int]) -> None:
    """Drops the channels of animations that move nothing of the nodes `shown`, and animations without any.

    Raises KeyError, IndexError, TypeError or ValueError where an animation is not as glTF wants it.
    """
    nodes = gltf.get("nodes", [])
    moving, joints = _that_count(gltf, set(shown))
    known, restless = [], []
    for animation in gltf.pop("animations", []):
        channels, turning = [], []
        for channel in animation.get("channels", []):
            node, path, pointer = _target(channel)
            sampler = animation["samplers"][channel["sampler"]]
            if not _is_of(gltf, node, path, pointer, moving) or not _is_readable(gltf, binary, sampler):
                continue
            channels.append(channel)
            if node is None or node in joints or not _holds_still(gltf, binary, sampler, nodes[node], path):
                turning.append(channel)
        known.append(animation | {"channels": turning or channels})
        restless += turning
    # an animation that holds all still is one of several, or none at all
    kept = [animation for animation in known if animation["channels"]] if restless else []
    if kept:
        gltf["animations"] = kept
    if not any(_target(channel)[2] for animation in kept for channel in animation["channels"]):
        for kind in ("extensionsUsed", "extensionsRequired"):
            if POINTER in gltf.get(kind, []):
                gltf[kind] = [name for name in gltf[kind] if name != POINTER]


def _that_count(gltf: Json, shown: set[int]) -> tuple[set[int], set[int]]:
    """The nodes whose motion moves a mesh, and those among them that are joints."""
    nodes = gltf.get("nodes", [])
    parents = {child: index for index in shown for child in nodes[index].get("children", [])}
    meshes = {index for index in shown if "mesh" in nodes[index]}
    skins = {nodes[index]["skin"] for index in meshes if "skin" in nodes[index]}
    joints = {joint for skin in skins for joint in gltf["skins"][skin]["joints"]}
    found: set[int] = set()
    for index in meshes | (joints & shown):
        above: int | None = index
        while above is not None and above not in found:
            found.add(above)
            above = parents.get(above)
    return found, joints


def _target(channel: Json) -> tuple[int | None, str, bool]:
    """The node that a channel moves, or none; what of it, or a JSON pointer; whether a pointer says so."""
    target = channel["target"]
    path = str(target["path"])
    if path != "pointer":
        node = target.get("node")
        return (None if node is None else int(node)), path, False
    pointer = str(target.get("extensions", {}).get(POINTER, {}).get("pointer", ""))
    steps = pointer.split("/")
    if len(steps) == 4 and steps[1] == "nodes" and steps[2].isdecimal():
        return int(steps[2]), steps[3], True
    return None, pointer, True


def _is_of(gltf: Json, node: int | None, path: str, pointer: bool, moving: set[int]) -> bool:
    if node is not None:
        known = path in OWN or (path == "weights" and "mesh" in gltf["nodes"][node])
        return known and node in moving
    steps = path.split("/")
    if not pointer or len(steps) < 4 or steps[1] not in ("materials", "meshes") or not steps[2].isdecimal():
        return False
    return int(steps[2]) < len(gltf.get(steps[1], [])) and (steps[1] == "materials" or steps[3:] == ["weights"])


def _is_readable(gltf: Json, binary: Data, sampler: Json) -> bool:
    """Whether there is a value for every moment, all of them numbers.

    Sparse and compressed ones are left to Blender's importer.
    """
    for key in ("input", "output"):
        if storage_of(gltf, sampler[key]) is Storage.PLAIN:
            values = read_numbers(gltf, binary, sampler[key])
            if not len(values) or not np.isfinite(values).all():
                return False
    moments, values_count = (gltf["accessors"][sampler[key]]["count"] for key in ("input", "output"))
    return bool(moments > 0 and values_count % moments == 0)


def _holds_still(gltf: Json, binary: Data, sampler: Json, node: Json, path: str) -> bool:
    if path not in OWN or "matrix" in node or storage_of(gltf, sampler["output"]) is not Storage.PLAIN:
        return False
    values = read_numbers(gltf, binary, sampler["output"])
    if sampler.get("interpolation") == "CUBICSPLINE":
        if np.abs(values[0::3]).max() > STILL or np.abs(values[2::3]).max() > STILL:
            return False
        values = values[1::3]
    own = np.array(node.get(path, OWN[path]), np.float64)
    apart = np.abs(values - own).max()
    if path == "rotation":
        apart = np.minimum(np.abs(values - own).max(axis=1), np.abs(values + own).max(axis=1)).max()
    return bool(apart <= STILL * max(1.0, float(np.abs(own).max())))
