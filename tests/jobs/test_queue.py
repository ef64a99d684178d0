# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs run side by side, stop when told to, and are on disk at every step."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from sam3d.jobs import worker
from sam3d.jobs.journal import Journal
from sam3d.jobs.model import Charge, Destination, Job, State
from sam3d.jobs.queue import JobQueue
from sam3d.jobs.retry import RetryPolicy
from sam3d.jobs.worker import NewJob
from sam3d.photos.batch import Batch
from sam3d.photos.picture import PictureFile
from sam3d.providers import SERVICES
from sam3d.providers.base import (
    Account,
    Capabilities,
    Credentials,
    PreparedRequest,
    Progress,
    ReconstructionOptions,
    Report,
    Request,
    Result,
    Service,
    Subject,
    Task,
)
from sam3d.providers.errors import (
    InsufficientCredit,
    ProviderError,
    RateLimited,
    RemoteFailure,
    UnexpectedResponse,
    Unreachable,
    WrongKey,
)
from sam3d.providers.several import all_or_incomplete

BOUND = 120.0
"""Seconds after which a condition that does not come true fails a test."""


class Stage:
    """A service that does what a test tells it, and counts what it was asked."""

    def __init__(self) -> None:
        self.submits = self.polls = self.cancels = 0
        self.finish, self.take = threading.Event(), threading.Event()
        self.take.set()
        self.errors: list[Exception] = []
        self.refusal: ProviderError | None = None
        self.costs: list[float | None] = [0.25]
        self.together = self.most_together = 0
        self.lock = threading.Lock()

    def prepare(self, request: Request) -> PreparedRequest:
        return PreparedRequest(request)

    def submit(self, prepared: PreparedRequest) -> Task:
        with self.lock:
            self.submits += 1
            self.together += 1
            self.most_together = max(self.most_together, self.together)
        assert self.take.wait(BOUND)
        if self.refusal:
            raise self.refusal
        return Task(f"task-{self.submits}", prepared.request)

    def recover(self, request: Request) -> Task | None:
        return None

    def poll(self, task: Task) -> Progress:
        self.polls += 1
        if self.errors:
            raise self.errors.pop()
        return Progress(0.5, "Building", finished=self.finish.is_set())

    def fetch(self, task: Task, folder: Path, report: Report) -> list[Result]:
        model = folder / "model.glb"
        model.write_bytes(b"glTF")
        with self.lock:
            self.together -= 1
        return [Result(model, model_name="stage", cost=cost) for cost in self.costs]

    def cancel(self, task: Task) -> None:
        self.cancels += 1

    def account(self) -> Account:
        return Account(balance=3.5, prices={Subject.OBJECT: 0.5})


@pytest.fixture
def stage() -> Stage:
    return Stage()


def make_queue(stage: Stage, tmp_path: Path) -> JobQueue:
    capabilities = dict.fromkeys(Subject, Capabilities(expected_seconds=1.0, price=0.25))
    service = Service("STAGE", "Stage", "", capabilities, parallel=2, create=lambda _credentials: stage)
    retry_policy = RetryPolicy(tries=4, first=0.01, longest=0.05)
    made = JobQueue({"STAGE": service, **SERVICES}, tmp_path / "user" / "journal.sqlite3", retry_policy)
    made.allow({"STAGE": Credentials("http://127.0.0.1", "key")}, 0.0)
    return made


@pytest.fixture
def queue(stage: Stage, tmp_path: Path) -> Iterator[JobQueue]:
    made = make_queue(stage, tmp_path)
    yield made
    stage.finish.set()
    stage.take.set()
    made.close()


def new_job(tmp_path: Path, number: int = 0, provider: str = "STAGE") -> NewJob:
    photo = tmp_path / "photo.png"
    if not photo.exists():
        image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
        image.paste((200, 40, 40, 255), (16, 8, 48, 60))
        image.save(photo)
    job = Job(
        id=f"job-{number}",
        provider=provider,
        photo="photo",
        options=ReconstructionOptions(seed=7, points=((1.0, 2.0),), box=(1, 2, 3, 4)),
        destination=Destination("", "Scene", "photo", "photo", (1.0, 2.0, 3.0)),
        folder=tmp_path / "results" / f"job {number}",
        price=0.25 if provider == "STAGE" else 0.0,
    )
    return NewJob(Batch(PictureFile(photo)), 0, job)


def until(queue: JobQueue, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, f"never came true; jobs: {queue.jobs}"
        queue.drain()
        time.sleep(0.005)


def state(queue: JobQueue, number: int = 0) -> State:
    return queue.jobs[f"job-{number}"].state


def is_ready(queue: JobQueue, number: int) -> Callable[[], bool]:
    return lambda: state(queue, number) is State.READY


def is_polled(stage: Stage) -> Callable[[], bool]:
    """Whether the stage has been asked since now."""
    before = stage.polls
    return lambda: stage.polls > before


def test_a_job_passes_all_its_states_and_is_recorded(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.RUNNING and queue.jobs["job-0"].fraction == 0.5)
    recorded = Journal(tmp_path / "user" / "journal.sqlite3").read()[0]
    assert recorded.state is State.RUNNING
    assert recorded.task is not None
    assert recorded.task.id == "task-1"
    stage.finish.set()
    until(queue, lambda: state(queue) is State.READY)
    job = queue.jobs["job-0"]
    assert [ready.id for ready in queue.awaited()] == ["job-0"]
    assert job.model is not None
    assert job.model.read_bytes() == b"glTF"
    assert job.cost == 0.25
    assert Journal(tmp_path / "user" / "journal.sqlite3").read() == [job]
    assert stage.submits == 1


def test_cancel_takes_effect_at_once_and_tells_the_service(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.RUNNING)
    queue.cancel("job-0")
    assert state(queue) is State.CANCELLED
    assert not queue.at_work()
    until(queue, lambda: stage.cancels == 1)
    stage.finish.set()
    queue.drain()
    assert state(queue) is State.CANCELLED


def test_what_was_taken_of_a_cancelled_job_is_remembered(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.take.clear()
    queue.start(new_job(tmp_path))
    until(queue, lambda: stage.submits == 1 and state(queue) is State.SUBMITTING)
    queue.cancel("job-0")
    finished = queue.jobs["job-0"].finished
    assert "may have been charged" in queue.jobs["job-0"].message
    stage.take.set()
    until(queue, lambda: queue.jobs["job-0"].task is not None)
    job = queue.jobs["job-0"]
    assert (job.state, job.finished, job.stage) == (State.CANCELLED, finished, "")
    assert "may finish and charge it" in job.message
    journal = Journal(tmp_path / "user" / "journal.sqlite3")
    until(queue, lambda: journal.read() == [queue.jobs["job-0"]])  # it is recorded on a thread of its own


def test_a_cancelled_job_gives_its_place_away(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    """Even where its submit is not answered; and what that brings is remembered all the same."""
    stage.take.clear()
    for number in range(4):
        queue.start(new_job(tmp_path, number))

    def sent_now() -> list[int]:
        return [number for number in range(4) if state(queue, number) is State.SUBMITTING]

    until(queue, lambda: stage.submits == 2 and len(sent_now()) == 2)
    sent = sent_now()
    for number in sent:
        queue.cancel(f"job-{number}")
    until(queue, lambda: stage.submits == 4)  # though the first two are not back
    assert all(state(queue, number) is State.CANCELLED for number in sent)
    stage.take.set()
    stage.finish.set()
    until(queue, lambda: all(queue.jobs[f"job-{number}"].task is not None for number in range(4)))
    until(queue, lambda: not queue.at_work())
    stage.submits = 0
    for number in range(4, 8):  # the places are two again
        stage.together = stage.most_together = 0
        queue.start(new_job(tmp_path, number))
    until(queue, lambda: not queue.at_work())
    assert stage.submits == 4
    assert stage.most_together <= 2


def test_jobs_wait_their_turn(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    """The service takes two at once; the other four follow, and one that waits can be stopped."""
    for number in range(7):
        queue.start(new_job(tmp_path, number))
    until(queue, lambda: sum(job.state is State.RUNNING for job in queue.jobs.values()) == 2)
    waiting = next(job.id for job in queue.jobs.values() if job.state is State.WAITING)
    queue.cancel(waiting)
    stage.finish.set()
    until(queue, lambda: not queue.at_work())
    assert sum(job.state is State.READY for job in queue.jobs.values()) == 6
    assert stage.submits == 6
    assert stage.most_together == 2


def test_polling_is_repeated_but_submitting_never(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.errors = [Unreachable("No network.")]
    stage.finish.set()
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.READY)
    assert (stage.submits, stage.polls) == (1, 2)


def test_a_job_that_failed_there_is_run_again_as_a_new_one(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.errors = [RemoteFailure("The service failed at it.")]
    stage.finish.set()
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    failed = queue.jobs["job-0"]
    assert failed.message == "The service failed at it."
    assert failed.repeatable
    with pytest.raises(KeyError):
        queue.fetch_again("job-0")
    new_id = queue.run_again("job-0")
    until(queue, lambda: queue.jobs[new_id].state is State.READY)
    assert stage.submits == 2
    assert list(queue.jobs) == [new_id]
    request = queue.jobs[new_id].request
    assert request is not None
    assert request.id == new_id


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (InsufficientCredit("There is too little credit."), (Charge.NOTHING, "Nothing was charged.")),
        (Unreachable("No network.", sent=False), (Charge.NOTHING, "Nothing was charged.")),
        (Unreachable("The connection broke off."), (Charge.POSSIBLE, "may have been charged")),
        (UnexpectedResponse("An odd answer."), (Charge.POSSIBLE, "may have been charged")),
    ],
)
def test_a_submit_that_goes_wrong_is_never_repeated(
    queue: JobQueue, stage: Stage, tmp_path: Path, refusal: ProviderError, expected: tuple[Charge, str]
) -> None:
    charge, words = expected
    stage.refusal = refusal
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    job = queue.jobs["job-0"]
    assert (stage.submits, job.charge) == (1, charge)
    assert words in job.message
    assert job.repeatable
    assert queue.services.spent_today() == ({} if charge is Charge.NOTHING else {"STAGE": 0.25})
    queue.close()
    later = make_queue(stage, tmp_path)
    later.wait_for_journal()
    later.resume()
    until(later, lambda: not later.at_work())
    later.close()
    assert stage.submits == 1
    assert later.jobs["job-0"].charge is charge


def test_a_busy_service_is_left_alone_for_as_long_as_it_asks(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    """One job was refused; the next waits, and can be cancelled while it does."""
    stage.refusal = RateLimited("Too many jobs.", retry_after=300.0)
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    queue.start(new_job(tmp_path, 1))
    assert state(queue, 1) is State.WAITING
    queue.cancel("job-1")
    until(queue, lambda: not queue.at_work())
    assert stage.submits == 1
    assert "nothing was charged" in queue.jobs["job-1"].message


def test_several_results_of_one_task_become_jobs_of_their_own(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.costs = [0.1, 0.2, None]
    stage.finish.set()
    queue.start(new_job(tmp_path))
    until(queue, lambda: len(queue.awaited()) == 3)
    assert [job.cost for job in queue.jobs.values()] == [0.1, 0.2, 0.25 / 3]
    until(queue, lambda: "STAGE" in queue.services.spent_today())
    assert stage.submits == 1
    ids = set(queue.jobs)
    queue.fetch_again("job-0")
    until(queue, lambda: not queue.at_work())
    assert set(queue.jobs) == ids


def test_the_spending_limit_holds(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.finish.set()
    queue.allow({"STAGE": Credentials("http://127.0.0.1", "key")}, 0.6)
    for number in range(2):
        assert not queue.services.obstacle("STAGE", 0.25, online=True)
        queue.start(new_job(tmp_path, number))
        until(queue, is_ready(queue, number))
    until(queue, lambda: queue.services.spent_today() == {"STAGE": 0.5})
    assert "spending limit of $0.60" in queue.services.obstacle("STAGE", 0.25, online=True)
    queue.start(new_job(tmp_path, 2))  # as another Blender might, which does not know of the others yet
    until(queue, lambda: state(queue, 2) is State.FAILED)
    assert "spending limit" in queue.jobs["job-2"].message
    assert stage.submits == 2
    queue.remove("job-0")
    queue.close()
    later = make_queue(stage, tmp_path)
    later.wait_for_journal()
    later.close()
    assert later.services.spent_today() == {"STAGE": 0.5}  # a job that is taken off the list was paid for all the same


def test_an_account_tells_balance_and_price(queue: JobQueue, stage: Stage) -> None:
    assert queue.services.price("STAGE", Subject.OBJECT) == 0.25
    queue.services.check("STAGE", Credentials("http://127.0.0.1", "key")).result(BOUND)
    assert queue.services.balances == {"STAGE": 3.5}
    assert queue.services.price("STAGE", Subject.OBJECT) == 0.5


def test_jobs_of_earlier_sessions_come_back(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.finish.set()
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.READY)
    queue.close()
    later = JobQueue(SERVICES, tmp_path / "user" / "journal.sqlite3")
    found = later.find("job-0")
    later.close()
    assert found == queue.jobs["job-0"]
    assert later.awaited() == []


def test_the_next_blender_fetches_what_a_closed_one_has_paid_for(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.RUNNING)
    queue.close()
    assert stage.cancels == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sam3d")]
    later = make_queue(stage, tmp_path)
    later.wait_for_journal()
    later.resume()
    until(later, lambda: state(later) is State.RUNNING)
    assert later.jobs["job-0"].finished is None
    stage.finish.set()
    until(later, lambda: "job-0" in later.jobs and later.jobs["job-0"].state is State.READY)
    assert stage.submits == 1
    assert later.awaited() == []  # it waits for the artist to say where it should go
    later.close()


def test_a_job_that_another_living_blender_has_is_left_alone(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.RUNNING)
    other = make_queue(stage, tmp_path)
    other.wait_for_journal()
    other.resume()
    other.close()
    assert other.jobs == {}
    stage.finish.set()
    until(queue, lambda: state(queue) is State.READY)


def test_removed_jobs_are_forgotten(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.finish.set()
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.READY)
    queue.remove("job-0")
    queue.close()
    assert Journal(tmp_path / "user" / "journal.sqlite3").read() == []
    assert (tmp_path / "results" / "job 0" / "model.glb").exists()


def test_a_job_removed_at_work_does_not_come_back(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    """Its worker's news are still unread when it goes."""
    queue.start(new_job(tmp_path))
    end = time.monotonic() + BOUND
    while not stage.polls:
        assert time.monotonic() < end
        time.sleep(0.005)
    queue.cancel("job-0")
    queue.remove("job-0")
    queue.drain()
    assert not queue.jobs


def test_a_results_folder_that_cannot_be_made_gives_one_sentence(queue: JobQueue, tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file where the folder should be")
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    assert "choose another" in queue.jobs["job-0"].message


def test_ten_drafts_at_once(queue: JobQueue, tmp_path: Path) -> None:
    for number in range(10):
        queue.start(new_job(tmp_path, number, provider="DRAFT"))
    until(queue, lambda: not queue.at_work())
    for job in queue.jobs.values():
        assert job.state is State.READY, job.message
        assert job.model is not None
        assert job.model.read_bytes()[:4] == b"glTF"


def test_an_ended_draft_can_be_drafted_again(queue: JobQueue, tmp_path: Path) -> None:
    """Its task is its request, so a lost model costs nothing but time."""
    queue.start(new_job(tmp_path, provider="DRAFT"))
    until(queue, lambda: not queue.at_work())
    lost = queue.jobs["job-0"]
    assert lost.model is not None
    lost.model.unlink()
    queue.jobs["job-0"] = replace(lost, model=None)
    queue.fetch_again("job-0")
    until(queue, lambda: not queue.at_work())
    assert lost.model.exists()


def test_a_broken_journal_is_kept_aside_and_jobs_go_on(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "user" / "journal.sqlite3"
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 1000)
    stage.finish.set()
    queue = make_queue(stage, tmp_path)
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.READY)
    queue.close()
    assert len(list(path.parent.glob("journal-broken-*.sqlite3"))) == 1
    assert [job.id for job in Journal(path).read()] == ["job-0"]


def test_a_cancelled_job_is_not_taken_up_by_itself(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.RUNNING)
    queue.cancel("job-0")
    until(queue, lambda: stage.cancels == 1)
    queue.close()
    later = make_queue(stage, tmp_path)
    later.wait_for_journal()
    later.resume()
    assert not later.at_work()
    assert later.jobs["job-0"].fetchable
    stage.finish.set()
    later.fetch_again("job-0")
    until(later, lambda: later.jobs["job-0"].state is State.READY)
    later.close()
    assert stage.submits == 1


def test_a_new_key_lets_a_job_go_on_that_could_not_fetch(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.errors = [WrongKey("The key was taken back.")]
    stage.finish.set()
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    queue.resume()
    assert not queue.at_work()
    queue.allow({"STAGE": Credentials("http://127.0.0.1", "a new key")}, 0.0)
    queue.resume()
    until(queue, lambda: state(queue) is State.READY)
    assert stage.submits == 1


def test_an_import_is_recorded_and_a_reason_to_wait_is_not(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    def recorded() -> Job:
        (job,) = Journal(tmp_path / "user" / "journal.sqlite3").read()
        return job

    stage.finish.set()
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.READY)
    queue.mark_waiting("job-0", "Leave edit mode first.")
    assert queue.jobs["job-0"].message == "Leave edit mode first."
    queue.mark_failed("job-0", "The file is no model.")
    assert (state(queue), queue.awaited()) == (State.FAILED, [])
    until(queue, lambda: recorded().state is State.FAILED)
    assert recorded().message == "The file is no model."
    queue.mark_imported("job-0")
    until(queue, lambda: recorded().state is State.IMPORTED)
    assert (recorded().message, queue.jobs["job-0"].message) == ("", "")
    for _ in range(2):  # into the scene twice
        queue.mark_imported("job-0", "It waves.")
    until(queue, lambda: recorded().notes == ("It waves.",))
    assert queue.jobs["job-0"].notes == ("It waves.",)


def test_the_list_is_made_anew_when_something_has_changed(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    assert not queue.drain()
    queue.start(new_job(tmp_path))
    queue.start(new_job(tmp_path, 1))
    assert queue.photos_at_work() is queue.photos_at_work()
    assert [photo.total for photo in queue.photos_at_work()] == [2]
    assert [job.id for job in queue.at_work()] == ["job-0", "job-1"]
    before = queue.revision
    stage.finish.set()
    until(queue, lambda: not queue.at_work())
    assert queue.photos_at_work() == []
    assert queue.revision > before
    before = queue.revision
    queue.remove("job-0")
    assert queue.revision > before


def test_what_cannot_be_done_with_a_job_is_refused(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.RUNNING)
    for refused in (queue.fetch_again, queue.run_again):
        with pytest.raises(KeyError):
            refused("job-0")
    stage.finish.set()
    until(queue, lambda: state(queue) is State.READY)
    with pytest.raises(KeyError):
        queue.run_again("job-0")  # it can be fetched once more, at no cost
    assert queue.find("no such job") is None
    assert queue.recalled


def test_a_job_whose_pictures_are_gone_costs_nothing(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.refusal = InsufficientCredit("There is too little credit.")
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    request = queue.jobs["job-0"].request
    assert request is not None
    request.photo.unlink()
    new_id = queue.run_again("job-0")
    until(queue, lambda: queue.jobs[new_id].state is State.FAILED)
    assert "no longer in its folder: press Reconstruct" in queue.jobs[new_id].message
    assert (stage.submits, queue.jobs[new_id].charge) == (1, Charge.NOTHING)


def test_a_service_that_delivers_nothing_is_asked_again_on_request(
    queue: JobQueue, stage: Stage, tmp_path: Path
) -> None:
    stage.costs = []
    stage.finish.set()
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    assert queue.jobs["job-0"].message.startswith("Stage delivered no model.")
    stage.costs = [0.25]
    queue.fetch_again("job-0")
    assert (state(queue), queue.jobs["job-0"].message, queue.jobs["job-0"].fraction) == (State.RUNNING, "", 0.0)
    until(queue, lambda: state(queue) is State.READY)
    assert stage.submits == 1


def test_what_nobody_foresaw_is_a_sentence_and_a_log(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.errors = [ZeroDivisionError("of nobody's making")]
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    assert "Something went wrong (ZeroDivisionError): job.log in its folder tells more." in queue.jobs["job-0"].message
    assert "of nobody's making" in (queue.jobs["job-0"].folder / "job.log").read_text()


def test_a_service_that_never_ends_is_not_asked_for_ever(
    queue: JobQueue, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LONGEST_WORK", 0.5)
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    job = queue.jobs["job-0"]
    assert "Stage is still not done with this job after 0 minutes" in job.message
    assert job.fetchable and not job.unfetchable
    monkeypatch.undo()
    stage.finish.set()
    queue.fetch_again("job-0")
    until(queue, lambda: state(queue) is State.READY)


def test_a_body_without_joints_arrives_all_the_same(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    """What the stage delivers is no model that joints could be found in."""
    stage.finish.set()
    made = new_job(tmp_path)
    options = replace(made.job.options, subject=Subject.BODY)
    queue.start(replace(made, job=replace(made.job, options=options)))
    until(queue, lambda: state(queue) is State.READY)
    assert queue.jobs["job-0"].notes == ()
    assert "Finding the joints" in (made.job.folder / "job.log").read_text()


def test_a_balance_falls_by_what_was_paid_until_it_is_told(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    queue.services.check("STAGE", Credentials("http://127.0.0.1", "key")).result(BOUND)
    stage.finish.set()
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.READY and queue.services.balances == {"STAGE": 3.25})
    queue.fetch_again("job-0")  # which is free
    until(queue, lambda: state(queue) is State.READY)
    queue.close()
    assert queue.services.balances == {"STAGE": 3.25}


def test_a_service_is_known_by_its_last_runs(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    assert queue.services.expected_seconds("STAGE", Subject.OBJECT) == 1.0
    for number in range(3):
        stage.finish.clear()
        queue.start(new_job(tmp_path, number))
        until(queue, is_polled(stage))
        stage.finish.set()
        until(queue, is_ready(queue, number))
    until(queue, lambda: queue.services.expected_seconds("STAGE", Subject.OBJECT) != 1.0)
    with pytest.raises(KeyError):
        queue.services.capabilities("NOBODY", Subject.OBJECT)


@pytest.mark.parametrize("provider", ["STAGE", "DRAFT"])
def test_it_is_known_also_where_the_first_question_finds_it_done(
    queue: JobQueue, stage: Stage, tmp_path: Path, provider: str
) -> None:
    """All of a draft's work is in the fetch; others answer the submit with the result."""
    stage.finish.set()
    stated = queue.services.expected_seconds(provider, Subject.OBJECT)
    for number in range(3):
        queue.start(new_job(tmp_path, number, provider))
        until(queue, is_ready(queue, number))
    until(queue, lambda: queue.services.expected_seconds(provider, Subject.OBJECT) != stated)
    taken = [job.elapsed(job.finished or 0.0) for job in queue.jobs.values()]
    assert 0.0 < queue.services.expected_seconds(provider, Subject.OBJECT) <= max(taken) + 0.15


def test_only_what_goes_elsewhere_is_sent(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.finish.set()
    for number, provider in enumerate(("STAGE", "DRAFT")):
        queue.start(new_job(tmp_path, number, provider))
        until(queue, is_ready(queue, number))
    sent, drafted = ((queue.jobs[f"job-{number}"].folder / "job.log").read_text() for number in range(2))
    assert "Sending" in sent
    assert "Sending" not in drafted


def test_the_end_is_told_once_and_together(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    """Each result of a task counts, and one that waits for its scene has not ended."""
    stage.costs = [0.25, 0.25]
    made = new_job(tmp_path)
    queue.start(replace(made, job=replace(made.job, group="together")))
    assert queue.take_ended() == []
    stage.finish.set()
    until(queue, lambda: len(queue.awaited()) == 2)
    first, second = (job.id for job in queue.awaited())
    queue.mark_imported(first)
    queue.mark_waiting(second, "Leave Edit Mode to bring the result in.")
    assert queue.take_ended() == []
    queue.mark_imported(second)
    assert [[job.id for job in jobs] for jobs in queue.take_ended()] == [[first, second]]
    assert queue.take_ended() == []
    queue.fetch_again(first)
    until(queue, is_ready(queue, 0))
    queue.mark_imported(first)
    assert [[job.id for job in jobs] for jobs in queue.take_ended()] == [[first]]


def test_obstacles_are_told_before_anything_is_asked(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    ask = queue.services.obstacle
    assert ask("STAGE", 0.25, online=False) == ""  # on this computer
    assert ask("SEGMIND", 0.25, online=True).startswith("There is no key for Segmind")
    queue.allow({"STAGE": Credentials("https://service.invalid", "key")}, 0.4)
    assert "set to work offline" in ask("STAGE", 0.25, online=False)
    assert ask("STAGE", 0.25, online=True) == ""
    assert ask("DRAFT", 0.0, online=False) == ""
    stage.refusal = RateLimited("Too many jobs.", retry_after=300.0)
    queue.allow({"STAGE": Credentials("http://127.0.0.1", "key")}, 0.4)
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    queue.start(new_job(tmp_path, 1))  # it waits, and is as good as paid
    assert "spending limit of $0.40 a day stops this ($0.00 spent)" in ask("STAGE", 0.25, online=True)
    assert ask("STAGE", 0.0, online=True) == ""
    queue.cancel("job-1")
    assert ask("STAGE", 0.25, online=True) == ""


def test_jobs_of_a_service_that_is_no_more_are_kept_for_their_results(
    queue: JobQueue, stage: Stage, tmp_path: Path
) -> None:
    stage.finish.set()
    for number in range(2):
        queue.start(new_job(tmp_path, number))
        until(queue, is_ready(queue, number))
    queue.mark_failed("job-1", "The file is no model.")
    queue.close()
    later = JobQueue(SERVICES, tmp_path / "user" / "journal.sqlite3")
    later.wait_for_journal()
    later.resume()
    later.close()
    assert list(later.jobs) == ["job-0"]


def test_pauses_double_up_to_the_longest() -> None:
    policy = RetryPolicy(tries=9, first=1.0, longest=30.0)
    for attempt, usual in enumerate([1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]):
        pauses = [policy.pause(attempt, None) for _ in range(50)]
        assert 0.75 * usual <= min(pauses) < max(pauses) <= 1.25 * usual
    assert policy.pause(0, 77.0) == 77.0  # what the service asks for
    assert policy.pause(8, 0.0) == 0.0


@pytest.mark.parametrize("restart", [False, True])
def test_a_doubt_about_money_keeps_its_sentence(queue: JobQueue, stage: Stage, tmp_path: Path, restart: bool) -> None:
    """Whatever is changed in the preferences, and however often Blender is started: nothing new is known."""
    stage.refusal = Unreachable("The connection to Stage broke off.")
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    said = queue.jobs["job-0"].message
    assert "may have been charged: look into your account" in said
    later = queue
    if restart:
        queue.close()
        later = make_queue(stage, tmp_path)
        later.wait_for_journal()
        later.resume()
    for credentials in (
        Credentials("http://127.0.0.2", "key"),
        Credentials("http://127.0.0.2", "another"),
        Credentials("http://127.0.0.1", "key", settings={"fast": True}),
    ):
        until(later, lambda: not later.at_work())
        later.allow({"STAGE": credentials}, 0.0)
        later.resume()
    until(later, lambda: not later.at_work())
    job = later.jobs["job-0"]
    assert (job.state, job.charge, job.message) == (State.FAILED, Charge.POSSIBLE, said)
    (recorded,) = Journal(tmp_path / "user" / "journal.sqlite3").read()
    assert recorded.message == said
    if restart:
        later.close()
    assert stage.submits == 1


def test_another_address_does_not_give_up_what_is_paid_for(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.RUNNING)
    stage.errors = [WrongKey("The key was taken back.")]
    until(queue, lambda: state(queue) is State.FAILED)
    stage.errors = [RemoteFailure("Stage does not know this job.")]
    queue.allow({"STAGE": Credentials("http://127.0.0.2", "key")}, 0.0)
    queue.resume()
    until(queue, lambda: not queue.at_work())
    assert queue.jobs["job-0"].unfetched
    assert "set them as they were" in queue.jobs["job-0"].message
    stage.finish.set()
    queue.allow({"STAGE": Credentials("http://127.0.0.1", "key")}, 0.0)
    queue.resume()
    until(queue, lambda: state(queue) is State.READY)
    assert stage.submits == 1


def test_a_job_run_again_tells_of_the_doubt_before(queue: JobQueue, stage: Stage, tmp_path: Path) -> None:
    stage.refusal = Unreachable("The connection to Stage broke off.")
    queue.start(new_job(tmp_path))
    until(queue, lambda: state(queue) is State.FAILED)
    (tmp_path / "results" / "job 0" / "photo.png").unlink()
    again = queue.run_again("job-0")
    until(queue, lambda: queue.jobs[again].state is State.FAILED)
    assert "Stage may have charged an earlier run of this job as well." in queue.jobs[again].notes


class Family(Stage):
    """A service whose answer holds three models, of which those whose numbers are `lost` do not arrive."""

    def __init__(self) -> None:
        super().__init__()
        gone = UnexpectedResponse("Stage no longer has the result: press Retry to ask once more.")
        self.lost: dict[int, ProviderError] = {1: gone}
        self.later: dict[int, ProviderError] | None = None
        """The same from the second time on."""
        self.fetches = 0
        self.finish.set()

    def fetch(self, task: Task, folder: Path, report: Report) -> list[Result]:
        self.fetches += 1
        entries: list[Result | ProviderError] = []
        lost = self.lost if self.later is None or self.fetches == 1 else self.later
        for number in range(3):
            model = folder / f"model-{number}.glb"
            model.write_bytes(b"glTF")
            entries.append(lost.get(number) or Result(model, model_name="stage"))
        return all_or_incomplete(entries)


def until_settled(queue: JobQueue) -> list[Job]:
    """The jobs once none is at work, in the order in which the answer has them."""
    until(queue, lambda: len(queue.jobs) == 3 and not queue.at_work())
    return sorted(queue.jobs.values(), key=lambda job: job.created)


def is_charged_once(queue: JobQueue) -> bool:
    return queue.services.spent_today() == {"STAGE": pytest.approx(0.25)}


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_missing_result_is_a_job_that_retry_fetches(tmp_path: Path, lost: int) -> None:
    family = Family()
    family.lost = {lost: family.lost[1]}
    queue = make_queue(family, tmp_path)
    queue.start(new_job(tmp_path))
    jobs = until_settled(queue)
    assert [job.state for job in jobs] == [State.FAILED if n == lost else State.READY for n in range(3)]
    said = f"Result {lost + 1} did not arrive. Stage no longer has the result. Retry asks for the result at no cost."
    assert jobs[lost].message == said and jobs[lost].fetchable
    for job in jobs:
        if job.state is State.READY:
            queue.mark_imported(job.id)
    queue.fetch_again(jobs[lost].id)  # in vain
    until(queue, lambda: queue.jobs[jobs[lost].id].state is State.FAILED)
    assert queue.jobs[jobs[lost].id].message == said
    family.lost = {}
    queue.fetch_again(jobs[lost].id)
    until(queue, lambda: queue.jobs[jobs[lost].id].state is State.READY)
    assert [job.model.name for job in until_settled(queue) if job.model] == [f"model-{n}.glb" for n in range(3)]
    assert [job.id for job in queue.awaited()] == [jobs[lost].id]  # the others are in the scene already
    until(queue, lambda: is_charged_once(queue))
    assert family.submits == 1
    queue.close()


def test_a_result_that_is_late_is_waited_for(tmp_path: Path) -> None:
    family = Family()
    queue = make_queue(family, tmp_path)
    error = Unreachable("Stage does not answer: try again in a minute.")
    family.lost = {1: error}
    queue.start(new_job(tmp_path))
    until(queue, lambda: family.fetches > 1)
    family.lost = {}
    assert {job.state for job in until_settled(queue)} == {State.READY}
    queue.close()


def test_what_has_come_is_kept_where_the_rest_cannot_be_asked_for(tmp_path: Path) -> None:
    family = Family()
    queue = make_queue(family, tmp_path)
    error = Unreachable("Stage does not answer: try again in a minute.")
    family.lost = {1: error}
    family.later = {0: error, 1: error, 2: error}
    queue.start(new_job(tmp_path))
    assert [job.state for job in until_settled(queue)] == [State.READY, State.FAILED, State.READY]
    queue.close()


def test_a_missing_result_is_fetched_by_the_next_start(tmp_path: Path) -> None:
    family = Family()
    queue = make_queue(family, tmp_path)
    queue.start(new_job(tmp_path))
    first, second, third = until_settled(queue)
    queue.mark_imported(first.id)
    queue.close()
    family.lost = {}
    later = make_queue(family, tmp_path)
    later.wait_for_journal()
    later.resume()
    until(later, lambda: later.jobs[second.id].state is State.READY)
    assert (later.jobs[first.id].state, later.jobs[third.id].state) == (State.IMPORTED, State.READY)
    assert later.jobs[second.id].model == second.folder / "model-1.glb"
    assert family.submits == 1 and is_charged_once(later)
    later.close()


def test_fetching_again_leaves_the_other_results_alone(tmp_path: Path) -> None:
    family = Family()
    family.lost = {}
    queue = make_queue(family, tmp_path)
    queue.start(new_job(tmp_path))
    jobs = until_settled(queue)
    for job in jobs:
        queue.mark_imported(job.id)
    queue.fetch_again(jobs[2].id)
    until(queue, lambda: queue.jobs[jobs[2].id].state is State.READY)
    assert [job.state for job in until_settled(queue)] == [State.IMPORTED, State.IMPORTED, State.READY]
    assert queue.jobs[jobs[2].id].model == jobs[2].model
    queue.close()
