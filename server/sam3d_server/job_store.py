# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs and files on record: what was accepted survives a restart, a crash and a power cut.

One SQLite database in WAL mode. Several threads share one connection, for each statement is short. A server holds a
second, empty database locked as long as it runs: so two servers never work on the same jobs.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUSY_SECONDS = 5.0
"""How long another program may hold the database before it counts as locked."""
QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED = "queued", "running", "completed", "failed", "cancelled"
MOST_TRIES = 2
MOST_DEATHS = 5
"""How often the server itself may end in the middle of a job, before the job counts as the cause."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key TEXT UNIQUE,
    fingerprint TEXT NOT NULL,
    model TEXT NOT NULL,
    engine TEXT NOT NULL,
    options TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    code INTEGER,
    error TEXT NOT NULL DEFAULT '',
    details TEXT NOT NULL DEFAULT '{}',
    created REAL NOT NULL,
    started REAL,
    finished REAL,
    deaths INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, number);
CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL,
    there INTEGER NOT NULL,
    created REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS links (
    job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    file TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (job, role, place)
) STRICT;
CREATE INDEX IF NOT EXISTS links_by_file ON links (file);
"""
INSERT_FILE = "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)"


class DataInUse(Exception):
    """Another server works with this folder."""


class OtherJob(Exception):
    """An idempotency key came a second time, with another job."""


@dataclass(frozen=True)
class File:
    """A picture or a result. `there` is False while an upload was only announced; `digest` is its content's SHA-256."""

    id: str
    name: str
    type: str
    size: int
    digest: str
    there: bool
    created: float


@dataclass(frozen=True)
class Job:
    """A job as it is on record. `image`, `masks` and `outputs` are files' ids."""

    number: int
    id: str
    model: str
    engine: str
    options: Mapping[str, Any]
    state: str
    tries: int
    code: int | None
    error: str
    details: Mapping[str, Any]
    created: float
    started: float | None
    finished: float | None
    image: str
    masks: tuple[str, ...]
    outputs: tuple[tuple[str, str], ...]
    """(id, name) of each, in order."""


class JobStore:
    """The database. Its methods raise sqlite3.Error, above all when the disk is full or another program locks it."""

    def __init__(self, folder: Path) -> None:
        """Opens or makes the database; raises DataInUse."""
        self._claim = sqlite3.connect(folder / "in-use.sqlite", timeout=0, check_same_thread=False)
        try:
            self._claim.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._claim.close()
            raise DataInUse from error
        self._lock = threading.RLock()
        self._base = sqlite3.connect(
            folder / "jobs.sqlite", timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None
        )
        self._base.row_factory = sqlite3.Row
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = FULL")
        self._base.execute("PRAGMA foreign_keys = ON")
        self._base.executescript(SCHEMA)
        if "deaths" not in {column["name"] for column in self._base.execute("PRAGMA table_info(jobs)")}:
            # the file is of a version before
            self._base.execute("ALTER TABLE jobs ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0")

    def close(self) -> None:
        """Let another server have it."""
        with self._lock:
            self._base.close()
            self._claim.close()

    # Files

    def announce(self, file: File) -> None:
        """A file that is to come, or that has come."""
        with self._change() as base:
            base.execute(INSERT_FILE, _row(file))

    def arrived(self, id: str, type: str, digest: str) -> None:
        """An announced file is there, and is of this type."""
        with self._change() as base:
            base.execute("UPDATE files SET there = 1, type = ?, digest = ? WHERE id = ?", (type, digest, id))

    def file(self, id: str) -> File | None:
        """What is known of a file."""
        rows = self._rows("SELECT * FROM files WHERE id = ?", (id,))
        return _file(rows[0]) if rows else None

    def idle_files(self) -> list[File]:
        """The files that no waiting or running job needs, the oldest first."""
        question = """
            SELECT * FROM files WHERE id NOT IN (
                SELECT file FROM links JOIN jobs ON job = number WHERE state IN (?, ?)
            ) ORDER BY created
        """
        return [_file(row) for row in self._rows(question, (QUEUED, RUNNING))]

    def bytes_kept(self) -> int:
        """The size of all files."""
        return int(self._rows("SELECT coalesce(sum(size), 0) FROM files WHERE there", ())[0][0])

    def forget(self, files: Iterable[str], before: float) -> None:
        """Take files off the record, and the jobs that ended before a time."""
        with self._change() as base:
            base.executemany("DELETE FROM files WHERE id = ?", [(id,) for id in files])
            base.execute("DELETE FROM jobs WHERE finished < ?", (before,))

    # Jobs

    def submit(
        self,
        id: str,
        *,
        key: str | None,
        fingerprint: str,
        model: str,
        engine: str,
        options: Mapping[str, Any],
        image: str,
        masks: Sequence[str],
    ) -> Job:
        """Put a job on record, or give the one that the same key had before. Raises OtherJob."""
        with self._change() as base:
            if key is not None:
                known = base.execute("SELECT id, fingerprint FROM jobs WHERE key = ?", (key,)).fetchone()
                if known and known["fingerprint"] != fingerprint:
                    raise OtherJob
                if known:
                    return self._known(known["id"])
            number = base.execute(
                "INSERT INTO jobs (id, key, fingerprint, model, engine, options, state, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (id, key, fingerprint, model, engine, json.dumps(options), QUEUED, time.time()),
            ).lastrowid
            rows = [(number, image, "image", 0), *((number, mask, "mask", at) for at, mask in enumerate(masks))]
            base.executemany("INSERT INTO links VALUES (?, ?, ?, ?)", rows)
            return self._known(id)

    def job(self, id: str) -> Job | None:
        """A job by its id."""
        rows = self._rows("SELECT * FROM jobs WHERE id = ?", (id,))
        return self._job(rows[0]) if rows else None

    def job_of_key(self, key: str) -> Job | None:
        """A job by its idempotency key."""
        rows = self._rows("SELECT * FROM jobs WHERE key = ?", (key,))
        return self._job(rows[0]) if rows else None

    def counts(self) -> dict[str, int]:
        """How many jobs there are in each state."""
        return {row[0]: row[1] for row in self._rows("SELECT state, count(*) FROM jobs GROUP BY state", ())}

    def ahead(self, job: Job) -> int:
        """How many wait before a job that waits."""
        question = "SELECT count(*) FROM jobs WHERE state = ? AND number < ?"
        return int(self._rows(question, (QUEUED, job.number))[0][0])

    def take(self) -> Job | None:
        """The job that has waited longest; it is running from now on."""
        with self._change() as base:
            row = base.execute(
                "UPDATE jobs SET state = ?, tries = tries + 1, started = ? "
                "WHERE number = (SELECT number FROM jobs WHERE state = ? ORDER BY number LIMIT 1) RETURNING *",
                (RUNNING, time.time(), QUEUED),
            ).fetchone()
            return self._job(row) if row else None

    def complete(self, job: Job, files: Sequence[File], details: Mapping[str, Any]) -> bool:
        """Record a job's result; False where it was cancelled meanwhile."""
        with self._change() as base:
            done = base.execute(
                "UPDATE jobs SET state = ?, details = ?, finished = ?, error = '', code = NULL "
                "WHERE number = ? AND state = ?",
                (COMPLETED, json.dumps(details), time.time(), job.number, RUNNING),
            )
            if not done.rowcount:
                return False
            base.executemany(INSERT_FILE, map(_row, files))
            links = [(job.number, file.id, "output", place) for place, file in enumerate(files)]
            base.executemany("INSERT INTO links VALUES (?, ?, ?, ?)", links)
            return True

    def fail(self, job: Job, code: int, error: str) -> None:
        """Record that a job has failed for good."""
        self._end(job, FAILED, code, error)

    def requeue(self, job: Job, *, tried: bool) -> None:
        """Let a running job wait again, in its old place; `tried` False where the try is not to count."""
        with self._change() as base:
            base.execute(
                "UPDATE jobs SET state = ?, tries = tries - ? WHERE number = ? AND state = ?",
                (QUEUED, int(not tried), job.number, RUNNING),
            )

    def cancel(self, id: str) -> bool:
        """Record that a job is not wanted any more; False where it has ended before."""
        with self._change() as base:
            done = base.execute(
                "UPDATE jobs SET state = ?, finished = ?, error = ? WHERE id = ? AND state IN (?, ?)",
                (CANCELLED, time.time(), "The job was cancelled.", id, QUEUED, RUNNING),
            )
            return bool(done.rowcount)

    def recover(self) -> tuple[int, int]:
        """After a crash: what was running waits again, as if it was not tried, for the server's end is seldom a job's
        fault; one has failed in whose middle the server ended `MOST_DEATHS` times. Gives how many of each.
        """
        error = (
            f"The server was ended {MOST_DEATHS} times in the middle of this job: it may be too much for it. "
            "Submit it again to retry."
        )
        with self._change() as base:
            base.execute("UPDATE jobs SET tries = tries - 1, deaths = deaths + 1 WHERE state = ?", (RUNNING,))
            failed = base.execute(
                "UPDATE jobs SET state = ?, code = 1403, error = ?, finished = ? WHERE state = ? AND deaths >= ?",
                (FAILED, error, time.time(), RUNNING, MOST_DEATHS),
            ).rowcount
            again = base.execute("UPDATE jobs SET state = ? WHERE state = ?", (QUEUED, RUNNING)).rowcount
            return again, failed

    def _end(self, job: Job, state: str, code: int, error: str) -> None:
        with self._change() as base:
            base.execute(
                "UPDATE jobs SET state = ?, code = ?, error = ?, finished = ? WHERE number = ? AND state = ?",
                (state, code, error, time.time(), job.number, RUNNING),
            )

    # SQLite

    def _known(self, id: str) -> Job:
        job = self.job(id)
        assert job is not None
        return job

    def _job(self, row: sqlite3.Row) -> Job:
        question = "SELECT role, file, name FROM links LEFT JOIN files ON id = file WHERE job = ? ORDER BY role, place"
        links = self._rows(question, (row["number"],))
        by_role: dict[str, list[tuple[str, str]]] = {"image": [("", "")], "mask": [], "output": []}
        for link in links:
            if link["role"] == "image":
                by_role["image"] = []
            by_role[link["role"]].append((link["file"], link["name"]))
        return Job(
            row["number"], row["id"], row["model"], row["engine"], json.loads(row["options"]), row["state"],
            row["tries"], row["code"], row["error"], json.loads(row["details"]), row["created"], row["started"],
            row["finished"], by_role["image"][0][0], tuple(id for id, _ in by_role["mask"]), tuple(by_role["output"]),
        )  # fmt: skip

    def _rows(self, question: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        with self._lock:
            return self._base.execute(question, values).fetchall()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it, or nothing."""
        with self._lock:
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
                self._base.execute("COMMIT")
            except BaseException:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                raise


def _row(file: File) -> tuple[Any, ...]:
    return file.id, file.name, file.type, file.size, file.digest, int(file.there), file.created


def _file(row: sqlite3.Row) -> File:
    return File(
        row["id"], row["name"], row["type"], row["size"], row["digest"], bool(row["there"]), row["created"]
    )  # fmt: skip
