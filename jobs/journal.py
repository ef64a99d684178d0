# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job and its results on disk, so that a crash or a closed Blender loses nothing. No bpy.

One row a job: the columns that are asked for, and the whole job as JSON. The file is safe to use from several threads
and from several Blenders at once.
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..providers.base import Request, Subject, Task, Wish
from .model import Destination, Job, State

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    created REAL NOT NULL,
    changed REAL NOT NULL,
    provider TEXT NOT NULL,
    state TEXT NOT NULL,
    record TEXT NOT NULL
)
"""


class Journal:
    """The table of jobs in one sqlite3 file. Its methods raise OSError or sqlite3.Error when the disk refuses."""

    def __init__(self, path: Path) -> None:
        """Open the journal at `path`, making file, folder and table where they are missing."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # A connection for each call: sqlite3 connections must not cross threads, and calls are rare.
        with closing(sqlite3.connect(self.path, timeout=10.0)) as connection, connection:
            yield connection

    def write(self, job: Job) -> None:
        """Record `job` as it stands now."""
        row = (job.id, job.created, time.time(), job.provider, job.state.value, json.dumps(_to_record(job)))
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?)", row)

    def read(self, limit: int = 50) -> list[Job]:
        """The newest jobs, the oldest of them first."""
        with self._open() as connection:
            rows = connection.execute("SELECT record FROM jobs ORDER BY created DESC LIMIT ?", (limit,)).fetchall()
        return [_from_record(json.loads(record)) for (record,) in reversed(rows)]

    def remove(self, job_id: str) -> None:
        """Forget a job; its files stay."""
        with self._open() as connection:
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))


def _to_record(job: Job) -> dict[str, Any]:
    record = asdict(job)
    record["folder"], record["model"] = str(job.folder), _text(job.model)
    record["extras"] = [str(path) for path in job.extras]
    if job.task is not None:
        request = record["task"]["request"]
        request["photo"], request["mask"] = _text(request["photo"]), _text(request["mask"])
    return record


def _from_record(record: dict[str, Any]) -> Job:
    destination, task = record["destination"], record["task"]
    return Job(
        **record
        | {
            "folder": Path(record["folder"]),
            "state": State(record["state"]),
            "wish": _wish(record["wish"]),
            "destination": Destination(**destination | {"location": tuple(destination["location"])}),
            "task": None if task is None else Task(task["id"], _request(task["request"])),
            "model": _path(record["model"]),
            "extras": tuple(Path(path) for path in record["extras"]),
            "notes": tuple(record["notes"]),
        }
    )


def _request(record: dict[str, Any]) -> Request:
    return Request(Path(record["photo"]), _path(record["mask"]), _wish(record["wish"]))


def _wish(record: dict[str, Any]) -> Wish:
    # JSON has no tuples.
    points, box = tuple((x, y) for x, y in record["points"]), record["box"]
    plain = {"subject": Subject(record["subject"]), "points": points, "box": tuple(box) if box else None}
    return Wish(**record | plain)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
