# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document says in data addresses is read from the file's data like the rest."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from sam3d.engine.gltf.accessors import FLOAT, read_values
from sam3d.engine.gltf.data_addresses import decode_data_address, is_data_address, take_data_in


def address(data: bytes, kind: str = "application/octet-stream") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(
    ("text", "data", "kind"),
    [
        ("data:image/png;base64,AQID", b"\1\2\3", "image/png"),
        ("DATA:image/PNG; Base64,AQI=", b"\1\2", "image/png"),
        ("data:;base64,AQI", b"\1\2", ""),
        ("data:text/plain;charset=utf-8,a%20b", b"a b", "text/plain"),
        ("data:;base64,AQ%3D%3D", b"\1", ""),
        ("data:,", b"", ""),
    ],
)
def test_addresses_are_decoded(text: str, data: bytes, kind: str) -> None:
    assert is_data_address(text)
    assert decode_data_address(text) == (data, kind)


@pytest.mark.parametrize("text", ["data:", "data:;base64", "data:;base64,A", "data:;base64,\N{SNOWMAN}A"])
def test_an_address_without_data_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        decode_data_address(text)


@pytest.mark.parametrize("text", ["", "x.bin", "file:///etc/passwd", "database:1"])
def test_other_addresses_are_told_apart(text: str) -> None:
    assert not is_data_address(text)


@pytest.mark.parametrize("first", [b"", b"\7" * 5])
def test_buffers_and_images_become_data_of_the_file(first: bytes) -> None:
    numbers = np.arange(6, dtype=np.float32)
    buffers: list[dict[str, Any]] = [{"byteLength": len(first)}] if first else []
    number = len(buffers)
    gltf: dict[str, Any] = {
        "buffers": [*buffers, {"byteLength": 28, "uri": address(b"\0" * 4 + numbers.tobytes())}],
        "bufferViews": [{"buffer": number, "byteOffset": 4, "byteLength": 24}],
        "accessors": [{"bufferView": 0, "componentType": FLOAT, "count": 2, "type": "VEC3"}],
        "images": [{"uri": address(b"picture", "image/webp")}],
    }
    binary = bytearray(first)
    take_data_in(gltf, binary)
    assert binary.startswith(first)
    assert gltf["buffers"][0] == {"byteLength": len(binary)}
    assert "uri" not in str(gltf)
    np.testing.assert_array_equal(read_values(gltf, binary, 0).ravel(), numbers)
    (image,) = gltf["images"]
    view = gltf["bufferViews"][image["bufferView"]]
    assert binary[view["byteOffset"] :][: view["byteLength"]] == b"picture"
    assert image["mimeType"] == "image/webp"


def test_a_file_without_addresses_stays() -> None:
    gltf: dict[str, Any] = {"images": [{"bufferView": 0}], "bufferViews": [{"buffer": 0, "byteLength": 3}]}
    before = repr(gltf)
    take_data_in(gltf, bytearray())
    assert repr(gltf) == before
