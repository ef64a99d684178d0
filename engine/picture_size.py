# SPDX-License-Identifier: GPL-3.0-or-later
"""How large a picture is, by the first bytes of its file: nothing is decoded, for that is what a size guards."""

from __future__ import annotations

import struct

PNG, JPEG, KTX2 = b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"\xabKTX 20\xbb\r\n\x1a\n"
JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers that tell the size; the three are of tables."""
ALONE = {0x01, *range(0xD0, 0xD8)}
"""Markers without a length."""


def picture_size(content: bytes | memoryview) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, JPEG, WebP or KTX2, None for anything else or a file that is cut before."""
    head = bytes(content[:32])
    try:
        if head.startswith(PNG):
            width, height = struct.unpack_from(">II", head, 16)
            return width, height
        if head.startswith(JPEG):
            return _jpeg_size(content)
        if head.startswith(KTX2):
            width, height = struct.unpack_from("<II", head, 20)
            return width, height
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return _webp_size(head)
    except (struct.error, IndexError):
        pass
    return None


def _jpeg_size(content: bytes | memoryview) -> tuple[int, int] | None:
    at = 2
    while content[at] == 0xFF:
        marker = content[at + 1]
        if marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        if marker == 0xFF:  # padding
            at += 1
        else:
            at += 2 if marker in ALONE else 2 + struct.unpack_from(">H", content, at + 2)[0]
    return None


def _webp_size(head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if len(head) < 30:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None
