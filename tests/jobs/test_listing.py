# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job of a journal can be found, a page at a time, whichever version has written it."""

import json
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from long_journal import make_journal
from made_jobs import delivered, make_job

from sam3d.jobs import database, listing
from sam3d.jobs.journal import Journal
from sam3d.jobs.listing import ARRIVED, ResultQuery
from sam3d.jobs.model import Destination, Job, State
from sam3d.jobs.results import job_id
from sam3d.jobs.serialization import to_record
from sam3d.jobs.variations import subject_of, variation_of
from sam3d.providers.base import ReconstructionOptions, Subject

BOUND = 0.1
"""Seconds that a page of 10,000 jobs may take; it takes a tenth of that on a quiet machine."""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite3")


def job(folder: Path, number: int, state: State = State.IMPORTED, **changes: Any) -> Job:
    """A job of its own second and folder, which has arrived but where the state says otherwise."""
    made = make_job(folder / str(number), f"{number:04}", created=1000.0 + number)
    made = delivered(made, state=state) if state in (State.READY, State.IMPORTED) else replace(made, state=state)
    return replace(made, **changes)


def found(journal: Journal, query: ResultQuery, without: tuple[str, ...] = ()) -> list[int]:
    return [int(job.id) for job in journal.page(query, without).jobs]


def test_pages_begin_with_the_latest(journal: Journal, tmp_path: Path) -> None:
    journal.write([job(tmp_path, number) for number in range(25)], "")
    assert found(journal, ResultQuery()) == list(range(24, 14, -1))
    page = journal.page(ResultQuery(first=20), ())
    assert ([int(one.id) for one in page.jobs], page.first, page.total) == ([4, 3, 2, 1, 0], 20, 25)
    assert page.jobs[0] == job(tmp_path, 4), "whole as it was written"
    assert found(journal, ResultQuery(first=9000)) == [4, 3, 2, 1, 0], "the last page where there are fewer by now"
    assert found(journal, ResultQuery(first=10), without=("0024", "0014")) == list(range(12, 2, -1))


def test_jobs_are_found_by_what_is_known_of_them(journal: Journal, tmp_path: Path) -> None:
    mug = Destination("", "Scene", "desk", "Großer Becher", (0.0, 0.0, 0.0))
    wish = ReconstructionOptions(Subject.OBJECT, "a 100% wooden horse")
    jobs = [
        job(tmp_path, 0, photo="desk.jpg", destination=mug),
        job(tmp_path, 1, provider="SEGMIND", options=wish),
        job(tmp_path, 2, State.FAILED, photo="desk.jpg"),
        job(tmp_path, 3, State.CANCELLED, provider="SEGMIND"),
        job(tmp_path, 4, State.READY),
        job(tmp_path, 5, State.RUNNING),
    ]
    journal.write(jobs, "a Blender that is gone")
    expected = {
        ResultQuery("GROSSER"): [0],
        ResultQuery("becher desk"): [0],
        ResultQuery("becher stage"): [],
        ResultQuery("100%"): [1],
        ResultQuery("sam-3d-body"): [4, 1, 0],
        ResultQuery(photo="desk.jpg"): [2, 0],
        ResultQuery(photo="desk"): [],
        ResultQuery(provider="SEGMIND"): [3, 1],
        ResultQuery(provider="SEGMIND", state=State.CANCELLED): [3],
        ResultQuery(state=ARRIVED): [4, 1, 0],
        ResultQuery(state=State.FAILED): [5, 2],
    }
    for query, numbers in expected.items():
        assert found(journal, query) == numbers, query
        assert [int(one.id) for one in reversed(jobs) if query.asks_for(one)] == numbers, query
    assert journal.page(ResultQuery(), ()).photos == ("stage.jpg", "desk.jpg")


def test_the_list_follows_the_journal(journal: Journal, tmp_path: Path) -> None:
    journal.write([job(tmp_path, number, State.FAILED) for number in range(3)], "")
    assert found(journal, ResultQuery(state=State.FAILED)) == [2, 1, 0]
    journal.write([job(tmp_path, 1)], "")
    journal.remove("0002")
    assert found(journal, ResultQuery(state=State.FAILED)) == [0]
    assert found(journal, ResultQuery(state=ARRIVED)) == [1]


def test_what_another_version_writes_is_listed(journal: Journal, tmp_path: Path) -> None:
    """It knows nothing of the list; and one record that is broken takes no other away."""
    journal.write([job(tmp_path, 0)], "")
    assert found(journal, ResultQuery()) == [0]
    rows = [
        (f"{number:04}", 1000.0 + number, False, "", text)
        for number, text in ((1, json.dumps(to_record(job(tmp_path, 1)))), (2, "{"), (0, "[]"))
    ]
    with closing(sqlite3.connect(journal.path)) as connection, connection:
        database.put(connection, "jobs", rows)
    assert found(journal, ResultQuery()) == [1]
    assert found(Journal(journal.path), ResultQuery()) == [1]


def test_the_list_leaves_the_jobs_of_the_first_version_as_they_are(tmp_path: Path) -> None:
    file = Path(shutil.copy(Path(__file__).parent / "version_0_1" / "journal.sqlite3", tmp_path))
    with closing(sqlite3.connect(file)) as connection:
        before = connection.execute("SELECT * FROM jobs ORDER BY id").fetchall()
    page = Journal(file).page(ResultQuery(count=100), ())
    assert len(page.jobs) == page.total == len(before)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT * FROM jobs ORDER BY id").fetchall() == before
        (kept,) = connection.execute("PRAGMA user_version").fetchone()
    assert kept == database.VERSION, "a version that knows no list takes the file as its own"


def test_a_long_journal_is_listed_bit_by_bit(journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest jobs are there at once; nobody waits for the journal until all are."""
    monkeypatch.setattr(listing, "AT_ONCE", 5)
    monkeypatch.setattr(listing, "MOST_AT_ONCE", 10)
    journal.write([job(tmp_path, number) for number in range(32)], "")
    totals = []
    for _ in range(4):
        page = journal.page(ResultQuery(), ())
        totals.append((page.total, page.is_complete))
        assert [int(one.id) for one in page.jobs] == list(range(31, 21, -1))
    assert totals == [(10, False), (20, False), (30, False), (32, True)]


def test_what_is_cleared_is_what_was_asked_for(journal: Journal, tmp_path: Path) -> None:
    jobs = [
        job(tmp_path, 0),
        job(tmp_path, 1, photo="desk.jpg"),
        replace(job(tmp_path, 2), state=State.FAILED, model=None),  # its result can still be fetched
        job(tmp_path, 3, State.READY),  # it waits for its scene
        job(tmp_path, 4, State.CANCELLED),
        job(tmp_path, 5),
    ]
    journal.write(jobs, "")
    assert journal.page(ResultQuery(), ()).at_stake == 1
    assert journal.clear(ResultQuery(photo="stage.jpg"), ("0005",), everything=False) == []
    assert found(journal, ResultQuery()) == [5, 3, 2, 1]
    assert journal.clear(ResultQuery(), (), everything=True) == [jobs[2]]
    assert found(journal, ResultQuery()) == [3]


def test_a_page_of_a_long_journal_is_quick(tmp_path: Path) -> None:
    make_journal(tmp_path / "journal.sqlite3", 10_000)
    journal = Journal(tmp_path / "journal.sqlite3")
    while not journal.page(ResultQuery(), ()).is_complete:
        pass
    for query in (ResultQuery(first=5000, count=24), ResultQuery("fruit nowhere"), ResultQuery(state=State.FAILED)):
        took = []
        for _ in range(5):
            begun = time.perf_counter()
            journal.page(query, ())
            took.append(time.perf_counter() - begun)
        assert min(took) < BOUND, (query, took)


def test_variations_of_one_subject_are_told_from_other_subjects(journal: Journal, tmp_path: Path) -> None:
    def one(number: int, name: str, alternative: int, results: int = 1, group: str = "press") -> Job:
        options = ReconstructionOptions(Subject.OBJECT, alternative=alternative, results=results)
        place = Destination("", "Scene", "desk", name, (0.0, 0.0, 0.0))
        return job(tmp_path, number, group=group, destination=place, options=options)

    def further(first: Job, number: int) -> Job:
        """Another result of the same task."""
        name = job_id(first.task_name, number)
        return replace(first, id=name, folder=first.folder / name, created=first.created + number * 1e-3)

    mugs, pens = [one(0, "mug", 0), one(1, "mug", 1)], [one(2, "pen", 0), one(3, "pen", 1)]
    at_once = one(4, "vase", 0, results=3)  # a service that makes several in one task
    vases = [at_once, further(at_once, 1), further(at_once, 2)]
    crowd = one(5, "people", 0)  # more than was asked for: other people, not variations
    people = [crowd, further(crowd, 1)]
    journal.write(
        [*mugs, *pens, *vases, *people, one(6, "mug", 0, group="another press"), one(7, "mug", 0, group="")], ""
    )
    together = journal.page(ResultQuery(count=20), ()).variations
    for several in (mugs, pens, vases):
        ids = tuple(each.id for each in several)
        assert {each: together[each] for each in ids} == dict.fromkeys(ids, ids)
        assert [variation_of(each) for each in several] == list(range(len(several)))
    assert len(together) == 7
    assert len({subject_of(each) for each in people}) == 2
