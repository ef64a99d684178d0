# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with damage that Blender overlooks, made whole for a decoder that does not. No bpy.

Pillow has a switch for that, but it holds for everybody in the process.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image

from .file_kind import PNG_SIGNATURE, FileKind, kind_of

_JPEG_END = b"\xff\xd9"
_OF_THE_PICTURE = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_ABOUT_THE_PICTURE = frozenset({b"sRGB", b"iCCP", b"eXIf"})
"""Of what a PNG may hold beside its picture, what is used here: how its colors are meant, how the camera was held."""
_END = b"\0\0\0\0IEND\xaeB`\x82"


def mended(stream: BinaryIO) -> bytes | None:
    """The file with what its decoder misses, or without what it stumbles over; None for a file of another kind.

    A JPEG gets the end that it lacks: what is missing of the picture is gray, as it is in Blender. A PNG loses all that
    is damaged but its picture, such as comments with a wrong checksum, and gets its last chunk.
    """
    data = stream.read()
    match kind_of(data):
        case FileKind.JPEG:
            return data + _JPEG_END
        case FileKind.PNG:
            return b"".join([PNG_SIGNATURE, *_sound_chunks(data), _END])
    return None


def missing_share(image: Image.Image) -> float:
    """The share (0..1) of the rows of a mended JPEG, from its last one up, that have one color: they were missing."""
    pixels = np.asarray(image)
    differs = (pixels != pixels[-1, -1]).reshape(len(pixels), -1).any(axis=1)
    return float(np.argmax(differs[::-1])) / len(pixels) if differs.any() else 1.0


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and bytes of each chunk, from its length to its checksum, up to the last one that is whole."""
    at = len(PNG_SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at : at + length + 12]
        at += length + 12
        if kind == b"IEND":
            return


def _sound_chunks(data: bytes) -> Iterator[bytes]:
    for kind, chunk in png_chunks(data):
        if kind == b"IEND":
            return
        if kind in _OF_THE_PICTURE or (kind in _ABOUT_THE_PICTURE and _is_sound(chunk)):
            yield chunk


def _is_sound(chunk: bytes) -> bool:
    return zlib.crc32(chunk[4:-4]).to_bytes(4) == chunk[-4:]
