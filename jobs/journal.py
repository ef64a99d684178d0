# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job and its results on disk, so that a crash or a closed Blender loses nothing. No bpy.

One row a job: the columns that are asked for, and the whole job as JSON. `owner` is the Blender that has the job at
work; `open` tells that something is left to do for it.
"""

import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from . import database, journal_file, listing
from .listing import ResultPage, ResultQuery, readable
from .model import Job, State
from .serialization import to_record


class Journal:
    """The table of jobs. Its methods raise OSError or sqlite3.Error when the disk refuses."""

    def __init__(self, path: Path) -> None:
        """Open the journal at `path`, making what is missing and mending what is damaged.

        `trouble` tells the artist of it; `path` is another one where that one is a newer version's.
        """
        self.path, self.trouble = journal_file.prepare(path)

    def write(self, jobs: Sequence[Job], owner: str) -> None:
        """Record jobs as they stand now, all of them or none."""
        with database.opened(self.path) as connection:
            database.put(connection, "jobs", [_row(job, owner) for job in jobs])

    def claim(self, job: Job, owner: str, is_alive: Callable[[str], bool]) -> bool:
        """Record a job that is about to be at work, unless another living Blender has it; returns whether that worked.

        Several Blenders may list a job that had failed, and go on with it.
        """
        with database.opened(self.path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            known = connection.execute("SELECT owner FROM jobs WHERE id = ?", (job.id,)).fetchone()
            if known and known[0] not in ("", owner) and is_alive(known[0]):
                return False
            database.put(connection, "jobs", [_row(job, owner)])
        return True

    def read(self, limit: int = 50) -> list[Job]:
        """The newest jobs and all that something is left to do for, the oldest first."""
        newest = "SELECT id FROM jobs ORDER BY created DESC LIMIT ?"
        with database.opened(self.path) as connection:
            rows = connection.execute(
                f"SELECT record FROM jobs WHERE open OR id IN ({newest}) ORDER BY created", (limit,)
            ).fetchall()
        return list(readable(record for (record,) in rows))

    def find(self, job_id: str) -> Job | None:
        """The job of that id, however old it is."""
        with database.opened(self.path) as connection:
            rows = connection.execute("SELECT record FROM jobs WHERE id = ?", (job_id,)).fetchall()
        return next(readable(record for (record,) in rows), None)

    def of_group(self, group: str) -> list[Job]:
        """All jobs that were started together."""
        with database.opened(self.path) as connection:
            return listing.of_group(connection, group)

    def page(self, query: ResultQuery, without: Collection[str]) -> ResultPage:
        """Part of the list, without some ids."""
        with database.opened(self.path) as connection:
            return listing.page(connection, query, without)

    def clear(self, query: ResultQuery, without: Collection[str], *, everything: bool) -> list[Job]:
        """Forget what a query asks for, without some ids; returns those of it in which something was at stake.

        Those are forgotten only with `everything`.
        """
        with database.opened(self.path) as connection:
            found = listing.found_ids(connection, query, without, everything=everything)
            staked = [
                connection.execute("SELECT record FROM jobs WHERE id = ?", (job_id,)).fetchone()
                for job_id, at_stake in found
                if at_stake
            ]
            connection.executemany("DELETE FROM jobs WHERE id = ?", [(job_id,) for job_id, _ in found])
        return list(readable(record for (record,) in staked))

    def elsewhere(self, owner: str, is_alive: Callable[[str], bool]) -> set[str]:
        """The ids of the jobs that another living Blender has at work."""
        with database.opened(self.path) as connection:
            rows = connection.execute("SELECT id, owner FROM jobs WHERE owner NOT IN ('', ?)", (owner,)).fetchall()
        return {job_id for job_id, other in rows if is_alive(other)}

    def adopt(self, owner: str, is_alive: Callable[[str], bool]) -> set[str]:
        """Take over the jobs at work whose Blender is gone; returns the ids of those that a living one has."""
        elsewhere = set()
        with database.opened(self.path) as connection:
            connection.execute("BEGIN IMMEDIATE")  # two Blenders that start together must not both take a job
            for job_id, other in connection.execute("SELECT id, owner FROM jobs WHERE owner != ''").fetchall():
                if other != owner and is_alive(other):
                    elsewhere.add(job_id)
                else:
                    connection.execute("UPDATE jobs SET owner = ? WHERE id = ?", (owner, job_id))
        return elsewhere

    def remove(self, job_id: str) -> None:
        """Forget a job; its files stay."""
        with database.opened(self.path) as connection:
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))


def _row(job: Job, owner: str) -> tuple[str, float, bool, str, str]:
    return job.id, job.created, _is_open(job), owner if job.at_work else "", json.dumps(to_record(job))


def _is_open(job: Job) -> bool:
    return job.at_work or job.state is State.READY or job.unfetched
