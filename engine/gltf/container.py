# SPDX-License-Identifier: GPL-3.0-or-later
"""The container of a glTF 2.0 binary file (GLB): a header, a chunk of JSON and one of data."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, BinaryIO

Json = dict[str, Any]
Data = bytes | bytearray | memoryview

MAGIC = b"glTF"
VERSION = 2
HEADER, CHUNK_HEADER = struct.Struct("<4sII"), struct.Struct("<I4s")
JSON_CHUNK, BIN_CHUNK = b"JSON", b"BIN\0"
DOCUMENT_START = HEADER.size + CHUNK_HEADER.size


class Fault(Enum):
    """What is wrong with a GLB."""

    CUT_SHORT = auto()
    NOT_GLTF = auto()
    """Another kind of file, or another version of glTF."""
    DOCUMENT_TOO_LONG = auto()
    """Longer than the file, or than the reader takes."""
    DOCUMENT_DAMAGED = auto()
    DATA_DAMAGED = auto()


class ContainerError(ValueError):
    """A file is no whole GLB; `fault` tells why, for a sentence of the one who reads it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


@dataclass(frozen=True)
class Head:
    """What a GLB says of itself: its document, where its data begin and how many bytes they are, and its own length."""

    document: Json
    data_start: int
    data_length: int
    length: int


def read_head(stream: BinaryIO, size: int, *, longest_document: int | None = None) -> Head:
    """Read all but the data of a GLB of `size` bytes, from the beginning of a stream.

    Raises ContainerError where it is not whole, or its document has more than `longest_document` bytes.
    """
    head = stream.read(DOCUMENT_START)
    if len(head) < DOCUMENT_START:
        raise ContainerError(Fault.CUT_SHORT)
    magic, version, length = HEADER.unpack_from(head)
    document_length, kind = CHUNK_HEADER.unpack_from(head, HEADER.size)
    if magic != MAGIC or version != VERSION or kind != JSON_CHUNK:
        raise ContainerError(Fault.NOT_GLTF)
    if length > size:
        raise ContainerError(Fault.CUT_SHORT)
    start = DOCUMENT_START + document_length
    if start > length or (longest_document is not None and document_length > longest_document):
        raise ContainerError(Fault.DOCUMENT_TOO_LONG)
    document = _document(stream.read(document_length))
    if start == length:  # a GLB may do without data
        return Head(document, start, 0, length)
    chunk = stream.read(CHUNK_HEADER.size)
    data_start = start + CHUNK_HEADER.size
    if data_start > length:
        raise ContainerError(Fault.DATA_DAMAGED)
    data_length, kind = CHUNK_HEADER.unpack(chunk)
    if kind != BIN_CHUNK or data_start + data_length > length:
        raise ContainerError(Fault.DATA_DAMAGED)
    return Head(document, data_start, data_length, length)


def _document(text: bytes) -> Json:
    try:
        document = json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise ContainerError(Fault.DOCUMENT_DAMAGED) from error
    if not isinstance(document, dict):
        raise ContainerError(Fault.DOCUMENT_DAMAGED)
    return document


def read_glb(content: bytes) -> tuple[Json, memoryview]:
    """The document and the data of a GLB, empty where it has none; raises ContainerError."""
    head = read_head(io.BytesIO(content), len(content))
    return head.document, memoryview(content)[head.data_start : head.data_start + head.data_length]


def append_data(binary: bytearray, data: Data) -> int:
    """Adds to a file's data, at the next place that is a multiple of four as glTF wants it, and gives that place."""
    binary += bytes(-len(binary) % 4)
    start = len(binary)
    binary += data
    return start


def glb_pieces(document: Mapping[str, Any], data: Data) -> list[Data]:
    """A GLB of a document and its data, in pieces to be written one after another: large data are not copied."""
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    padding = bytes(-len(data) % 4)
    data_length = len(data) + len(padding)
    return [
        HEADER.pack(MAGIC, VERSION, DOCUMENT_START + len(text) + CHUNK_HEADER.size + data_length),
        CHUNK_HEADER.pack(len(text), JSON_CHUNK),
        text,
        CHUNK_HEADER.pack(data_length, BIN_CHUNK),
        data,
        padding,
    ]
