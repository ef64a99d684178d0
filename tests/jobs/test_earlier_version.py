# SPDX-License-Identifier: GPL-3.0-or-later
"""What the first version has left on an artist's disk is read whole, and written as it was.

`version_0_1` was written by that version's own code: a journal with a job in every state, and the results folder of a
body with two people.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loopback.wavespeed import WaveSpeedServer
from test_body_joints import write_glb

from sam3d.engine.rigging.person import Person
from sam3d.jobs.body_joints import make_rig, read_rig, rig_file
from sam3d.jobs.journal import Journal
from sam3d.jobs.ledger import Ledger
from sam3d.jobs.model import Charge, Destination, Job, State
from sam3d.jobs.provenance import write_provenance
from sam3d.jobs.queue import JobQueue
from sam3d.providers import SERVICES
from sam3d.providers.base import Credentials, ReconstructionOptions, Request, Subject, Task

LEFT = Path(__file__).parent / "version_0_1"
HOME = "/home/ada/sam3d"
"""Where its artist kept the results."""
OWNER = "0123456789abcdef0123456789abcdef"
BOUND = 120.0
Rows = list[tuple[Any, ...]]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A copy of the journal."""
    return Path(shutil.copy(LEFT / "journal.sqlite3", tmp_path / "journal.sqlite3"))


def rows(path: Path) -> Rows:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT * FROM jobs ORDER BY created").fetchall()
    return [(*columns, json.loads(record)) for *columns, record in found]


def by_number(jobs: list[Job]) -> dict[int, Job]:
    return {int(job.id, 16): job for job in jobs}


def test_every_job_is_written_back_as_it_was(journal: Path) -> None:
    """So the version before can read it: the same columns, the same keys, the same values."""
    before = rows(journal)
    jobs = Journal(journal).read()
    assert {job.state for job in jobs} == set(State)
    assert {job.charge for job in jobs} == set(Charge)
    with closing(sqlite3.connect(journal)) as connection, connection:
        connection.execute("DELETE FROM jobs")
    Journal(journal).write(jobs, OWNER)
    assert rows(journal) == before


def test_every_field_is_where_it_belongs(journal: Path) -> None:
    jobs = by_number(Journal(journal).read())
    folder = Path(HOME, "results", "job 5")
    options = ReconstructionOptions(
        prompt="a mug", points=((12.5, 30.0), (40.0, 8.0)), box=(1, 2, 60, 44), seed=12, results=1
    )
    request = Request(f"{5:032x}", folder / "photo.png", (folder / "mask.png",), options, folder)
    destination = Destination(
        "/home/ada/desk.blend", "Scene", "desk", "mug", (1.0, 2.0, 0.5), 5000, 0.25, 1.5, helper_bones=True, turn=0.5
    )
    assert jobs[5] == Job(
        id=f"{5:032x}",
        provider="WAVESPEED",
        photo="desk.png",
        options=options,
        destination=destination,
        folder=folder,
        group="one press",
        price=0.02,
        created=1769860805.0,
        state=State.READY,
        fraction=1.0,
        submitted=1769860805.5,
        finished=1769860825.0,
        request=request,
        task=Task("pred_0005", request),
        charge=Charge.CHARGED,
        model=folder / "model.glb",
        extras=(folder / "model.ply", folder / "keypoints.json"),
        model_name="sam-3d-objects",
        cost=0.02,
        notes=("The mask was stretched to the photo's shape.",),
    )
    assert (jobs[1].request, jobs[1].stage, jobs[1].charge) == (None, "Waiting its turn", Charge.NOTHING)
    assert (jobs[2].task, jobs[2].charge) == (None, Charge.POSSIBLE)
    assert jobs[4].task is not None
    assert jobs[4].task.response == Path(HOME, "results", "job 4", "answer.json")
    body = jobs[6].options
    assert (body.subject, body.alternative, body.results, body.artifacts) == (Subject.BODY, 1, 2, True)
    assert jobs[7].message.startswith("There is too little credit.")
    assert [number for number, job in jobs.items() if job.unfetchable] == [9]
    assert jobs[12].options == ReconstructionOptions()
    assert [job.group for job in jobs.values()].count("one press") == 3


def test_the_spending_and_the_usual_times_stay(journal: Path) -> None:
    ledger = Ledger(journal)
    assert ledger.spent(14) == {"2026-01-31": {"RUNWARE": 0.05, "WAVESPEED": pytest.approx(0.17)}}
    assert ledger.times() == {("WAVESPEED", "OBJECT"): [19.5, 19.5], ("WAVESPEED", "BODY"): [19.5]}


def test_what_was_pending_goes_on(journal: Path, tmp_path: Path) -> None:
    """Each job is listed; those that the service still has are fetched, and none is sent or paid anew."""
    with closing(sqlite3.connect(journal)) as connection, connection:
        connection.execute("UPDATE jobs SET record = replace(record, ?, ?)", (HOME, str(tmp_path)))
    before = by_number(Journal(journal).read())
    with WaveSpeedServer() as server:
        for number in (3, 10, 11):
            before[number].folder.mkdir(parents=True)
            server.start(f"pred_{number:04d}", "wavespeed-ai/sam-3d-objects", {})
        queue = JobQueue(SERVICES, journal)
        try:
            queue.allow({"WAVESPEED": Credentials(server.url, server.key)}, 0.0)
            queue.wait_for_journal()
            queue.resume()
            until(queue, lambda: not queue.at_work())
            jobs = by_number(list(queue.jobs.values()))
            assert jobs.keys() == before.keys()
            assert {number for number, job in jobs.items() if job.state is State.READY} == {3, 5, 10, 55}
            assert jobs[6] == before[6]
            assert jobs[7] == before[7]
            assert jobs[11].state is State.CANCELLED
            queue.fetch_again(jobs[11].id)
            until(queue, lambda: not queue.at_work())
            assert queue.jobs[jobs[11].id].state is State.READY
        finally:
            queue.close()
        assert server.submit_posts == 0


def until(queue: JobQueue, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, f"never came true; jobs: {queue.jobs}"
        queue.drain()
        time.sleep(0.005)


def test_the_joints_beside_a_body_are_read(tmp_path: Path) -> None:
    people = read_rig(LEFT / "body" / "model.glb")
    assert [type(person) for person in people] == [Person, Person]
    assert [len(person.joints) for person in people] == [26, 26]
    assert [person.reason for person in people] == ["", ""]
    assert people[1].middle[0] - people[0].middle[0] == pytest.approx(3.0, abs=0.01)
    assert all(
        place.shape == (3,) and np.isfinite(place).all() for person in people for place in person.joints.values()
    )
    again = write_glb(tmp_path / "model.glb", [{"mesh": 0}])
    make_rig(again)
    written, left = (json.loads(rig_file(model).read_text()) for model in (again, LEFT / "body" / "model.glb"))
    assert written.keys() == left.keys()
    assert written["people"][0].keys() == left["people"][0].keys()


def test_the_json_beside_a_result_stays_as_it_was(journal: Path, tmp_path: Path) -> None:
    job = by_number(Journal(journal).read())[6]
    write_provenance(replace(job, folder=tmp_path, model=tmp_path / "model.glb", extras=(tmp_path / "model.ply",)))
    written, left = (json.loads((folder / "model.json").read_text()) for folder in (tmp_path, LEFT / "body"))
    for moment in ("started", "finished"):  # told in the time zone of the machine
        written.pop(moment), left.pop(moment)
    assert written == left
