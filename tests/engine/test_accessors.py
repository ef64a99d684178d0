# SPDX-License-Identifier: GPL-3.0-or-later
"""The arrays of glTF files: types, strides, shares, and what lies outside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sam3d.engine.gltf.accessors import (
    BYTE,
    FLOAT,
    SHORT,
    UNSIGNED_BYTE,
    UNSIGNED_INT,
    UNSIGNED_SHORT,
    Storage,
    read_indices,
    read_numbers,
    read_values,
    storage_of,
    writable_values,
)


def gltf(accessor: dict[str, Any], view: dict[str, Any] | None = None) -> dict[str, Any]:
    """A document of one accessor in one buffer view."""
    return {"accessors": [{"bufferView": 0, **accessor}], "bufferViews": [view or {}]}


def test_values_lie_where_offsets_and_stride_say() -> None:
    rows = np.arange(24, dtype="<f4").reshape(4, 6)  # of which a place takes three, from the third on
    data = b"head" + rows.tobytes()
    document = gltf(
        {"componentType": FLOAT, "count": 4, "type": "VEC3", "byteOffset": 8}, {"byteOffset": 4, "byteStride": 24}
    )
    values = read_values(document, data, 0)
    assert np.array_equal(values, rows[:, 2:5])
    assert not values.flags.writeable


def test_values_are_changed_in_place() -> None:
    data = bytearray(np.arange(6, dtype="<f4").tobytes())
    writable_values(gltf({"componentType": FLOAT, "count": 2, "type": "VEC3"}), data, 0)[1, 0] = 9
    assert np.frombuffer(data, "<f4").tolist() == [0, 1, 2, 9, 4, 5]


def test_values_of_another_buffer_are_not_in_the_file() -> None:
    document = gltf({"componentType": FLOAT, "count": 1, "type": "VEC3"}, {"buffer": 1})
    with pytest.raises(ValueError, match="outside"):
        read_values(document, bytes(12), 0)


@pytest.mark.parametrize(
    ("component", "kind"),
    [
        (BYTE, "i1"),
        (UNSIGNED_BYTE, "u1"),
        (SHORT, "<i2"),
        (UNSIGNED_SHORT, "<u2"),
        (UNSIGNED_INT, "<u4"),
        (FLOAT, "<f4"),
    ],
)
def test_every_component_type_is_read(component: int, kind: str) -> None:
    stored = np.array([[1, 2], [3, 100]], kind)
    values = read_values(gltf({"componentType": component, "count": 2, "type": "VEC2"}), stored.tobytes(), 0)
    assert values.dtype == np.dtype(kind)
    assert np.array_equal(values, stored)


@pytest.mark.parametrize(
    ("component", "kind", "stored", "numbers"),
    [
        (UNSIGNED_BYTE, "u1", [0, 51, 255], [0, 0.2, 1]),
        (UNSIGNED_SHORT, "<u2", [0, 13107, 65535], [0, 0.2, 1]),
        (BYTE, "i1", [-128, -127, 127], [-1, -1, 1]),
        (SHORT, "<i2", [-32768, -32767, 32767], [-1, -1, 1]),
        (FLOAT, "<f4", [-2, 0, 3], [-2, 0, 3]),
    ],
)
def test_normalized_numbers_are_shares_of_the_most(
    component: int, kind: str, stored: list[int], numbers: list[float]
) -> None:
    data = np.array(stored, kind).tobytes()
    accessor = {"componentType": component, "count": 3, "type": "SCALAR"}
    assert read_numbers(gltf({**accessor, "normalized": True}), data, 0).ravel() == pytest.approx(numbers)
    assert read_numbers(gltf(accessor), data, 0).ravel().tolist() == stored


def test_values_outside_the_data_are_refused() -> None:
    data = bytes(24)
    accessor = {"componentType": FLOAT, "count": 2, "type": "VEC3"}
    assert read_values(gltf(accessor), data, 0).shape == (2, 3)
    for wrong in ({"count": 3}, {"byteOffset": 4}, {"count": -1}, {"count": "2"}):
        with pytest.raises((ValueError, TypeError)):
            read_values(gltf(accessor | wrong), data, 0)
    with pytest.raises(ValueError):
        read_values(gltf(accessor, {"byteStride": 16}), data, 0)
    for wrong in ({"componentType": 5124}, {"type": "MAT2"}, {"bufferView": 1}):
        with pytest.raises((KeyError, IndexError)):
            read_values(gltf(accessor | wrong), data, 0)


@pytest.mark.parametrize(
    ("accessor", "view", "storage"),
    [
        ({}, {}, Storage.PLAIN),
        ({"sparse": {}}, {}, Storage.SPARSE),
        ({}, {"extensions": {"EXT_meshopt_compression": {}}}, Storage.COMPRESSED),
    ],
)
def test_storage_is_told(accessor: dict[str, Any], view: dict[str, Any], storage: Storage) -> None:
    assert storage_of(gltf(accessor, view), 0) is storage


def test_values_may_be_absent() -> None:
    assert storage_of({"accessors": [{}]}, 0) is Storage.ABSENT


def test_indices_name_vertices_that_are_there() -> None:
    data = np.array([0, 2, 1], "<u2").tobytes()
    document = gltf({"componentType": UNSIGNED_SHORT, "count": 3, "type": "SCALAR"})
    assert read_indices(document, data, 0, 3).ravel().tolist() == [0, 2, 1]
    with pytest.raises(ValueError, match="without a vertex"):
        read_indices(document, data, 0, 2)


@pytest.mark.parametrize(("component", "kind"), [(SHORT, "<i2"), (FLOAT, "<f4")])
def test_indices_count(component: int, kind: str) -> None:
    data = np.array([0, -1, 1], kind).tobytes()
    with pytest.raises(ValueError, match="another type"):
        read_indices(gltf({"componentType": component, "count": 3, "type": "SCALAR"}), data, 0, 3)
