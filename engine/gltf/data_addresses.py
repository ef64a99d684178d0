# SPDX-License-Identifier: GPL-3.0-or-later
"""Buffers and images that stand in a glTF document itself, as addresses that begin with `data:`, become data of its
file."""

from __future__ import annotations

import base64
from urllib.parse import unquote_to_bytes

from .container import Json, append_data

SCHEME = "data:"


def is_data_address(address: str) -> bool:
    """Whether an address holds the data themselves and leads nowhere."""
    return address[: len(SCHEME)].lower() == SCHEME


def decode_data_address(address: str) -> tuple[bytes, str]:
    """The data of an address and what they are said to be (`image/png`); raises ValueError where there are none."""
    head, comma, body = address[len(SCHEME) :].partition(",")
    if not comma:
        raise ValueError("an address without data")
    kind, *parameters = head.split(";")
    data = unquote_to_bytes(body)
    if "base64" in (parameter.strip().lower() for parameter in parameters):
        data = base64.b64decode(data + b"=" * (-len(data) % 4))
    return data, kind.strip().lower()


def take_data_in(gltf: Json, binary: bytearray) -> None:
    """Moves what data addresses hold behind `binary`, the data of the file, which is the first buffer afterwards.

    Raises ValueError, KeyError, IndexError or TypeError where the document is damaged.
    """
    buffers = gltf.get("buffers", [])
    starts = {}
    for index, buffer in enumerate(buffers):
        if is_data_address(buffer.get("uri", "")):
            starts[index] = append_data(binary, decode_data_address(buffer.pop("uri"))[0])
    for view in gltf.get("bufferViews", []):
        if view["buffer"] in starts:
            view["byteOffset"] = starts[view["buffer"]] + view.get("byteOffset", 0)
            view["buffer"] = 0
    for image in gltf.get("images", []):
        if is_data_address(image.get("uri", "")):
            data, kind = decode_data_address(image.pop("uri"))
            view = {"buffer": 0, "byteOffset": append_data(binary, data), "byteLength": len(data)}
            gltf.setdefault("bufferViews", []).append(view)
            image["bufferView"] = len(gltf["bufferViews"]) - 1
            image.setdefault("mimeType", kind)
    if binary:
        gltf["buffers"] = [{"byteLength": len(binary)}, *buffers[1:]]
