# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal's file is looked at before it is used: what is damaged is put together anew, what is newer is let be.

Nothing is ever thrown away: a damaged file stays beside the new one, under a name that says so. No bpy.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ..log import get_logger
from . import database
from .salvage import salvaged

LOG = get_logger(__name__)
CHECK_SECONDS = 0.25
"""Of looking for damage at the start; what is not found by then shows when it is met, and is mended then."""
STEPS = 5000
"""Of sqlite's machine between two looks at the clock."""
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""sqlite's codes of what a damaged file may look like: as one, as none, or without its tables."""


def prepare(path: Path) -> tuple[Path, str]:
    """See to a sound journal of this version; returns its file and what the artist should know of it.

    Raises OSError or sqlite3.Error where the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    said = mend(path)
    if path.exists() and _is_newer(path):
        copy = path.with_name(f"{path.stem}-{database.VERSION}{path.suffix}")
        if not copy.exists():
            _write(copy, *_readable(path))
        mend(copy)
        said = f"The list of jobs is of a newer version of the add-on: this one goes on with a copy of it, {copy.name}."
        path = copy
    database.create(path)
    if said:
        LOG.warning("%s", said)
    return path, said


def mend(path: Path) -> str:
    """Put a damaged journal together anew from what can be read of it; returns a sentence, empty for a sound one."""
    if not is_damaged(path):
        return ""
    with _alone(path):
        if not is_damaged(path):  # another Blender was quicker
            return ""
        whole = _written(path)
        if path.exists():
            rows = salvaged(path) if path.is_file() else {"jobs": {}, "runs": {}}
            _write(whole, list(rows["jobs"].values()), list(rows["runs"].values()))
        kept = _set_aside(path)
        whole.replace(path)
    with database.opened(path) as connection:
        (count,) = connection.execute("SELECT count(*) FROM jobs").fetchone()
    return (
        f"The list of jobs was damaged and was put together anew from what could be read of it ({count} jobs): "
        f"the damaged file is kept as {kept.name}."
    )


def may_be_damage(error: sqlite3.Error) -> bool:
    """Whether an error may come from a damaged file, not from a full disk or from somebody else who writes.

    Of the errors of reading and writing only one tells of the file: that it is cut short.
    """
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and (code & 0xFF in DAMAGE or code == sqlite3.SQLITE_IOERR_SHORT_READ)


def is_damaged(path: Path) -> bool:
    """Whether something else than a sound database lies there; not for one that is locked, or not to be read now."""
    whole = _written(path)
    if not path.exists():
        return whole.exists()  # Blender was closed while it was mended
    if not path.is_file() or any(sibling.is_dir() for sibling in _siblings(path)):
        return True
    if path.stat().st_size == 0 and not any(sibling.exists() for sibling in _siblings(path)):
        return True
    end = time.monotonic() + CHECK_SECONDS
    try:
        with closing(sqlite3.connect(path, timeout=database.TIMEOUT)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            return bool(found != "ok")
    except sqlite3.DatabaseError as error:
        return may_be_damage(error)


def _is_newer(path: Path) -> bool:
    """Whether the file is of a version whose rows this one cannot write."""
    with database.opened(path) as connection:
        if database.version(connection) > database.VERSION:
            return True
        for table, known in database.COLUMNS.items():
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            if columns and not columns.issuperset(known):
                return True
    return False


def _readable(path: Path) -> tuple[list[database.Row], list[database.Row]]:
    """The jobs and runs of a newer version's file, as far as this one understands them."""
    found: list[list[database.Row]] = []
    for table, columns in database.COLUMNS.items():
        try:
            with database.opened(path) as connection:
                found.append(connection.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall())
        except sqlite3.DatabaseError as error:
            LOG.warning("The table %s of %s is not known here: %s", table, path, error)
            found.append([])
    return found[0], found[1]


def _write(path: Path, jobs: list[database.Row], runs: list[database.Row]) -> None:
    """A new file of these rows, there as a whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    for each in (part, *_siblings(part)):
        each.unlink(missing_ok=True)
    database.create(part)
    with database.opened(part) as connection:
        database.put(connection, "jobs", jobs)
        database.put(connection, "runs", runs)
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, to be renamed; `create` sets it back
    part.replace(path)


def _set_aside(path: Path) -> Path:
    """Rename the file with all that belongs to it; returns its new name."""
    stem, number = f"{path.stem}-broken-{time.strftime('%Y-%m-%d_%H-%M-%S')}", 1
    kept = path.with_name(f"{stem}{path.suffix}")
    while kept.exists():
        number += 1
        kept = path.with_name(f"{stem}-{number}{path.suffix}")
    for file, name in zip((path, *_siblings(path)), (kept, *_siblings(kept)), strict=True):
        if file.exists():
            file.replace(name)
    return kept


def _written(path: Path) -> Path:
    """Where the new file lies until it takes the damaged one's place."""
    return path.with_name(f"{path.name}.mended")


def _siblings(path: Path) -> tuple[Path, ...]:
    """What sqlite keeps beside a file."""
    return tuple(path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm", "-journal"))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While no other Blender mends the same file.

    The lock's own file stays: without it, those that wait for it would fail.
    """
    lock = path.with_name(f"{path.stem}.mending")
    with closing(sqlite3.connect(lock, timeout=database.TIMEOUT, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
