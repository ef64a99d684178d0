# SPDX-License-Identifier: GPL-3.0-or-later
"""TIFF holds pictures of all kinds: which of them Pillow reads as Blender shows them. No bpy."""

from typing import BinaryIO

from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

_PLAIN_MODES = frozenset({"1", "L", "RGB", "RGBA"})
_BITS, _COMPRESSION, _COLORS, _EXTRA_SAMPLES, _SAMPLE_FORMAT = 258, 259, 262, 338, 339
_OFFSETS_AND_COUNTS = ((273, 279), (324, 325))
"""Tags that tell where strips and tiles lie."""
_GRAY_AND_RGB = frozenset({0, 1, 2})
_YCBCR, _JPEG, _PREMULTIPLIED, _FLOAT = 6, 7, 1, 3


def is_plain(stream: BinaryIO) -> bool:
    """Whether a TIFF is whole and has 8 bits of gray or RGB, with straight alpha if any. Reads its head alone."""
    try:
        tiff = TiffImageFile(stream)  # `Image.open` would load all of Pillow first, on Blender's main thread
        if tiff.mode not in _PLAIN_MODES:
            return False
        tags = tiff.tag_v2
        colors = tags.get(_COLORS)
        return (
            set(tags.get(_BITS, (1,))) <= {1, 8}
            and (colors in _GRAY_AND_RGB or (colors == _YCBCR and tags.get(_COMPRESSION) == _JPEG))
            and _PREMULTIPLIED not in tags.get(_EXTRA_SAMPLES, ())
            and _FLOAT not in tags.get(_SAMPLE_FORMAT, ())
            and max(_ends(tags)) <= stream.seek(0, 2)
        )
    except Exception:  # whatever Pillow stumbles over, Blender may read
        return False


def _ends(tags: ImageFileDirectory_v2) -> list[int]:
    """Where in the file the strips or tiles end."""
    return [
        offset + count
        for offsets, counts in _OFFSETS_AND_COUNTS
        for offset, count in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=True)
    ]
