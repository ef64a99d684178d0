# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service delivered becomes one checked model; nothing is believed but the bytes themselves.

A file is told by its first bytes, never by its name or by what the service called it. Everything is bounded. A file
that is refused stays where it is: it was paid for.
"""

import codecs
import errno
import filecmp
import json
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from ..engine.ply import PlyError, PointCloud, read_mesh, to_glb
from .errors import Unexpected

MOST_UNPACKED = 2 * 1024**3  # bytes
MOST_ENTRIES = 2000
MOST_JSON = 64 * 1024**2  # bytes
CHUNK = 1024**2

# bzip2 and LZMA can make gigabytes of a few bytes in one step
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# what Windows reads as a drive, a stream, a pattern or another folder, and its devices
UNSAFE_CHARACTERS = re.compile(r'[\x00-\x1f<>:"|?*\\]')
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class Kind(StrEnum):
    """What a file is, by its first bytes."""

    GLB = "GLB"
    ZIP = "ZIP"
    PLY = "PLY"
    JSON = "JSON"
    HTML = "HTML"
    EMPTY = "EMPTY"
    OTHER = "OTHER"


EXTENSIONS = {Kind.GLB: ".glb", Kind.ZIP: ".zip", Kind.PLY: ".ply"}
NOT_MODELS = {
    Kind.JSON: "a message",
    Kind.HTML: "a web page",
    Kind.EMPTY: "an empty file",
    Kind.OTHER: "a file of an unknown kind",
}
MAGIC = {
    b"glTF": Kind.GLB,
    b"PK\x03\x04": Kind.ZIP,
    b"PK\x05\x06": Kind.ZIP,  # one without entries
    b"ply\n": Kind.PLY,
    b"ply\r": Kind.PLY,
}
TEXT = {b"{": Kind.JSON, b"[": Kind.JSON, b"<": Kind.HTML}


@dataclass(frozen=True)
class Delivery:
    """A checked GLB, the other files that came with it, and what the artist should know of it."""

    model: Path
    extras: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


def kind_of(file: Path) -> Kind:
    """What the file is, by its first bytes."""
    with file.open("rb") as stream:
        return kind_of_head(stream.read(1024))


def kind_of_head(head: bytes) -> Kind:
    """What a file is whose first bytes these are."""
    if not head:
        return Kind.EMPTY
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    return MAGIC.get(head[:4]) or TEXT.get(text[:1]) or Kind.OTHER


def to_model(answer: Path, service: str) -> Delivery:
    """Turn a downloaded file of any kind into a checked model in the same folder.

    A GLB is checked; a ZIP is unpacked and the most likely model in it taken; a mesh in a PLY is written anew as GLB
    beside it. `answer` is renamed to the extension of what it is: of one that is on record, give a copy. `service` is
    the service's name for the artist.

    Raises Unexpected where there is no model in it or where it is broken.
    """
    kind = kind_of(answer)
    if kind not in EXTENSIONS:
        raise Unexpected(f"{service} delivered {NOT_MODELS[kind]} instead of a model: press Retry to fetch it again.")
    file = _named(answer, EXTENSIONS[kind])
    if kind is Kind.ZIP:
        return _from_zip(file, service)
    if kind is Kind.PLY:
        return _from_ply(file, service)
    check_glb(file, service)
    return Delivery(file)


def check_glb(file: Path, service: str) -> None:
    """Raise Unexpected where the file is not a whole glTF 2.0 binary with a mesh in it.

    Looks at the container, the chunks' lengths and the JSON chunk; the arrays are the importer's to check.
    """
    with file.open("rb") as stream:
        fault = _glb_fault(stream, file.stat().st_size)
    if fault:
        raise Unexpected(f"The model that {service} delivered is broken ({fault}): press Retry to fetch it again.")


def unpack(archive: Path, service: str) -> list[Path]:
    """Unpack a ZIP into a new folder of its name beside it and list the files, in the ZIP's order.

    Raises Unexpected, with nothing left behind, where it is broken, locked, too large, or has paths that lead out of
    the folder, links, or two files of one name.
    """
    folder = _free(archive.with_suffix(""))
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
    try:
        files = [file.relative_to(part) for file in _unpack(archive, part, service)]
        part.rename(folder)
    except BaseException as error:
        shutil.rmtree(part, ignore_errors=True)
        if isinstance(error, OSError) and error.errno == errno.EINVAL:  # a place before the file's start
            raise _broken_zip(service) from error
        if isinstance(error, OSError):
            reason = error.strerror or error
            sentence = f"The ZIP that {service} delivered cannot be unpacked to {folder} ({reason})"
            raise Unexpected(f"{sentence}: make room there, then press Retry.") from error
        raise
    return [folder / file for file in files]


def _glb_fault(stream: BinaryIO, size: int) -> str:  # noqa: PLR0911 - a list of faults, one return each
    head = stream.read(20)
    if len(head) < 20:
        return "it is cut short"
    magic, version, length, json_length, json_kind = struct.unpack("<4sIII4s", head)
    if magic != b"glTF" or version != 2 or json_kind != b"JSON":
        return "it is not glTF 2.0"
    if length > size:
        return "it is cut short"
    if 20 + json_length > length or json_length > MOST_JSON:
        return "its description is too long"
    try:
        document = json.loads(stream.read(json_length).decode())
    except (ValueError, RecursionError):
        return "its description is damaged"
    if not isinstance(document, dict) or not isinstance(document.get("asset"), dict):
        return "its description is damaged"
    meshes = document.get("meshes")
    if not isinstance(meshes, list) or not meshes:
        return "it holds no mesh"
    start = 20 + json_length
    if start < length:
        chunk = stream.read(8)
        if start + 8 > length or start + 8 + struct.unpack("<I4s", chunk)[0] > length or chunk[4:] != b"BIN\0":
            return "its data are damaged"
    stream.seek(length)
    while rest := stream.read(CHUNK):
        if rest.strip(b"\0"):
            return "something else follows it"
    return ""


def _unpack(archive: Path, folder: Path, service: str) -> Iterator[Path]:
    try:
        _check_entries(archive, service)
        with zipfile.ZipFile(archive) as content:
            folder.mkdir()
            left = MOST_UNPACKED
            for entry in content.infolist():
                file = folder.joinpath(*_safe_parts(entry, service))
                if entry.is_dir():
                    continue
                file.parent.mkdir(parents=True, exist_ok=True)
                with content.open(entry) as source, file.open("xb") as target:
                    while data := source.read(CHUNK):
                        left -= len(data)
                        if left < 0:
                            raise Unexpected(
                                f"The ZIP that {service} delivered holds more than {MOST_UNPACKED / 1024**3:.0f} GB: "
                                "it was not unpacked and is kept in the job's folder."
                            )
                        target.write(data)
                yield file
    except FileExistsError as error:
        raise _unsafe(service, "two of its files have one name") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, struct.error) as error:
        raise _broken_zip(service) from error


def _check_entries(archive: Path, service: str) -> None:
    """Refuse too many entries before `zipfile` makes an object of each.

    The marks of entries are counted in the whole file, for its other numbers could say anything.
    """
    mark, count, tail = b"PK\x01\x02", 0, b""
    with archive.open("rb") as stream:
        while data := stream.read(CHUNK):
            count += (tail + data).count(mark)
            tail = data[-3:]
    if count > MOST_ENTRIES:
        raise Unexpected(
            f"The ZIP that {service} delivered holds more than {MOST_ENTRIES} files: "
            "it was not unpacked and is kept in the job's folder."
        )


def _safe_parts(entry: zipfile.ZipInfo, service: str) -> list[str]:
    """The folders and the name of an entry that can be unpacked without harm."""
    name = entry.orig_filename  # as it is in the ZIP: `filename` is already made to fit this system
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if (
        not parts
        or name.startswith("/")
        or UNSAFE_CHARACTERS.search(name)
        or any(part.endswith((".", " ")) or DEVICE.match(part) for part in parts)
    ):
        raise _unsafe(service, "one of its paths leads elsewhere or cannot be a file's")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _unsafe(service, "it holds a link")
    if entry.flag_bits & 1:
        raise _unsafe(service, "it is locked with a password")
    if entry.compress_type not in COMPRESSIONS:
        raise _unsafe(service, "it is packed in an unusual way")
    return parts


def _broken_zip(service: str) -> Unexpected:
    return Unexpected(f"The ZIP that {service} delivered is broken: press Retry to fetch it again.")


def _unsafe(service: str, reason: str) -> Unexpected:
    return Unexpected(
        f"The ZIP that {service} delivered cannot be unpacked safely ({reason}): it is kept in the job's folder."
    )


def _from_ply(file: Path, service: str) -> Delivery:
    try:
        content = to_glb(read_mesh(file), file.stem)
    except PointCloud as error:
        raise Unexpected(
            f"{service} delivered {error} and no mesh: it is kept in the job's folder for other programs."
        ) from error
    except PlyError as error:
        raise Unexpected(
            f"The model that {service} delivered is broken ({error}): press Retry to fetch it again."
        ) from error
    part = file.with_suffix(".part")
    part.write_bytes(content)
    model = _named(part, ".glb")
    return Delivery(model, (file,), (f"{service} delivered the mesh as PLY: it was made a GLB, the PLY is kept.",))


def _from_zip(archive: Path, service: str) -> Delivery:
    """The most likely of the models in a ZIP: GLB before PLY, then what is called a model, then the largest."""
    files = []
    for file in unpack(archive, service):
        kind = kind_of(file)
        files.append(_named(file, EXTENSIONS[kind]) if kind in EXTENSIONS else file)
    models = sorted(
        (file for file in files if kind_of(file) in (Kind.GLB, Kind.PLY)),
        key=lambda file: (kind_of(file) is Kind.PLY, "model" not in file.stem.lower(), -file.stat().st_size),
    )
    first: Unexpected | None = None
    for file in models:
        try:
            delivery = to_model(file, service)
        except Unexpected as error:
            first = first or error
            continue
        others = tuple(other for other in files if other != file)
        return Delivery(delivery.model, (*delivery.extras, *others, archive), delivery.notes)
    raise first or Unexpected(
        f"The ZIP that {service} delivered holds no model: it is kept in the job's folder with what was in it."
    )


def _named(file: Path, extension: str) -> Path:
    """The file under a name with this extension, given to it where it has another."""
    if file.suffix.lower() == extension:
        return file
    name = file.with_suffix(extension)
    if name.exists() and not filecmp.cmp(file, name, shallow=False):  # another file's, not the same fetched before
        name = file.with_name(file.name + extension)
    return file.replace(name)


def _free(folder: Path) -> Path:
    number, free = 1, folder
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free
