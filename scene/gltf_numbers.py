# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of a GLB that are none (NaN, infinity), put right where they do not matter. No bpy.

JSON has no such numbers and Blender's importer refuses them wherever they stand, while many programs write them: into
limits, notes, weights. There, what they stand in is left out, for which glTF has a default. Where a part stands, they
are left for the one who refuses them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.gltf.accessors import Storage, storage_of, writable_values
from ..engine.gltf.container import Json

PLACE = ("matrix", "translation", "rotation", "scale")


def drop_no_numbers(gltf: Json) -> None:
    """Takes all numbers that are none out of the document, with the list or the entry that they stand in, but for the
    places of nodes."""
    places = [{key: node.pop(key) for key in PLACE if key in node} for node in gltf.get("nodes", [])]
    todo: list[Any] = [gltf]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            for key in [key for key, value in part.items() if _is_none(value)]:
                del part[key]
            todo += part.values()
        elif isinstance(part, list):
            todo += part
    for node, place in zip(gltf.get("nodes", []), places, strict=True):
        node.update(place)


def _is_none(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_is_none, value))
    return isinstance(value, float) and not math.isfinite(value)


def fill_no_numbers(gltf: Json, binary: bytearray, primitive: Json) -> None:
    """Sets what is no number in a primitive's arrays, but for its positions, to a value that changes nothing.

    Raises as `writable_values`.
    """
    named = list(primitive["attributes"].items())
    named = [(name, index) for name, index in named if name != "POSITION"]
    named += [("", index) for target in primitive.get("targets", []) for index in target.values()]
    for name, index in named:
        if storage_of(gltf, index) is not Storage.PLAIN:
            continue
        values = writable_values(gltf, binary, index)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            values[~np.isfinite(values)] = 1 if name.startswith("COLOR") else 0
