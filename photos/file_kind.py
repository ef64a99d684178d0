# SPDX-License-Identifier: GPL-3.0-or-later
"""What a picture file is, by its first bytes: names lie. No bpy."""

from enum import Enum
from pathlib import PurePath

HEAD = 64
"""Bytes of a file that tell."""


class FileKind(Enum):
    """Kinds of files that are told apart: by who can read them, and what to say of the others."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    BMP = "BMP"
    BMP_WITH_ALPHA = "BMP with alpha"
    GIF = "GIF"
    JPEG_2000 = "JPEG 2000"
    TIFF = "TIFF"
    AVIF = "AVIF"
    HEIC = "HEIC"
    OTHER = ""


PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BY_START = {
    b"\xff\xd8\xff": FileKind.JPEG,
    PNG_SIGNATURE: FileKind.PNG,
    b"GIF8": FileKind.GIF,
    b"\0\0\0\x0cjP  ": FileKind.JPEG_2000,
    b"\xff\x4f\xff\x51": FileKind.JPEG_2000,
    b"II*\0": FileKind.TIFF,
    b"MM\0*": FileKind.TIFF,
}
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_GENERAL_BRANDS = frozenset({b"mif1", b"msf1", b"miaf"})
RAW_SUFFIXES = frozenset(
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw .rw2 .rwl .sr2"
    " .srf .srw .x3f".split()
)
MOVIE_SUFFIXES = frozenset(".avi .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .ogv .webm .wmv".split())
MOVIE = "{name} is a movie: save one of its frames as PNG, and open that."
DRAWING_SUFFIXES = frozenset(".ai .eps .pdf .svg".split())


def kind_of(head: bytes) -> FileKind:
    """The kind of a file that begins so."""
    for start, kind in _BY_START.items():
        if head.startswith(start):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if head.startswith(b"BM"):
        return FileKind.BMP_WITH_ALPHA if head[28:30] == b"\x20\0" else FileKind.BMP
    return _of_brands(head) if head[4:8] == b"ftyp" else FileKind.OTHER


def _of_brands(head: bytes) -> FileKind:
    """The kind of an ISO media file, whose first box lists the brands that it fits, the main one first."""
    length = min(int.from_bytes(head[:4]), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length, 4))]
    if brands[0] not in _HEIC_BRANDS | _AVIF_BRANDS | _GENERAL_BRANDS:
        return FileKind.OTHER  # a movie's, say
    return FileKind.AVIF if _AVIF_BRANDS & set(brands) else FileKind.HEIC


def advice_for(name: str, head: bytes, *, reads_avif: bool) -> str:
    """What to do with a file that Blender cannot take as a photo, as a sentence; empty for other files.

    `reads_avif` tells whether this Blender reads AVIF.
    """
    suffix, kind = PurePath(name).suffix.lower(), kind_of(head)
    if kind is FileKind.HEIC or (suffix in {".heic", ".heif"} and kind is FileKind.OTHER):
        return f"{name} is a HEIC photo, which Blender cannot open: export it as JPEG from your photo program."
    if not reads_avif and (kind is FileKind.AVIF or (suffix == ".avif" and kind is FileKind.OTHER)):
        return f"{name} is an AVIF image, which this Blender cannot open: save it as PNG or JPEG first."
    if suffix in RAW_SUFFIXES:
        return f"{name} is a camera's raw file: export it as JPEG, PNG or TIFF from your photo program."
    if suffix in MOVIE_SUFFIXES:
        return MOVIE.format(name=name)
    if suffix in DRAWING_SUFFIXES:
        return f"{name} is a drawing or document, not an image: export it as PNG first."
    return ""


def source_obstacle(name: str, source: str, file: str, tiles: int) -> str:
    """Why an image of that source in Blender cannot be a photo or mask, as a sentence; empty where it may be one.

    `file` is its file's name or path, `tiles` how many UDIM tiles it has.
    """
    if source == "SEQUENCE":
        return f"{name} is a sequence of images: open the file of one frame instead."
    if source == "TILED" and tiles > 1:
        return f"{name} has tiles (UDIM): open the file of one tile instead."
    if source == "MOVIE" and PurePath(file).suffix.lower() != ".gif":
        return MOVIE.format(name=name)
    return ""
