# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture's size is read from its head alone."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from sam3d.engine.picture_size import picture_size


def picture(kind: str, size: tuple[int, int], **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA" if options.pop("alpha", False) else "RGB", size, (9, 90, 200)).save(file, kind, **options)
    return file.getvalue()


PICTURES = {
    "png": picture("PNG", (301, 7)),
    "jpeg": picture("JPEG", (301, 7)),
    "progressive jpeg with notes": picture(
        "JPEG", (301, 7), progressive=True, comment=b"\xff\xc0" * 500, exif=b"Exif\0\0" + bytes(3000)
    ),
    "webp": picture("WEBP", (301, 7), quality=80),
    "lossless webp": picture("WEBP", (301, 7), lossless=True),
    "ktx2": b"\xabKTX 20\xbb\r\n\x1a\n" + struct.pack("<IIII", 0, 1, 301, 7) + bytes(60),
    "webp with alpha": picture("WEBP", (301, 7), alpha=True, quality=80, exif=b"Exif\0\0"),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_sizes_are_read(kind: str) -> None:
    content = PICTURES[kind]
    assert picture_size(content) == (301, 7)
    assert picture_size(memoryview(content)) == (301, 7)


@pytest.mark.parametrize("kind", PICTURES)
def test_a_cut_file_is_harmless(kind: str) -> None:
    found = {picture_size(PICTURES[kind][:length]) for length in range(80)}
    assert found <= {None, (301, 7)}


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\xff\xd8\xff\xd9", b"\xff\xd8" + b"\xff" * 100, b"RIFF"])
def test_other_files_have_none(content: bytes) -> None:
    assert picture_size(content) is None
