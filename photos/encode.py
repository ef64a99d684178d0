# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that is sent as the photo: what it holds of the original, and in which format. No bpy."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .color import is_srgb
from .decode import Opened
from .file_kind import PNG_SIGNATURE
from .mending import png_chunks
from .orientation import UPRIGHT

LARGEST_PNG = 2**20
"""Bytes up to which an opaque picture is sent as PNG."""
JPEG_QUALITY = 95

_JPEG_FORMATS = ("JPEG", "MPO")  # MPO is what phones and 3D cameras write: JPEGs one after the other
_SOI, _EOI, _SOS, _APP0, _APP14 = b"\xff\xd8", 0xD9, 0xDA, 0xE0, 0xEE
_IMAGE_DATA = {*range(0xC0, 0xD0), _SOS, 0xDB, 0xDC, 0xDD}
"""Markers of frames, scans and their tables."""
_END_OF_SCAN = re.compile(rb"\xff\xff*[^\x00\xd0-\xd7\xff]")
"""The first marker after a scan's data, in which a 0xff is followed by 0 or by a restart marker.

Begun with a plain byte, because such a pattern is searched for many times faster.
"""
_PNG_CHUNKS = (b"IHDR", b"sRGB", b"IDAT", b"IEND")


def write_original(opened: Opened, folder: Path) -> Path | None:
    """Write the photo's own image data without its metadata; None where the photo has to be encoded anew.

    So it has where it must be turned, scaled or brought to sRGB, where `write_photo` would choose another format, and
    where it holds colors that nobody sees.
    """
    if not opened.original or opened.orientation != UPRIGHT or not is_srgb(opened.profile, opened.image.mode):
        return None
    if opened.format in _JPEG_FORMATS:
        path, data = folder / "photo.jpg", _jpeg_without_metadata(opened.original)
    elif opened.format == "PNG":
        if opened.image.mode == "RGBA" and _hides_colors(opened.image):
            return None
        path, data = folder / "photo.png", _png_without_metadata(opened.original, opened.image.mode == "RGBA")
    else:
        return None
    if data is None:
        return None
    path.write_bytes(data)
    return path


def write_photo(image: Image.Image, folder: Path, *, was_jpeg: bool) -> Path:
    """Encode an RGB or RGBA image without metadata, as photo.png or photo.jpg in `folder`.

    With alpha it becomes a PNG, black where it is fully transparent: the colors there, often the whole background of
    a cut-out, are not what the artist sees. What was a JPEG becomes a JPEG, since a PNG would be large and give nothing
    back. Anything else becomes a PNG of at most `LARGEST_PNG` bytes (drawings, plain renders), else a JPEG
    (photographs).
    """
    image.info.clear()  # Pillow would write some of it
    if image.mode == "RGBA":
        path = folder / "photo.png"
        _without_hidden_colors(image).save(path)
        return path
    if not was_jpeg:
        small = _Bounded()
        try:
            image.save(small, "PNG")
        except _TooLarge:
            pass
        else:
            path = folder / "photo.png"
            path.write_bytes(small.getvalue())
            return path
    path = folder / "photo.jpg"
    image.save(path, quality=JPEG_QUALITY, subsampling=0)
    return path


def was_jpeg(opened: Opened) -> bool:
    """Whether the photo came as a JPEG."""
    return opened.format in _JPEG_FORMATS


def _hides_colors(image: Image.Image) -> bool:
    """Whether an RGBA image has colors, other than black, where it is fully transparent."""
    pixels = np.asarray(image)
    return bool(pixels[pixels[..., 3] == 0].any())


def _without_hidden_colors(image: Image.Image) -> Image.Image:
    seen = image.getchannel("A").point([0] + [255] * 255)
    return Image.composite(image, Image.new("RGBA", image.size), seen)


class _TooLarge(Exception):
    """A picture is no small PNG."""


class _Bounded(io.BytesIO):
    """Holds a small PNG, and stops the work on a large one early."""

    def write(self, data: Any) -> int:
        if self.tell() + memoryview(data).nbytes > LARGEST_PNG:
            raise _TooLarge
        return super().write(data)


def _jpeg_without_metadata(data: bytes) -> bytes | None:
    """The segments that decoders need, up to the end of the first image; None for a file that ends before.

    Segments as in ITU-T T.81, annex B.
    """
    if not data.startswith(_SOI):
        return None
    kept, at = [_SOI], len(_SOI)
    while marker := _END_OF_SCAN.match(data, at):
        kind, at = data[marker.end() - 1], marker.end()
        if kind == _EOI:
            return b"".join([*kept, bytes((0xFF, _EOI))])
        if at + 2 > len(data):
            return None
        end = at + int.from_bytes(data[at : at + 2])
        if kind == _SOS:
            following = _END_OF_SCAN.search(data, end)
            if following is None:
                return None
            end = following.start()
        if needed := _needed(kind, data[at:end]):
            kept += [bytes((0xFF, kind)), needed]
        at = end
    return None


def _needed(kind: int, segment: bytes) -> bytes:
    """What a decoder needs of a segment, from its length on; empty for metadata."""
    if kind == _APP0 and segment[2:7] == b"JFIF\0":
        return b"\0\x10" + segment[2:14].ljust(12, b"\0") + b"\0\0"  # without its thumbnail, of 0 x 0 pixels now
    if kind == _APP14 and segment[2:7] == b"Adobe":
        return segment  # tells how colors are stored
    return segment if kind in _IMAGE_DATA else b""


def _png_without_metadata(data: bytes, has_alpha: bool) -> bytes | None:
    """The chunks that hold the image of an 8-bit RGB or RGBA PNG; None for others, and for one that is too large."""
    chunks = [(kind, chunk) for kind, chunk in png_chunks(data) if kind in _PNG_CHUNKS]
    header = chunks[0][1]
    if (header[16], header[17]) != ((8, 6) if has_alpha else (8, 2)):
        return None  # another bit depth or color type, such as a palette
    kept = b"".join([PNG_SIGNATURE, *(chunk for _, chunk in chunks)])
    return kept if chunks[-1][0] == b"IEND" and (has_alpha or len(kept) <= LARGEST_PNG) else None
