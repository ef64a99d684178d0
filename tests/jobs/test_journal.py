# SPDX-License-Identifier: GPL-3.0-or-later
"""Years of jobs do not make Blender's start any slower."""

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from long_journal import LEFT_OPEN, make_journal
from made_jobs import delivered, make_job, submitted

from sam3d.jobs.instance_lock import InstanceLock, is_alive
from sam3d.jobs.journal import Journal
from sam3d.jobs.ledger import Ledger
from sam3d.jobs.model import AT_WORK, State
from sam3d.jobs.queue import JobQueue
from sam3d.providers import SERVICES

MANY = 10_000
OPEN_SECONDS = 0.3
MAIN_THREAD_SECONDS = 0.005
"""Of the processor, which what else this machine does hardly changes; tools/bench_journal.py measures by the clock."""
BYTES_A_JOB = 4096
TRIES = 3


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("user") / "journal.sqlite3"
    make_journal(path, MANY)
    return path


def test_the_place_of_a_block_out_comes_back(tmp_path: Path) -> None:
    job = delivered(make_job(tmp_path))
    place = replace(job.destination, room=(-1.0, 1.5, -0.5, 2.0), replaces=(("Cabinet", 17), ("Drum", 18)))
    options = replace(job.options, closed=True, even_light=True)
    path = tmp_path / "journal.sqlite3"
    kept = replace(job, destination=place, options=options)
    Journal(path).write([kept], "me")
    (found,) = Journal(path).read()
    assert (found.destination, found.options) == (place, options)


def test_it_opens_in_a_moment_and_off_the_main_thread(journal: Path) -> None:
    opened, main_thread = [], []
    for _ in range(TRIES):  # the best of them
        begun, begun_here = time.process_time(), time.thread_time()
        queue = JobQueue(SERVICES, journal)
        queue.wait_for_journal()
        queue.drain()
        opened.append(time.process_time() - begun)
        main_thread.append(time.thread_time() - begun_here)
        assert len(queue.jobs) >= LEFT_OPEN
        queue.close()
    assert min(opened) < OPEN_SECONDS
    assert min(main_thread) < MAIN_THREAD_SECONDS


def test_only_the_newest_jobs_and_those_left_open_are_read(journal: Path) -> None:
    jobs = Journal(journal).read(limit=50)
    assert [job.created for job in jobs] == sorted(job.created for job in jobs)
    unfetched = [job for job in jobs if job.unfetched]
    assert len(unfetched) == LEFT_OPEN
    assert 50 <= len(jobs) <= 50 + LEFT_OPEN


@pytest.mark.parametrize(
    ("state", "fetched", "unfetchable", "stays"),
    [
        (State.WAITING, True, False, True),
        (State.SUBMITTING, True, False, True),
        (State.RUNNING, True, False, True),
        (State.FETCHING, True, False, True),
        (State.READY, True, False, True),
        (State.FAILED, False, False, True),
        (State.CANCELLED, False, False, True),
        (State.FAILED, False, True, False),
        (State.FAILED, True, False, False),
        (State.IMPORTED, True, False, False),
    ],
)
def test_an_old_job_is_read_while_something_is_left_to_do_for_it(
    state: State, fetched: bool, unfetchable: bool, stays: bool, tmp_path: Path
) -> None:
    """However many newer ones there are."""
    path = tmp_path / "journal.sqlite3"
    make_journal(path, LEFT_OPEN + 1)
    done = replace(Journal(path).read()[0], state=State.IMPORTED, model=tmp_path / "model.glb")
    old = replace(done, id="old", created=1.0, state=state, unfetchable=unfetchable)
    journal = Journal(path)
    journal.write([old if fetched else replace(old, model=None)], "")
    journal.write([replace(done, id=f"new {number}", created=2.0 + number) for number in range(3)], "")
    assert ("old" in [job.id for job in journal.read(limit=3)]) is stays


def test_its_file_stays_small(journal: Path) -> None:
    Journal(journal).read()
    assert journal.stat().st_size < MANY * BYTES_A_JOB


def test_the_usual_times_are_learnt_from_the_latest_runs_alone(journal: Path) -> None:
    times = Ledger(journal).times()
    assert {len(past) for past in times.values()} == {20}
    assert all(17.0 <= seconds < 45.0 for past in times.values() for seconds in past)


def test_what_a_newer_version_has_added_is_left_out(tmp_path: Path) -> None:
    """An artist who goes back to this version finds every job again."""
    path = tmp_path / "journal.sqlite3"
    make_journal(path, LEFT_OPEN)
    known = Journal(path).read()
    with closing(sqlite3.connect(path)) as connection, connection:
        for job_id, text in connection.execute("SELECT id, record FROM jobs").fetchall():
            record = json.loads(text)
            for part in (record, record["wish"], record["destination"]):
                part["of tomorrow"] = [1, {"a": None}]
            connection.execute("UPDATE jobs SET record = ? WHERE id = ?", (json.dumps(record), job_id))
    assert known and Journal(path).read() == known


def test_what_is_left_to_do_is_read_however_old_it_is(tmp_path: Path) -> None:
    """A job at work, a result that is not in the scene yet, and one that can still be fetched."""
    journal = Journal(tmp_path / "journal.sqlite3")
    old = [make_job(tmp_path, state.value, state, created=float(number)) for number, state in enumerate(State)]
    unfetched = submitted(make_job(tmp_path, "unfetched", State.FAILED, created=90.0))
    newest = make_job(tmp_path, "newest", State.IMPORTED, created=100.0)
    journal.write([*old, unfetched, newest], "a Blender")
    left = {*(state.value for state in AT_WORK), "READY", "unfetched"}
    assert {job.id for job in journal.read(limit=1)} == {*left, "newest"}
    journal.write([delivered(unfetched, state=State.IMPORTED)], "a Blender")
    assert {job.id for job in journal.read(limit=1)} == {*left, "newest"} - {"unfetched"}


def test_a_job_at_work_belongs_to_its_blender_until_that_is_gone(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    waiting, ended = make_job(tmp_path, "waiting"), make_job(tmp_path, "ended", State.FAILED)
    journal.write([waiting, ended], "first")
    assert not journal.claim(waiting, "second", lambda owner: owner == "first")
    assert journal.claim(waiting, "first", lambda _owner: True)  # its own
    assert journal.claim(ended, "second", lambda _owner: True)  # nobody's, for it was not at work
    assert journal.adopt("second", lambda owner: owner == "first") == {"waiting"}
    assert journal.adopt("second", lambda _owner: False) == set()
    assert not journal.claim(waiting, "first", lambda owner: owner == "second")


def test_a_broken_record_does_not_take_the_others_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal(path)
    jobs = [make_job(tmp_path, name, State.FAILED, created=float(number)) for number, name in enumerate("abcde")]
    journal.write(jobs, "")
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, record in {"a": "{", "c": "{}", "e": '"a text"'}.items():
            connection.execute("UPDATE jobs SET record = ? WHERE id = ?", (record, name))
    assert journal.read() == [jobs[1], jobs[3]]
    assert caplog.text.count("is unreadable") == 3
    journal.remove("b")
    assert journal.read() == [jobs[3]]


def test_a_blender_is_alive_until_it_lets_go(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path)
    other = InstanceLock(tmp_path)
    assert lock.id != other.id
    assert is_alive(tmp_path, lock.id)
    lock.close()
    assert not is_alive(tmp_path, lock.id)
    assert is_alive(tmp_path, other.id)
    assert not is_alive(tmp_path, "")
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".alive"] == [f"{other.id}.alive"]
    other.close()
    killed = tmp_path / "killed.alive"  # its process ended without a word: the sign is there, and not locked
    sqlite3.connect(killed).close()
    assert not is_alive(tmp_path, "killed")
    assert not killed.exists()
