# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking a ZIP that came from outside: bounded, and never out of its folder."""

import errno
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from .errors import UnexpectedResponse

MOST_UNPACKED = 2 * 1024**3  # bytes
MOST_ENTRIES = 2000
CHUNK = 1024**2

# bzip2 and LZMA can make gigabytes of a few bytes in one step
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# what Windows reads as a drive, a stream, a pattern or another folder, and its devices
UNSAFE_CHARACTERS = re.compile(r'[\x00-\x1f<>:"|?*\\]')
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


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
            raise UnexpectedResponse(f"{sentence}: make room there, then press Retry.") from error
        raise
    return [folder / file for file in files]


def _unpack(archive: Path, folder: Path, service: str) -> Iterator[Path]:
    try:
        check_entries(archive, service)
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
                            raise UnexpectedResponse(
                                f"The ZIP that {service} delivered holds more than {MOST_UNPACKED / 1024**3:.0f} GB: "
                                "it was not unpacked and is kept in the job's folder."
                            )
                        target.write(data)
                yield file
    except FileExistsError as error:
        raise _unsafe(service, "two of its files have one name") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, struct.error) as error:
        raise _broken_zip(service) from error


def check_entries(archive: Path, service: str) -> None:
    """Raise Unexpected for too many entries, before `zipfile` makes an object of each.

    The marks of entries are counted in the whole file, for its other numbers could say anything.
    """
    mark, count, tail = b"PK\x01\x02", 0, b""
    with archive.open("rb") as stream:
        while data := stream.read(CHUNK):
            count += (tail + data).count(mark)
            tail = data[-3:]
    if count > MOST_ENTRIES:
        raise UnexpectedResponse(
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


def _broken_zip(service: str) -> UnexpectedResponse:
    return UnexpectedResponse(f"The ZIP that {service} delivered is broken: press Retry to fetch it again.")


def _unsafe(service: str, reason: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"The ZIP that {service} delivered cannot be unpacked safely ({reason}): it is kept in the job's folder."
    )


def _free(folder: Path) -> Path:
    number, free = 1, folder
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free
