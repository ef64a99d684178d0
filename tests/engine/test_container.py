# SPDX-License-Identifier: GPL-3.0-or-later
"""GLB containers: what is written is read again, and each kind of damage is told apart."""

from __future__ import annotations

import io
import json
import struct

import pytest

from sam3d.engine.gltf.container import ContainerError, Fault, glb_pieces, read_glb, read_head

DOCUMENT = {"asset": {"version": "2.0"}, "name": "größer"}
DATA = b"12345"


def glb(data: bytes = DATA) -> bytes:
    return b"".join(glb_pieces(DOCUMENT, data))


def glb_of(text: bytes, more: bytes = b"") -> bytes:
    body = struct.pack("<I4s", len(text), b"JSON") + text + more
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


@pytest.mark.parametrize("data", [b"", b"1", b"1234", DATA])
def test_what_is_written_is_read_again(data: bytes) -> None:
    content = glb(data)
    document, found = read_glb(content)
    assert document == DOCUMENT
    assert bytes(found) == data + bytes(-len(data) % 4)
    assert struct.unpack_from("<I", content, 8) == (len(content),)
    assert len(content) % 4 == 0


def test_a_file_without_data_is_whole() -> None:
    document, data = read_glb(glb_of(b"{}"))
    assert document == {}
    assert not len(data)


def test_the_head_is_read_without_the_data() -> None:
    content = glb(bytes(1000))
    stream = io.BytesIO(content)
    head = read_head(stream, len(content))
    assert head.document == DOCUMENT
    assert (head.data_length, head.length) == (1000, len(content))
    assert stream.tell() == head.data_start == len(content) - 1000


def test_what_follows_the_container_is_not_its_data() -> None:
    assert bytes(read_glb(glb() + b"more")[1]) == DATA + bytes(3)


@pytest.mark.parametrize("length", range(len(glb())))
def test_every_cut_is_noticed(length: int) -> None:
    with pytest.raises(ContainerError) as error:
        read_glb(glb()[:length])
    assert error.value.fault is Fault.CUT_SHORT


SHORT = struct.pack("<I4s", 4, b"BIN\0")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"glTX" + glb()[4:], Fault.NOT_GLTF),
        (glb()[:4] + b"\1" + glb()[5:], Fault.NOT_GLTF),
        (glb()[:16] + b"BIN\0" + glb()[20:], Fault.NOT_GLTF),
        (glb()[:12] + struct.pack("<I", len(glb()) - 19) + glb()[16:], Fault.DOCUMENT_TOO_LONG),
        (glb_of(b"{"), Fault.DOCUMENT_DAMAGED),
        (glb_of(b"[]"), Fault.DOCUMENT_DAMAGED),
        (glb_of(b'{"\xff": 1}'), Fault.DOCUMENT_DAMAGED),
        (glb_of(b"[" * 100_000), Fault.DOCUMENT_DAMAGED),
        (glb_of(b"{}", SHORT[:7]), Fault.DATA_DAMAGED),
        (glb_of(b"{}", SHORT + b"123"), Fault.DATA_DAMAGED),
        (glb_of(b"{}", SHORT.replace(b"BIN", b"BAN") + b"1234"), Fault.DATA_DAMAGED),
    ],
)
def test_each_fault_is_told_apart(content: bytes, fault: Fault) -> None:
    with pytest.raises(ContainerError) as error:
        read_glb(content)
    assert error.value.fault is fault


def test_a_document_may_be_as_long_as_the_reader_takes() -> None:
    content = glb()
    length = len(json.dumps(DOCUMENT, separators=(",", ":")).encode())
    length += -length % 4
    assert read_head(io.BytesIO(content), len(content), longest_document=length).document == DOCUMENT
    with pytest.raises(ContainerError) as error:
        read_head(io.BytesIO(content), len(content), longest_document=length - 1)
    assert error.value.fault is Fault.DOCUMENT_TOO_LONG
