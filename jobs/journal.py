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

from ..providers.base import Request, Subject, Task
from .model import Destination, Job, Options, State

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
    def plain(value: Any) -> Any:
        return str(value) if isinstance(value, Path) else value

    record = asdict(job)
    record["folder"], record["model"] = str(job.folder), plain(job.model)
    record["extras"] = [str(path) for path in job.extras]
    if job.task is not None:
        record["task"]["request"] = {key: plain(value) for key, value in record["task"]["request"].items()}
    return record


def _from_record(record: dict[str, Any]) -> Job:
    options, destination, task = record["options"], record["destination"], record["task"]
    return Job(
        **record
        | {
            "folder": Path(record["folder"]),
            "state": State(record["state"]),
            "options": Options(**options | _geometry(options) | {"subject": Subject(options["subject"])}),
            "destination": Destination(**destination | {"location": tuple(destination["location"])}),
            "task": None if task is None else Task(task["id"], _request(task["request"])),
            "model": Path(record["model"]) if record["model"] else None,
            "extras": tuple(Path(path) for path in record["extras"]),
            "notes": tuple(record["notes"]),
        }
    )


def _request(record: dict[str, Any]) -> Request:
    mask = record["mask"]
    paths = {"photo": Path(record["photo"]), "mask": Path(mask) if mask else None}
    return Request(**record | paths | _geometry(record) | {"subject": Subject(record["subject"])})


def _geometry(record: dict[str, Any]) -> dict[str, Any]:
    # JSON has no tuples.
    box = record["box"]
    return {"points": tuple((x, y) for x, y in record["points"]), "box": tuple(box) if box else None}
