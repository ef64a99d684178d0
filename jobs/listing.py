# SPDX-License-Identifier: GPL-3.0-or-later
"""All jobs of the journal as a list to search in, a page at a time. No bpy.

Beside the jobs stands a narrow table of what is searched for, worked out from them: triggers note which jobs have
changed, also those that another version writes, and before a question those are listed anew. It holds nothing of its
own, so a version that wants other columns takes tables and triggers of other names.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..log import get_logger
from .model import Job, State
from .serialization import from_record
from .variations import subject_of, variation_of

LOG = get_logger(__name__)
SCHEMA = """
CREATE TABLE IF NOT EXISTS listing (
    created REAL NOT NULL,
    job TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    provider TEXT NOT NULL,
    photo TEXT NOT NULL,
    subject TEXT NOT NULL,
    variation INTEGER NOT NULL,
    at_stake INTEGER NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (created, job)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS listing_by_photo ON listing (photo, created);
CREATE INDEX IF NOT EXISTS listing_by_subject ON listing (subject) WHERE subject != '';
CREATE TABLE IF NOT EXISTS unlisted (job TEXT NOT NULL);
INSERT INTO unlisted SELECT id FROM jobs ORDER BY created DESC;
CREATE TRIGGER IF NOT EXISTS job_added AFTER INSERT ON jobs BEGIN
    INSERT INTO unlisted VALUES (new.id);
END;
CREATE TRIGGER IF NOT EXISTS job_changed AFTER UPDATE ON jobs BEGIN
    INSERT INTO unlisted VALUES (new.id);
END;
CREATE TRIGGER IF NOT EXISTS job_removed AFTER DELETE ON jobs BEGIN
    DELETE FROM listing WHERE job = old.id;
END;
"""
COLUMNS = 9
AT_ONCE, MOST_AT_ONCE = 500, 4000
"""Jobs that are listed in one go, and before one question: a long journal takes several."""
MOST_PHOTOS = 200
"""Whose names are offered to choose from, the latest first."""
ARRIVED = "ARRIVED"
"""What the list is asked for where results that wait for their scene count as well as those that stand in one."""
STATES: Mapping[str, tuple[State, ...]] = {
    ARRIVED: (State.READY, State.IMPORTED),
    State.FAILED: (State.FAILED,),
    State.CANCELLED: (State.CANCELLED,),
}
CLEARABLE = (State.IMPORTED, State.FAILED, State.CANCELLED)
"""Ready ones still wait for their scene."""


@dataclass(frozen=True)
class ResultQuery:
    """What of the list is asked for; empty words ask for all. Each word of `text` must occur."""

    text: str = ""
    photo: str = ""
    provider: str = ""
    state: str = ""
    first: int = 0
    count: int = 10

    def asks_for(self, job: Job) -> bool:
        """Whether a job is among those that are asked for."""
        return (
            self.photo in ("", job.photo)
            and self.provider in ("", job.provider)
            and (not self.state or _state(job) in STATES[self.state])
            and all(word in words_of(job) for word in self.words)
        )

    @property
    def words(self) -> list[str]:
        """What must occur."""
        return self.text.casefold().split()


@dataclass(frozen=True)
class ResultPage:
    """Part of the list, the newest first, from number `first` of `total`.

    `at_stake` is how many of all would be given up. Where it is not `is_complete`, older jobs are still to be listed:
    the next question finds more of them. `photos` are the names that may be asked for. `variations` has the ids of the
    variations of one subject, for each job that is one of several.
    """

    jobs: tuple[Job, ...] = ()
    first: int = 0
    total: int = 0
    at_stake: int = 0
    is_complete: bool = True
    photos: tuple[str, ...] = ()
    variations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def words_of(job: Job) -> str:
    """What a job can be found by."""
    words = (job.destination.name, job.photo, job.options.prompt, job.model_name)
    return "\n".join(words).casefold()


def page(connection: sqlite3.Connection, query: ResultQuery, without: Collection[str]) -> ResultPage:
    """The part of the list that a query asks for, or the last before it; `without` are ids that are left out."""
    is_complete = _catch_up(connection, MOST_AT_ONCE)
    _leave_out(connection, without)
    where, values = _condition(query)
    total, at_stake = connection.execute(f"SELECT count(*), total(at_stake) FROM listing {where}", values).fetchone()
    first = min(query.first, max(0, total - 1) // query.count * query.count)
    count = min(query.count, total - first)
    order, offset = ("DESC", first) if first <= total // 2 else ("", total - first - count)  # from the nearer end
    found = connection.execute(
        f"SELECT record FROM jobs WHERE id IN "
        f"(SELECT job FROM listing {where} ORDER BY created {order} LIMIT ? OFFSET ?) ORDER BY created DESC",
        (*values, count, offset),
    )
    jobs = tuple(readable(record for (record,) in found))
    return ResultPage(
        jobs, first, total, int(at_stake), is_complete, _photos(connection), _variations(connection, jobs)
    )


def found_ids(
    connection: sqlite3.Connection, query: ResultQuery, without: Collection[str], *, everything: bool
) -> list[tuple[str, bool]]:
    """The ids of all that a query asks for and that may be cleared, with whether something is at stake.

    Those are among them only with `everything`.
    """
    while not _catch_up(connection, MOST_AT_ONCE):
        pass
    _leave_out(connection, without)
    where, values = _condition(query)
    places = ", ".join("?" * len(CLEARABLE))
    stakes = "" if everything else "AND NOT at_stake"
    found = connection.execute(
        f"SELECT job, at_stake FROM listing {where} AND state IN ({places}) {stakes}", (*values, *CLEARABLE)
    )
    return [(job, bool(at_stake)) for job, at_stake in found]


def of_group(connection: sqlite3.Connection, group: str) -> list[Job]:
    """All jobs that were started together, however old, in their order."""
    while not _catch_up(connection, MOST_AT_ONCE):
        pass
    found = connection.execute(  # a subject begins with its group, then a space, which "!" comes after
        "SELECT record FROM jobs WHERE id IN (SELECT job FROM listing WHERE subject > ? AND subject < ?) "
        "ORDER BY created",
        (f"{group} ", f"{group}!"),
    )
    return list(readable(record for (record,) in found))


def readable(records: Iterable[str]) -> Iterator[Job]:
    """One record that is broken must not take the others away."""
    for record in records:
        try:
            yield from_record(json.loads(record))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            LOG.warning("A job's record is unreadable (%s); its files lie in the results folder.", error)


def _catch_up(connection: sqlite3.Connection, most: int) -> bool:
    """List what has changed, `most` at once: others wait for the journal meanwhile. Returns whether that was all."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'job_removed'").fetchone():
        connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
    for _ in range(0, most, AT_ONCE):
        if not connection.execute("SELECT 1 FROM unlisted").fetchone():
            return True
        connection.execute("BEGIN IMMEDIATE")
        changed = connection.execute("SELECT rowid, job FROM unlisted ORDER BY rowid LIMIT ?", (AT_ONCE,)).fetchall()
        found = (connection.execute("SELECT record FROM jobs WHERE id = ?", (job,)).fetchone() for _, job in changed)
        rows = [_row(job) for job in readable(record for row in found if row for record in row)]
        connection.executemany(f"INSERT OR REPLACE INTO listing VALUES ({', '.join('?' * COLUMNS)})", rows)
        connection.execute("DELETE FROM unlisted WHERE rowid <= ?", (changed[-1][0] if changed else 0,))
        connection.commit()
    return not connection.execute("SELECT 1 FROM unlisted").fetchone()


def _row(job: Job) -> tuple[str | float, ...]:
    state, subject = _state(job), subject_of(job)
    return (
        *(job.created, job.id, state, job.provider, job.photo, subject),
        *(variation_of(job), job.at_stake, words_of(job)),
    )


def _state(job: Job) -> State:
    """What is at work by its record and nowhere else was left by a Blender that is gone."""
    return State.FAILED if job.at_work else job.state


def _leave_out(connection: sqlite3.Connection, without: Collection[str]) -> None:
    connection.execute("CREATE TEMP TABLE left_out (job TEXT PRIMARY KEY)")
    connection.executemany("INSERT INTO left_out VALUES (?)", [(job,) for job in without])


def _condition(query: ResultQuery) -> tuple[str, list[str]]:
    """A WHERE and its values."""
    terms, values = ["job NOT IN (SELECT job FROM left_out)"], []
    for column, value in (("photo", query.photo), ("provider", query.provider)):
        if value:
            terms.append(f"{column} = ?")
            values.append(value)
    if query.state:
        states = STATES[query.state]
        terms.append(f"state IN ({', '.join('?' * len(states))})")
        values += states
    for word in query.words:
        terms.append("instr(words, ?)")
        values.append(word)
    return f"WHERE {' AND '.join(terms)}", values


def _photos(connection: sqlite3.Connection) -> tuple[str, ...]:
    found = connection.execute(
        "SELECT photo FROM listing GROUP BY photo ORDER BY max(created) DESC LIMIT ?", (MOST_PHOTOS,)
    )
    return tuple(photo for (photo,) in found)


def _variations(connection: sqlite3.Connection, jobs: Sequence[Job]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for subject in {subject_of(job) for job in jobs} - {""}:
        ids = connection.execute(
            "SELECT job FROM listing WHERE subject = ? AND subject != '' ORDER BY variation, created", (subject,)
        )
        together = tuple(job for (job,) in ids)
        if len(together) > 1:
            found |= dict.fromkeys(together, together)
    return found
