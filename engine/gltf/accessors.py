# SPDX-License-Identifier: GPL-3.0-or-later
"""The arrays of a glTF file, which it calls accessors."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats
from .container import Data, Json

BYTE, UNSIGNED_BYTE, SHORT, UNSIGNED_SHORT, UNSIGNED_INT, FLOAT = 5120, 5121, 5122, 5123, 5125, 5126
COMPONENT_TYPES: dict[int, np.dtype[Any]] = {
    BYTE: np.dtype("i1"),
    UNSIGNED_BYTE: np.dtype("u1"),
    SHORT: np.dtype("<i2"),
    UNSIGNED_SHORT: np.dtype("<u2"),
    UNSIGNED_INT: np.dtype("<u4"),
    FLOAT: np.dtype("<f4"),
}
COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
"""How many there are in a value; smaller matrices have gaps and are used by nobody."""


class Storage(Enum):
    """How an accessor's values lie in the file."""

    PLAIN = auto()
    SPARSE = auto()
    """Some values replace those of the buffer view."""
    COMPRESSED = auto()
    """The buffer view is of an extension; its plain bytes are a fallback at most."""
    ABSENT = auto()
    """They are all zero, or an extension of the primitive brings them."""


def storage_of(gltf: Json, index: int) -> Storage:
    """How the values of an accessor are stored; raises KeyError, IndexError or TypeError where there is none."""
    accessor = gltf["accessors"][index]
    if "sparse" in accessor:
        return Storage.SPARSE
    if "bufferView" not in accessor:
        return Storage.ABSENT
    view = gltf["bufferViews"][accessor["bufferView"]]
    return Storage.COMPRESSED if view.get("extensions") else Storage.PLAIN


def read_values(gltf: Json, data: Data, index: int) -> NDArray[Any]:
    """The values (count, components) in an accessor's buffer view, as they are stored: a read-only view of `data`.

    Raises ValueError or TypeError where they lie outside the data, KeyError or IndexError where the file does not say
    what they are.
    """
    return _values(gltf, memoryview(data).toreadonly(), index)


def writable_values(gltf: Json, data: bytearray, index: int) -> NDArray[Any]:
    """As `read_values`, to be changed in place; `data` cannot grow meanwhile."""
    return _values(gltf, memoryview(data), index)


def _values(gltf: Json, data: memoryview, index: int) -> NDArray[Any]:
    accessor = gltf["accessors"][index]
    view = gltf["bufferViews"][accessor["bufferView"]]
    if view.get("buffer", 0) != 0:
        raise ValueError("data outside the file")
    kind, components = COMPONENT_TYPES[accessor["componentType"]], COMPONENTS[accessor["type"]]
    return np.ndarray(
        (accessor["count"], components),
        kind,
        buffer=data,
        offset=view.get("byteOffset", 0) + accessor.get("byteOffset", 0),
        strides=(view.get("byteStride") or kind.itemsize * components, kind.itemsize),
    )


def stored_values(gltf: Json, data: Data, index: int) -> NDArray[Any] | None:
    """An accessor's stored values (count, components), or None where they are sparse, compressed or left out.

    Raises ValueError or TypeError where they lie outside the file.
    """
    storage = storage_of(gltf, index)
    if storage in (Storage.SPARSE, Storage.ABSENT):
        return None
    view = gltf["bufferViews"][gltf["accessors"][index]["bufferView"]]
    if storage is Storage.COMPRESSED and view.get("buffer", 0) > 0:  # without a plain fallback
        return None
    return read_values(gltf, data, index)


def read_numbers(gltf: Json, data: Data, index: int) -> Floats:
    """The values (count, components) as the numbers that they stand for: whole ones may be shares of their most.

    Raises as `read_values`.
    """
    values = read_values(gltf, data, index)
    numbers = values.astype(np.float64)
    if gltf["accessors"][index].get("normalized") and values.dtype.kind in "iu":
        numbers = np.maximum(numbers / np.iinfo(values.dtype).max, -1)
    return numbers


def read_indices(gltf: Json, data: Data, index: int, count: int) -> NDArray[Any]:
    """The indices (N, 1), unsigned as they are stored, of one of `count` vertices each.

    Raises as `read_values`, and ValueError where they are not of whole numbers or name a vertex that is not there.
    """
    indices = read_values(gltf, data, index)
    if indices.dtype.kind != "u":
        raise ValueError("indices of another type")
    if len(indices) and int(indices.max()) >= count:
        raise ValueError("an index without a vertex")
    return indices
