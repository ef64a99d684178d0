# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down of a job: for the next Blender, for scripts, and in the book of what was spent."""

import json
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from made_jobs import delivered, make_job, submitted

from sam3d.engine.matching.camera import PhotoCamera
from sam3d.jobs import database
from sam3d.jobs.at_work import photos_at_work
from sam3d.jobs.ledger import Ledger, OverLimit, passes, today
from sam3d.jobs.model import ITS_TURN, Charge, Job, State
from sam3d.jobs.provenance import write_provenance
from sam3d.jobs.serialization import from_record, to_record
from sam3d.providers.base import AddedPhoto, Task


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    path = tmp_path / "user" / "journal.sqlite3"
    database.create(path)
    return Ledger(path)


def stages(folder: Path) -> list[Job]:
    """A job from the first moment to the last, and one whose answer came with the submit."""
    job = make_job(folder, request=None, created=time.time())
    prepared = make_job(folder, group="one press", charge=Charge.POSSIBLE)
    assert prepared.request is not None
    answered = replace(submitted(prepared), task=Task("task-2", prepared.request, folder / "answer"))
    seen = replace(prepared, request=replace(prepared.request, views=views(folder)))
    ended = [delivered(prepared), delivered(seen), delivered(prepared, state=State.FAILED)]
    return [job, prepared, seen, submitted(prepared), answered, *ended]


def views(folder: Path) -> tuple[AddedPhoto, ...]:
    """Two further photos, the camera of one being known."""
    places = folder / "photo-2", folder / "photo-3"
    cameras = PhotoCamera(640, 480, 700.0, 0.25), None
    return tuple(
        AddedPhoto(place / "photo.jpg", place / "mask.png", camera)
        for place, camera in zip(places, cameras, strict=True)
    )


def test_a_record_gives_the_same_job_again(tmp_path: Path) -> None:
    for job in stages(tmp_path):
        assert from_record(json.loads(json.dumps(to_record(job)))) == job


def test_what_a_result_was_made_from_is_named_beside_it(tmp_path: Path) -> None:
    job = delivered(make_job(tmp_path))
    assert job.request is not None
    request = replace(job.request, views=views(tmp_path))
    write_provenance(replace(job, request=request))
    assert [path.relative_to(tmp_path).as_posix() for path in request.pictures] == [
        *("photo.jpg", "mask.png"),
        *("photo-2/photo.jpg", "photo-2/mask.png", "photo-3/photo.jpg", "photo-3/mask.png"),
    ]
    assert json.loads((tmp_path / "model.json").read_text("utf-8"))["files"]["views"] == [
        {"photo": "photo-2/photo.jpg", "mask": "photo-2/mask.png"},
        {"photo": "photo-3/photo.jpg", "mask": "photo-3/mask.png"},
    ]


def test_each_result_says_beside_it_how_it_was_made(tmp_path: Path) -> None:
    """By names that scripts of artists rely on."""
    folder = tmp_path / "job"
    folder.mkdir()
    job = delivered(make_job(folder))
    write_provenance(job)
    assert [file.name for file in folder.iterdir()] == ["model.json"]
    told = json.loads((folder / "model.json").read_text("utf-8"))
    assert {name: datetime.fromisoformat(told.pop(name)).timestamp() for name in ("started", "finished")} == {
        "started": 1000.0,
        "finished": 1031.0,
    }
    assert told == {
        "made_by": "SAM 3D for Blender",
        "service": "WAVESPEED",
        "model": "sam-3d-body",
        "subject": "BODY",
        "photo": "stage.jpg",
        "name": "dancer",
        "prompt": "a dancer",
        "points": [[10.0, 20.5], [3.0, 4.0]],
        "box": [1, 2, 30, 40],
        "seed": 7,
        "cost_in_dollars": 0.015,
        "job": "job",
        "task": "task-1",
        "files": {
            "photo": "photo.jpg",
            "masks": ["mask.png"],
            "model": "model.glb",
            "extras": ["parts/keypoints.json", "elsewhere.ply"],
        },
        "notes": ["A note."],
    }


def test_what_is_not_known_is_told_as_nothing(tmp_path: Path) -> None:
    job = replace(make_job(tmp_path, request=None), model=tmp_path / "größe.glb", photo="größe.jpg")
    write_provenance(job)
    text = (tmp_path / "größe.json").read_text("utf-8")
    told = json.loads(text)
    assert (told["finished"], told["task"], told["cost_in_dollars"]) == (None, None, None)
    assert (told["files"]["photo"], told["files"]["masks"]) == (None, [])
    assert "größe.jpg" in text and text.count("\n") > 20  # people read it, too


def test_money_is_booked_by_day_and_service(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    for number, (provider, dollars) in enumerate([("A", 0.25), ("A", 0.5), ("B", 1.0), ("C", 0.0)]):
        ledger.enter(f"job-{number}", provider, "OBJECT", dollars, 0.0)
    assert ledger.spent(1) == {today(): {"A": 0.75, "B": 1.0}}
    ledger.enter("job-0", "A", "OBJECT", 0.25, 0.0)  # once more: it is one run
    ledger.correct("job-1", 0.125)
    ledger.correct("job-2", 0.0)
    assert ledger.spent(1) == {today(): {"A": 0.375}}


def test_the_latest_days_are_told_first(ledger: Ledger) -> None:
    days = ["2026-01-29", "2026-01-31", "2026-01-30", "2026-01-28"]
    with database.opened(ledger.path) as connection:
        for number, day in enumerate(days):
            connection.execute(
                "INSERT INTO runs VALUES (?, 'A', 'OBJECT', ?, ?, NULL)", (str(number), day, 1.0 if number else 0.0)
            )
    assert list(ledger.spent(2)) == ["2026-01-31", "2026-01-30"]
    assert list(ledger.spent(9)) == ["2026-01-31", "2026-01-30", "2026-01-28"]  # on the other nothing was spent


def test_a_run_that_would_pass_the_limit_is_not_booked(ledger: Ledger) -> None:
    ledger.enter("first", "A", "OBJECT", 0.3, 0.5)
    ledger.enter("second", "A", "OBJECT", 0.2, 0.5)  # just the limit
    with pytest.raises(OverLimit, match=r"\$0\.50 a day stops this \(\$0\.50 spent\)"):
        ledger.enter("third", "A", "OBJECT", 0.01, 0.5)
    ledger.enter("free", "DRAFT", "OBJECT", 0.0, 0.5)
    ledger.enter("without a limit", "A", "OBJECT", 9.0, 0.0)
    assert ledger.spent(1) == {today(): {"A": pytest.approx(9.5)}}


def test_sums_of_cents_reach_the_limit_exactly() -> None:
    assert not passes(0.3, 0.1 + 0.1, 0.1)
    assert passes(0.3, 0.1 + 0.1, 0.11)
    assert not passes(0.0, 100.0, 1.0)


def test_times_are_kept_by_service_and_subject(ledger: Ledger) -> None:
    for number in range(23):
        ledger.enter(f"job-{number}", "A", "OBJECT", 0.1, 0.0)
        ledger.time(f"job-{number}", float(number))
    ledger.enter("body", "A", "BODY", 0.1, 0.0)
    ledger.time("body", 60.0)
    ledger.enter("still at work", "B", "OBJECT", 0.1, 0.0)
    times = ledger.times()
    assert times["A", "BODY"] == [60.0]
    assert sorted(times["A", "OBJECT"]) == [float(number) for number in range(3, 23)]
    assert set(times) == {("A", "OBJECT"), ("A", "BODY")}


def test_jobs_at_work_are_told_by_their_photo(tmp_path: Path) -> None:
    def job(name: str, state: State, group: str = "", stage: str = "", photo: str = "desk") -> Job:
        return make_job(tmp_path, name, state, group=group, stage=stage, photo=photo)

    jobs = [
        job("ended", State.IMPORTED),
        job("alone", State.WAITING, stage=ITS_TURN),
        job("also alone", State.WAITING, stage=ITS_TURN),
        job("done", State.FAILED, "press"),
        job("next", State.WAITING, "press", ITS_TURN),
        job("now", State.FETCHING, "press"),
        job("other", State.WAITING, "", ITS_TURN, "shelf"),
    ]
    told = [
        ([one.id for one in photo.running], [one.id for one in photo.waiting], photo.done, photo.total)
        for photo in photos_at_work(jobs)
    ]
    assert told == [
        (["now"], ["next"], 1, 3),
        ([], ["alone", "also alone"], 0, 2),
        ([], ["other"], 0, 1),
    ]


def test_a_job_takes_no_less_than_no_time(tmp_path: Path) -> None:
    job = make_job(tmp_path, created=100.0)
    assert (job.elapsed(130.0), job.elapsed(90.0)) == (30.0, 0.0)
    assert replace(job, finished=112.5).elapsed(999.0) == 12.5


def test_what_can_be_done_with_a_job_follows_from_how_far_it_came(tmp_path: Path) -> None:
    def can(job: Job) -> tuple[bool, bool, bool]:
        return job.fetchable, job.unfetched, job.repeatable

    job = make_job(tmp_path, state=State.FAILED)
    assert can(job) == (False, False, True)
    assert can(replace(job, request=None)) == (False, False, False)
    assert can(replace(job, state=State.WAITING)) == (False, False, False)
    assert can(submitted(job)) == (True, True, False)
    assert can(submitted(job, unfetchable=True)) == (False, False, True)
    assert can(delivered(job)) == (True, False, False)
