# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a damaged sqlite3 file, as far as they can be read: straight from its pages, whatever else is broken.

Header, schema, interior pages, indexes and the list of free pages may all be damaged: each leaf of a table is read by
itself, as https://www.sqlite.org/fileformat.html describes it, and so is each row in it. No bpy.
"""

import json
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from .database import Row, Value

MAGIC = b"SQLite format 3\0"
PAGE_SIZES = (4096, 512, 1024, 2048, 8192, 16384, 32768, 65536)
"""The usual one first."""
LEAF = 0x0D
LOG_HEAD, FRAME_HEAD = 32, 24
"""Bytes at the beginning of the write-ahead log, and of each page in it."""
LARGEST_ROW = 64 * 1024**2
DAY = re.compile(r"\d{4}-\d\d-\d\d$")

Pages = Mapping[int, bytes]
"""By their number, from 1."""


def salvaged(path: Path) -> dict[str, dict[str, Row]]:
    """The rows of the tables `jobs` and `runs` by their keys; raises OSError where the file cannot be read."""
    content = path.read_bytes()
    log_file = path.with_name(f"{path.name}-wal")
    log = log_file.read_bytes() if log_file.is_file() else b""
    best: dict[str, dict[str, Row]] = {"jobs": {}, "runs": {}}
    for size in _page_sizes(content, log):
        found = _rows(_pages(content, log, size), size)
        if sum(map(len, found.values())) > sum(map(len, best.values())):
            best = found
    return best


def _page_sizes(content: bytes, log: bytes) -> tuple[int, ...]:
    """The size of a page, or all that it may be where nothing tells."""
    stated = []
    if content.startswith(MAGIC[:6]) and len(content) >= 18:
        (size,) = struct.unpack_from(">H", content, 16)
        stated.append(65536 if size == 1 else size)
    if len(log) >= LOG_HEAD:
        stated.append(struct.unpack_from(">I", log, 8)[0])
    return tuple(dict.fromkeys(size for size in stated if size in PAGE_SIZES)) or PAGE_SIZES


def _pages(content: bytes, log: bytes, size: int) -> Pages:
    """The pages of the file, with those that only the log has so far."""
    pages = {begin // size + 1: content[begin : begin + size] for begin in range(0, len(content), size)}
    for begin in range(LOG_HEAD, len(log) - FRAME_HEAD - size + 1, FRAME_HEAD + size):
        number, _, *salts = struct.unpack_from(">IIII", log, begin)
        if tuple(salts) == struct.unpack_from(">II", log, 16):  # others are of an earlier log
            pages[number] = log[begin + FRAME_HEAD : begin + FRAME_HEAD + size]
    return pages


def _rows(pages: Pages, size: int) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {"jobs": {}, "runs": {}}
    free, sure = _free_pages(pages)
    # where the list of free pages is damaged, its pages may hold jobs: before the others, whose rows are newer
    for number, page in sorted(pages.items(), key=lambda item: (item[0] not in free, item[0])):
        if number == 1 or (sure and number in free) or page[:1] != bytes([LEAF]):
            continue
        for values in _cells(pages, page, size):
            if _is_job(values):
                found["jobs"][str(values[0])] = values[:5]
            elif _is_run(values):
                found["runs"][str(values[0])] = values[:6]
    return found


def _free_pages(pages: Pages) -> tuple[set[int], bool]:
    """Pages that hold only what was deleted, and whether the list of them is as long as the header says."""
    free: set[int] = set()
    first = pages.get(1, b"")
    if not first.startswith(MAGIC) or len(first) < 40:
        return free, False
    trunk, stated = struct.unpack_from(">II", first, 32)
    while trunk in pages and trunk not in free and len(pages[trunk]) >= 8:
        free.add(trunk)
        page = pages[trunk]
        trunk, count = struct.unpack_from(">II", page)
        if count > len(page) // 4 - 2:
            break
        free.update(struct.unpack_from(f">{count}I", page, 8))
    return free, len(free) == stated


def _cells(pages: Pages, page: bytes, size: int) -> Iterator[tuple[Value, ...]]:
    """The rows of one leaf that can be read."""
    (count,) = struct.unpack_from(">H", page, 3) if len(page) >= 8 else (0,)
    for index in range(min(count, (len(page) - 8) // 2)):
        (begin,) = struct.unpack_from(">H", page, 8 + 2 * index)
        try:
            yield _values(_payload(pages, page, begin, size))
        except (IndexError, ValueError, struct.error):  # this row is damaged, not the next
            continue


def _payload(pages: Pages, page: bytes, begin: int, size: int) -> bytes:
    """The bytes of a row, the most of which may lie in pages of their own."""
    length, at = _varint(page, begin)
    _, at = _varint(page, at)  # the row's number
    if not 0 < length <= LARGEST_ROW:
        raise ValueError
    most, least = size - 35, (size - 12) * 32 // 255 - 23
    here = length
    if length > most:
        here = least + (length - least) % (size - 4)
        here = here if here <= most else least
    parts, left = [page[at : at + here]], length - here
    following = struct.unpack_from(">I", page, at + here)[0] if left else 0
    while left > 0:
        if following not in pages:
            raise ValueError
        other = pages[following]
        parts.append(other[4 : 4 + min(left, size - 4)])
        left -= size - 4
        (following,) = struct.unpack_from(">I", other)
    content = b"".join(parts)
    if len(content) != length:
        raise ValueError
    return content


def _values(payload: bytes) -> tuple[Value, ...]:
    """The columns of a row."""
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    at = end
    for kind in kinds:
        value, at = _value(payload, kind, at)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, kind: int, at: int) -> tuple[Value, int]:
    """A column of that serial type, and where the next one begins."""
    match kind:
        case 0:
            return None, at
        case 8 | 9:
            return kind - 8, at
        case 7:
            return struct.unpack_from(">d", payload, at)[0], at + 8
        case 1 | 2 | 3 | 4 | 5 | 6:
            length = (1, 2, 3, 4, 6, 8)[kind - 1]
            return int.from_bytes(payload[at : at + length], signed=True), at + length
    if kind < 12:
        raise ValueError
    length = (kind - 12) // 2
    content = payload[at : at + length]
    if len(content) != length:
        raise ValueError
    return content.decode("utf-8") if kind % 2 else content.hex(), at + length


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A number of 1 to 9 bytes, and where what follows it begins."""
    value = 0
    for index in range(8):
        byte = content[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | content[at + 8], at + 9


def _is_job(values: tuple[Value, ...]) -> bool:
    if len(values) < 5:
        return False
    job_id, created, is_open, owner, record = values[:5]
    texts = isinstance(job_id, str) and isinstance(owner, str) and isinstance(record, str)
    if not (texts and isinstance(created, int | float) and is_open in (0, 1)):
        return False
    try:
        told = json.loads(str(record))
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("id") == job_id


def _is_run(values: tuple[Value, ...]) -> bool:
    if len(values) < 6:
        return False
    *texts, dollars, seconds = values[:6]
    numbers = isinstance(dollars, int | float) and isinstance(seconds, int | float | None)
    return numbers and all(isinstance(text, str) for text in texts) and bool(DAY.match(str(texts[-1])))
