# SPDX-License-Identifier: GPL-3.0-or-later
"""The sqlite3 file that outlives Blender: its tables, and how they are opened. No bpy.

It is safe to use from several threads and from several Blenders at once.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

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


def create(path: Path) -> None:
    """Make file, folder and tables where they are missing; raises OSError or sqlite3.Error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for one transaction: sqlite3's must not cross threads, and calls are rare."""
    with closing(sqlite3.connect(path, timeout=TIMEOUT)) as connection, connection:
        yield connection
