# SPDX-License-Identifier: GPL-3.0-or-later
"""The sqlite3 file that outlives Blender: its tables, how they are opened, and how a row is written. No bpy.

It is safe to use from several threads and from several Blenders at once.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

VERSION = 1
"""Of the tables, in the file's `user_version`, which is 0 in the files of the first versions. Tables and columns may be
added without a new one; a version above this one's says that its rows must not be written from here.
"""
COLUMNS = {
    "jobs": ("id", "created", "open", "owner", "record"),
    "runs": ("job", "provider", "subject", "day", "dollars", "seconds"),
}
"""What this version knows of each table; the first column is its key."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    created REAL NOT NULL,
    open INTEGER NOT NULL,
    owner TEXT NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_age ON jobs (created);
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (created) WHERE open;
CREATE TABLE IF NOT EXISTS runs (
    job TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    day TEXT NOT NULL,
    dollars REAL NOT NULL,
    seconds REAL
);
CREATE INDEX IF NOT EXISTS runs_by_day ON runs (day);
CREATE INDEX IF NOT EXISTS runs_timed ON runs (provider, subject) WHERE seconds IS NOT NULL;
"""
TIMEOUT = 10.0
"""Seconds to wait for another thread or Blender that writes."""

Value = str | float | None
Row = Sequence[Value]


def create(path: Path) -> None:
    """Make file, folder and tables where they are missing; raises OSError or sqlite3.Error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
        if version(connection) < VERSION:
            connection.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for one transaction: sqlite3's must not cross threads, and calls are rare."""
    with closing(sqlite3.connect(path, timeout=TIMEOUT)) as connection, connection:
        connection.text_factory = _text
        yield connection


def version(connection: sqlite3.Connection) -> int:
    """The version of the file's tables."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def put(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows of a table's `COLUMNS`, or renew those of the same key; what a newer version has added stays."""
    columns = COLUMNS[table]
    filled = _filled(connection, table)
    names = ", ".join((*columns, *filled))
    places = ", ".join("?" * (len(columns) + len(filled)))
    renewed = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    connection.executemany(
        f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT ({columns[0]}) DO UPDATE SET {renewed}",
        [(*row, *filled.values()) for row in rows],
    )


def _filled(connection: sqlite3.Connection, table: str) -> Mapping[str, Value]:
    """Columns of a newer version that must not be empty, and what they get in a new row."""
    return {
        f'"{name}"': "" if "CHAR" in kind.upper() or "TEXT" in kind.upper() else 0
        for _, name, kind, needed, default, _ in connection.execute(f"PRAGMA table_info({table})")
        if name not in COLUMNS[table] and needed and default is None
    }


def _text(content: bytes) -> str:
    """A text whose bytes are damaged must not take the others away."""
    return content.decode("utf-8", "replace")
