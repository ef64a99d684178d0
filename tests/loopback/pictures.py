# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a picture as a service would: is it one, how large is it, and is it whole?"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG; size in pixels as stored (an EXIF orientation is not looked at)."""

    kind: str
    width: int
    height: int
    channels: int
    content: bytes

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height


def look(content: bytes) -> Picture | None:
    """The picture in `content`; None if it is not a whole PNG or JPEG of 8 bit."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png(content)
        if content.startswith(b"\xff\xd8\xff"):
            return _jpeg(content)
    except (struct.error, zlib.error, KeyError, IndexError):
        pass
    return None


@lru_cache(maxsize=8)
def from_text(text: str, *, bare: bool) -> Picture | None:
    """The picture in a data URI of the right type, or in bare base64 where that is allowed."""
    kind = None
    if text.startswith("data:"):
        head, comma, text = text.partition(",")
        if not comma or head not in ("data:image/png;base64", "data:image/jpeg;base64"):
            return None
        kind = head[11:-7]
    elif not bare:
        return None
    try:
        picture = look(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
    return picture if picture and kind in (None, picture.kind) else None


def _png(content: bytes) -> Picture | None:
    at, data, header = 8, b"", None
    while True:
        length, name = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length]
        (check,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(name + body) != check:
            return None
        if name == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif name == b"IDAT":
            data += body
        elif name == b"IEND":
            break
        at += 12 + length
    if header is None:
        return None
    width, height, depth, color, _, _, interlaced = header
    channels = CHANNELS[color]
    if depth != 8 or (not interlaced and len(zlib.decompress(data)) != height * (1 + width * channels)):
        return None
    return Picture("png", width, height, channels, content)


def _jpeg(content: bytes) -> Picture | None:
    if not content.endswith(b"\xff\xd9"):
        return None
    at = 2
    while True:
        marker, length = struct.unpack_from(">xBH", content, at)
        if marker in FRAMES:
            depth, height, width, channels = struct.unpack_from(">BHHB", content, at + 4)
            return Picture("jpeg", width, height, channels, content) if depth == 8 else None
        at += 2 + length
