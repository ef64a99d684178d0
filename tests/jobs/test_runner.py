# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs run side by side, stop when told to, and are on disk at every step."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from sam3d.jobs.journal import Journal
from sam3d.jobs.model import Destination, Job, Order, State
from sam3d.jobs.picture import PictureFile
from sam3d.jobs.runner import Runner
from sam3d.providers import SERVICES
from sam3d.providers.base import Progress, Report, Request, Result, Service, Subject, Task, Wish
from sam3d.providers.errors import FailedThere, Unreachable

BOUND = 30.0
"""Seconds after which a condition that does not come true fails a test."""


class Stage:
    """A service that does what a test tells it, and counts what it was asked."""

    def __init__(self) -> None:
        self.submits = self.polls = self.cancels = 0
        self.finish = threading.Event()
        self.trouble: list[Exception] = []
        self.together = self.most_together = 0
        self.lock = threading.Lock()

    def submit(self, request: Request) -> Task:
        with self.lock:
            self.submits += 1
            self.together += 1
            self.most_together = max(self.most_together, self.together)
        return Task(f"task-{self.submits}", request)

    def poll(self, task: Task) -> Progress:
        self.polls += 1
        if self.trouble:
            raise self.trouble.pop()
        return Progress(0.5, "Building", finished=self.finish.is_set())

    def fetch(self, task: Task, folder: Path, report: Report) -> Result:
        model = folder / "model.glb"
        model.write_bytes(b"glTF")
        with self.lock:
            self.together -= 1
        return Result(model, model_name="stage", cost=0.25)

    def cancel(self, task: Task) -> None:
        self.cancels += 1


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def runner(stage: Stage, tmp_path: Path) -> Iterator[Runner]:
    service = Service(
        "STAGE", "Stage", "", (Subject.OBJECT,), 1.0, 0.25, parallel=2, poll_pause=0.01, create=lambda: stage
    )
    made = Runner({"STAGE": service, **SERVICES}, tmp_path / "user" / "journal.sqlite3")
    yield made
    stage.finish.set()
    made.close()


def order(tmp_path: Path, number: int = 0, provider: str = "STAGE") -> Order:
    photo = tmp_path / "photo.png"
    if not photo.exists():
        image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
        image.paste((200, 40, 40, 255), (16, 8, 48, 60))
        image.save(photo)
    job = Job(
        id=f"job-{number}",
        provider=provider,
        photo="photo",
        wish=Wish(seed=7, points=((1.0, 2.0),), box=(1, 2, 3, 4)),
        destination=Destination("", "Scene", "photo", "photo", (1.0, 2.0, 3.0)),
        folder=tmp_path / "results" / f"job {number}",
    )
    return Order(PictureFile(photo), None, job)


def until(runner: Runner, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, f"never came true; jobs: {runner.jobs}"
        runner.drain()
        time.sleep(0.005)


def state(runner: Runner, number: int = 0) -> State:
    return runner.jobs[f"job-{number}"].state


def test_a_job_passes_all_its_states_and_is_recorded(runner: Runner, stage: Stage, tmp_path: Path) -> None:
    runner.start(order(tmp_path))
    until(runner, lambda: state(runner) is State.RUNNING and runner.jobs["job-0"].fraction == 0.5)
    recorded = Journal(tmp_path / "user" / "journal.sqlite3").read()[0]
    assert recorded.state is State.RUNNING
    assert recorded.task is not None
    assert recorded.task.id == "task-1"
    stage.finish.set()
    until(runner, lambda: state(runner) is State.READY)
    job = runner.jobs["job-0"]
    assert [ready.id for ready in runner.awaited()] == ["job-0"]
    assert job.model is not None
    assert job.model.read_bytes() == b"glTF"
    assert job.cost == 0.25
    assert Journal(tmp_path / "user" / "journal.sqlite3").read() == [job]
    assert stage.submits == 1


def test_cancel_takes_effect_at_once_and_tells_the_service(runner: Runner, stage: Stage, tmp_path: Path) -> None:
    runner.start(order(tmp_path))
    until(runner, lambda: state(runner) is State.RUNNING)
    begun = time.monotonic()
    runner.cancel("job-0")
    assert state(runner) is State.CANCELLED
    assert not runner.at_work()
    until(runner, lambda: stage.cancels == 1)
    assert time.monotonic() - begun < 0.5
    stage.finish.set()
    runner.drain()
    assert state(runner) is State.CANCELLED


def test_jobs_wait_their_turn(runner: Runner, stage: Stage, tmp_path: Path) -> None:
    """The service takes two at once; the other four follow, and one that waits can be stopped."""
    for number in range(7):
        runner.start(order(tmp_path, number))
    until(runner, lambda: sum(job.state is State.RUNNING for job in runner.jobs.values()) == 2)
    waiting = next(job.id for job in runner.jobs.values() if job.state is State.WAITING)
    runner.cancel(waiting)
    stage.finish.set()
    until(runner, lambda: not runner.at_work())
    assert sum(job.state is State.READY for job in runner.jobs.values()) == 6
    assert stage.submits == 6
    assert stage.most_together == 2


def test_polling_is_repeated_but_submitting_never(runner: Runner, stage: Stage, tmp_path: Path) -> None:
    stage.trouble = [Unreachable("No network.")]
    stage.finish.set()
    runner.start(order(tmp_path))
    until(runner, lambda: state(runner) is State.READY)
    assert (stage.submits, stage.polls) == (1, 2)


def test_a_failure_gives_its_sentence_and_can_be_fetched_again(runner: Runner, stage: Stage, tmp_path: Path) -> None:
    stage.trouble = [FailedThere("The service failed at it.")]
    stage.finish.set()
    runner.start(order(tmp_path))
    until(runner, lambda: state(runner) is State.FAILED)
    assert runner.jobs["job-0"].message == "The service failed at it."
    runner.retry("job-0")
    until(runner, lambda: state(runner) is State.READY)
    assert stage.submits == 1


def test_jobs_of_earlier_sessions_come_back(runner: Runner, stage: Stage, tmp_path: Path) -> None:
    stage.finish.set()
    runner.start(order(tmp_path))
    until(runner, lambda: state(runner) is State.READY)
    runner.close()
    later = Runner(SERVICES, tmp_path / "user" / "journal.sqlite3")
    found = later.find("job-0")
    later.close()
    assert found == runner.jobs["job-0"]
    assert later.awaited() == []


def test_a_closing_blender_leaves_the_task_in_the_journal(runner: Runner, stage: Stage, tmp_path: Path) -> None:
    runner.start(order(tmp_path))
    until(runner, lambda: state(runner) is State.RUNNING)
    runner.close()
    left = Journal(tmp_path / "user" / "journal.sqlite3").read()[0]
    assert left.state is State.RUNNING
    assert left.task is not None
    assert stage.cancels == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sam3d")]


def test_removed_jobs_are_forgotten(runner: Runner, stage: Stage, tmp_path: Path) -> None:
    stage.finish.set()
    runner.start(order(tmp_path))
    until(runner, lambda: state(runner) is State.READY)
    runner.remove("job-0")
    runner.close()
    assert Journal(tmp_path / "user" / "journal.sqlite3").read() == []
    assert (tmp_path / "results" / "job 0" / "model.glb").exists()


def test_a_job_removed_at_work_does_not_come_back(runner: Runner, stage: Stage, tmp_path: Path) -> None:
    """Its worker's news are still unread when it goes."""
    runner.start(order(tmp_path))
    end = time.monotonic() + BOUND
    while not stage.polls:
        assert time.monotonic() < end
        time.sleep(0.005)
    runner.cancel("job-0")
    runner.remove("job-0")
    runner.drain()
    assert not runner.jobs


def test_a_results_folder_that_cannot_be_made_gives_one_sentence(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file where the folder should be")
    runner.start(order(tmp_path))
    until(runner, lambda: state(runner) is State.FAILED)
    assert "choose another" in runner.jobs["job-0"].message


def test_ten_drafts_at_once(runner: Runner, tmp_path: Path) -> None:
    for number in range(10):
        runner.start(order(tmp_path, number, provider="DRAFT"))
    until(runner, lambda: not runner.at_work())
    for job in runner.jobs.values():
        assert job.state is State.READY, job.message
        assert job.model is not None
        assert job.model.read_bytes()[:4] == b"glTF"


def test_an_ended_draft_can_be_drafted_again(runner: Runner, tmp_path: Path) -> None:
    """Its task is its request, so a lost model costs nothing but time."""
    runner.start(order(tmp_path, provider="DRAFT"))
    until(runner, lambda: not runner.at_work())
    lost = runner.jobs["job-0"]
    assert lost.model is not None
    lost.model.unlink()
    runner.jobs["job-0"] = replace(lost, model=None)
    runner.retry("job-0")
    until(runner, lambda: not runner.at_work())
    assert lost.model.exists()
