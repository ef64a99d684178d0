# SPDX-License-Identifier: GPL-3.0-or-later
"""One job on its worker's thread: prepare, submit, poll, fetch. No bpy.

Each step is on record before it is taken. Only the submit can cost money: it happens once, and what it leaves open
(an answer that got lost) is said and asked about, never repeated.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from ..engine.matching.evidence import CameraGuess
from ..log import get_logger
from ..photos.batch import Batch
from ..photos.errors import PhotoError
from ..photos.layout import room
from ..photos.preparation import prepare
from ..photos.prompts import PointPrompt, Prompts
from ..photos.whole_photo import write_whole_photo
from ..providers.base import Capabilities, Credentials, Provider, Request, Result, Service, Subject, Task
from ..providers.connections import stoppable
from ..providers.errors import (
    Cancelled,
    InsufficientCredit,
    InvalidInput,
    ProviderError,
    RateLimited,
    RemoteFailure,
    UnexpectedResponse,
    Unreachable,
    WrongKey,
)
from ..providers.several import Incomplete
from .added_photos import camera_by_lens, prepare_views
from .body_joints import make_rig
from .close_up_extras import add_whole_photo
from .job_log import LOG_NAME, job_log
from .ledger import OverLimit
from .messages import disk_message, failure_message, without_advice
from .model import Charge, Destination, Job, State
from .polling import PollSchedule
from .provenance import write_provenance
from .results import Delivered, fetched_again, finished_jobs
from .retry import RetryPolicy, with_retries

LOG = get_logger(__name__)
NOT_TAKEN = (WrongKey, InsufficientCredit, InvalidInput, RateLimited)
"""Errors of a submit after which the service has certainly not taken the job."""
TRIES_BEFORE = 4
"""How often something is tried before the submit: nothing is paid for yet, and the artist is looking."""
HELD_SECONDS = 30.0
"""How long a service that is busy, and does not say for how long, is left alone."""
LONGEST_WORK = 1800.0
"""Seconds after which a service that says that it is still at work is no longer asked by itself."""
GLANCE = 0.5
"""Seconds between two looks at the preferences while a try that failed is waited off."""
SLICE = 0.1
"""Seconds after which the progress of a download is told again."""

TRIES_FOR_THE_REST = 4
"""How often what is missing of an answer is tried while the results that have come wait."""

T = TypeVar("T")


@dataclass(frozen=True)
class NewJob:
    """A job that the artist has just asked for: the subject `number`, from 0, of a photo.

    `views` are other photos of it, each a batch with one subject. `copies` tells that the result is to find its place
    beside the others of the photo, so many of each subject; with none it stands where its destination says.
    """

    batch: Batch
    number: int
    job: Job
    copies: int = 0
    views: tuple[Batch, ...] = ()


@dataclass(frozen=True)
class WorkerContext:
    """What a worker may use, on its own thread. Before the submit the disk may refuse: `reserve`, `record` and
    `enter_charge` raise OSError or sqlite3.Error. What comes after it never does.

    `provider` leads to the job's service by the `credentials` of now, and raises WrongKey where the key cannot be one;
    `sent_with` has those that jobs were sent with, by their ids. `reserve` makes sure of a second place for what is
    about to be paid, `record` writes jobs to the journal, `record_paid` to both, and `record_end` one that went wrong.
    `enter_charge` enters what is about to be paid, and raises OverLimit; `correct_charge` what it was in truth, in US
    dollars. `record_seconds` (from submit to result) and `record_payment` (dollars, and the balance where the service
    tells it) keep what a run has taught. `results_folders` may be used where the job's own cannot, the best first.
    `publish` hands a snapshot to the main thread. `hold` starts nothing more at the service for so many seconds.
    `closing` tells whether Blender is being closed.
    """

    service: Service
    provider: Callable[[], Provider]
    credentials: Callable[[], Credentials]
    retry_policy: RetryPolicy
    poll_schedule: Callable[[Subject], PollSchedule]
    reserve: Callable[[Job], None]
    record: Callable[[Sequence[Job]], None]
    record_paid: Callable[[Sequence[Job]], None]
    record_end: Callable[[Job], None]
    enter_charge: Callable[[Job], None]
    correct_charge: Callable[[Job, float], object]
    record_seconds: Callable[[Job, float], object]
    record_payment: Callable[[Job, float, float | None], object]
    sent_with: dict[str, Credentials]
    results_folders: Callable[[], Sequence[Path]]
    publish: Callable[[Job], None]
    hold: Callable[[float], None]
    closing: Callable[[], bool]


class Worker:
    """One job at work. `stop` is set when the artist cancels the job or Blender closes."""

    def __init__(self, context: WorkerContext, job: Job) -> None:
        """The job is taken up by `run`."""
        self.context, self.job, self.service = context, job, context.service
        self.stop = threading.Event()
        self._stepped = time.monotonic()
        self._reported = 0.0
        """When the progress of a download was shown last, by the monotonic clock."""

    @property
    def capabilities(self) -> Capabilities:
        """What the service says of this kind of subject."""
        return self.service.capabilities[self.job.options.subject]

    def run(self, work: Callable[[], None]) -> None:
        """Run `work`, one of the three that follow; whatever goes wrong becomes a sentence, and the rest a log."""
        with job_log(self.job.folder):
            self._stepped = time.monotonic()
            self._guard(work)

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Cancelled:
            # the main thread has recorded it; a closing Blender leaves the job as it stands
            LOG.info("Stopped because Blender closes" if self.context.closing() else "Cancelled")
        except (PhotoError, ProviderError) as error:
            log_error("Failed", error)
            self._fail(str(error))
        except (OSError, sqlite3.Error) as error:
            log_error("Failed", error)
            self._fail(disk_message(error, self.job.folder))
        except Exception as error:  # the thread's last resort: the artist gets a sentence, the log the rest
            LOG.exception("Failed by a fault of the add-on")
            self._fail(f"Something went wrong ({type(error).__name__}): {LOG_NAME} in its folder tells more.")

    # The work

    def run_new(self, new_job: NewJob) -> None:
        """From what the artist has just asked for to the result on disk."""
        folder = self.job.folder
        folder.mkdir(parents=True, exist_ok=True)
        LOG.info("Job %s for %s", self.job.id, self.service.name)
        self.advance(stage="Preparing the photo", journal=False)
        able, as_in_photo = self.capabilities, self.job.destination.is_as_in_photo
        options = self.job.options
        drawn = Prompts(tuple(PointPrompt(x, y) for x, y in options.points), options.box)
        prepared = prepare(
            new_job.batch,
            new_job.number,
            folder,
            drawn,
            takes_masks=able.masks > 0,
            # the photo's camera is not that of a part of it
            takes_close_ups=able.close_ups and not new_job.views and not (as_in_photo and (able.camera or able.poses)),
        )
        views = prepare_views(new_job.views, folder)
        options = replace(options, points=prepared.prompts.positive_points, box=prepared.prompts.box)
        if as_in_photo:
            guess = self._camera(new_job.batch) if able.camera else None
            write_whole_photo(new_job.batch, new_job.number, folder, guess)
            options = replace(options, camera=None if guess is None else guess.camera)
        elif new_job.views:
            options = replace(options, camera=camera_by_lens(new_job.batch))
        request = Request(self.job.id, prepared.photo, prepared.masks, options, folder, views.photos)
        self.advance(request=request, notes=(*prepared.notes, *views.notes), destination=self._destination(new_job))
        self.run_request()

    def _camera(self, batch: Batch) -> CameraGuess | None:
        """The photo's camera; None where it cannot be told, which keeps nobody from a result."""
        self.advance(stage="Finding the camera", journal=False)
        try:
            return batch.camera()
        except Exception as error:  # whatever it is
            log_error("The photo's camera was not found", error)
            return None

    def _destination(self, new_job: NewJob) -> Destination:
        """Where the result is to stand: beside the others of its photo, and beside its other variations."""
        options, destination = self.job.options, self.job.destination
        if not new_job.copies or destination.is_as_in_photo:
            return destination
        bodies = options.subject is Subject.BODY
        places, stride = new_job.batch.places(height=destination.height, bodies=bodies)
        place, (x, y, z) = places[new_job.number], destination.location
        unit = destination.unit
        location = x + (place.x + options.alternative * stride) / unit, y + place.y / unit, z
        height = place.height if len(places) > 1 else destination.height
        left, right, near, far = (edge / unit for edge in room(places, new_job.copies))
        return replace(
            destination, location=location, height=height, stride=stride / unit, room=(left, right, near, far)
        )

    def run_request(self) -> None:
        """From the prepared pictures to the result on disk."""
        assert self.job.request is not None
        if not all(picture.exists() for picture in self.job.request.pictures):
            sentence = "The job's pictures are no longer in its folder: press Reconstruct to start it anew."
            raise InvalidInput(sentence)
        request = self.job.request
        self.advance(stage="Sending" if self._is_remote() else "Starting", journal=False)
        with stoppable(self.stop):
            prepared = self.with_retries(lambda: self.context.provider().prepare(request), tries=TRIES_BEFORE)
        credentials = self.context.credentials()
        self.context.sent_with[self.job.id] = credentials
        self._enter_submit(credentials.url)
        charge, sent = Charge.CHARGED, time.monotonic()
        try:
            task = self.context.provider().submit(prepared)
        except ProviderError as error:
            task, charge = self._after_error(error, request), Charge.POSSIBLE
        except OSError as error:  # the answer has come, and could not be kept
            log_error("The answer to the submit could not be kept", error)
            recovered = self.context.provider().recover(request)
            if recovered is None:
                raise
            task, charge = recovered, Charge.POSSIBLE
        # On record even when the artist has cancelled meanwhile: what is paid for can still be fetched.
        self.advance(even_stopped=True, state=State.RUNNING, task=task, charge=charge)
        self._poll_and_fetch(task, sent=sent)

    def _is_remote(self) -> bool:
        """Whether the photo goes to a service that is not this Blender itself."""
        return self.service.online or bool(self.context.credentials().url)

    def _enter_submit(self, address: str) -> None:
        """All that has to be on the disk before the submit; where it refuses, nothing is sent."""
        before = self.job
        changes: dict[str, Any] = {"state": State.SUBMITTING, "charge": Charge.POSSIBLE, "submitted": time.time()}
        try:
            if self.job.price:
                self.context.reserve(replace(self.job, address=address, **changes))
            self.advance(address=address, **changes)
            self.context.enter_charge(self.job)
        except OverLimit as error:
            self._mark_not_charged()
            raise InvalidInput(str(error)) from error
        except (OSError, sqlite3.Error):
            self._change(charge=before.charge, submitted=before.submitted)
            raise

    def _mark_not_charged(self) -> None:
        self._change(charge=Charge.NOTHING, submitted=None)

    def collect(self, left: Job) -> None:
        """From a submitted task to the result on disk, in this Blender or a later one; `left` is how the job stood."""
        LOG.info("Job %s at %s, taken up again", self.job.id, self.service.name)
        task = self.job.task
        if self.job.charge is Charge.POSSIBLE:  # the answer to the submit never came
            task = self._recovered() or task
        if task is None:
            self._leave(left)
            return
        self.advance(state=State.RUNNING, stage="Asking for the result", task=task)
        # The wall clock is asked once, and only for what was submitted a while ago; it may jump.
        self._poll_and_fetch(task, before=max(0.0, time.time() - (self.job.submitted or time.time())))

    def _recovered(self) -> Task | None:
        """The task of a submit without an answer, where the service can tell of it."""
        request = self.job.request
        if request is None:
            return None
        try:
            return self.context.provider().recover(request)
        except ProviderError as error:
            if not self.job.lost:
                raise
            log_error("The service could not be asked for a job that is in doubt", error)
            return None

    def _leave(self, left: Job) -> None:
        """Nothing new is known of a job: it stays as it was, above all in what it says of the money."""
        if self.stop.is_set():
            raise Cancelled
        LOG.info("Nothing can be found out about it")
        self.job = left
        self.context.record_end(left)
        self.context.publish(left)

    def _after_error(self, error: ProviderError, request: Request) -> Task:
        """A submit went wrong: raises what it means, or returns the task to ask for where it may exist."""
        log_error("The submit went wrong", error)
        if isinstance(error, RateLimited):
            self.context.hold(error.retry_after or HELD_SECONDS)
        if isinstance(error, NOT_TAKEN) or (isinstance(error, Unreachable) and not error.sent):
            self.context.correct_charge(self.job, 0.0)
            self._mark_not_charged()
            raise error
        task = self.context.provider().recover(request)
        if task is None:
            if isinstance(error, RemoteFailure):
                self._mark_unfetchable(charge=Charge.CHARGED)
            raise error
        return task

    def _mark_unfetchable(self, **changes: Any) -> None:
        """The service says that there is and will be nothing to fetch, which costs nothing."""
        if self.job.cost is None:  # what was fetched once was paid
            self.context.correct_charge(self.job, 0.0)
        self._change(unfetchable=True, **changes)

    def _asks_elsewhere(self) -> bool:
        """Whether the preferences lead to another place or account than the one that the job was sent to."""
        now, then = self.context.credentials(), self.context.sent_with.get(self.job.id)
        moved = bool(self.job.address) and self.job.address.rstrip("/") != now.url.rstrip("/")
        return moved or (then is not None and then.key != now.key)

    def _poll_and_fetch(self, task: Task, before: float = 0.0, sent: float | None = None) -> None:
        """Poll a task that was submitted `before` seconds ago until it can be fetched, and fetch it.

        `sent` is when its submit began, by the monotonic clock, where this run has sent it.
        """
        try:
            with stoppable(self.stop):
                stage, is_timed = self._wait_until_finished(task, before)
                self.advance(state=State.FETCHING, stage=stage)
                results = self._fetch(task)
            if sent is not None and not is_timed:  # all of the work was in the submit, or is in the fetch
                self.context.record_seconds(self.job, time.monotonic() - sent)
            extras = [extra for result in results if isinstance(result, Result) for extra in result.extras]
            add_whole_photo(extras, self.job.folder)
            if self.job.options.subject is Subject.BODY:
                results = [self._with_joints(results, number, extras) for number in range(len(results))]
        except Cancelled:
            if not self.context.closing():
                self._tell_service_to_stop(task)
            raise
        except RemoteFailure as error:
            if self._asks_elsewhere():
                sentence = (
                    f"{self.service.name} does not have this job at the address or with the key that the preferences "
                    "hold now: set them as they were when it was sent."
                )
                raise UnexpectedResponse(sentence, raw=error.raw) from error
            self._mark_unfetchable()
            raise
        self._finish(results)

    def _fetch(self, task: Task) -> list[Delivered]:
        """Bring the results into the job's folder, or where that cannot be used any more, into another one."""
        own = self.job.folder
        refusal: OSError | None = None
        for folder in dict.fromkeys((own, *(place / own.name for place in self.context.results_folders()))):
            moved = replace(task, request=replace(task.request, folder=folder))
            try:
                folder.mkdir(parents=True, exist_ok=True)
                results = self._fetch_all(moved)
            except OSError as error:
                log_error(f"The result could not be kept in {folder}", error)
                refusal = refusal or error
                continue
            if folder != own:
                note = f"The results folder {own.parent} could not be used: the result is kept in {folder.parent}."
                self._change(folder=folder, notes=(*self.job.notes, note))
            return results
        assert refusal is not None
        raise refusal

    def _fetch_all(self, task: Task) -> list[Delivered]:
        """Bring all results; where some cannot be had after a few tries, their errors stand in their places."""
        tries, come = 0, list[Delivered]()

        def attempt() -> list[Delivered]:
            nonlocal tries, come
            tries += 1
            try:
                return [*self._fetch_into(task)]
            except Incomplete as error:
                log_error("Some results did not arrive", error)
                come = [*error.entries]
                passing = [each for each in come if isinstance(each, RateLimited | Unreachable)]
                if not passing or tries >= TRIES_FOR_THE_REST:
                    return come
                raise passing[0] from error
            except (RateLimited, Unreachable) as error:
                if not come or tries < TRIES_FOR_THE_REST:
                    raise
                log_error("The rest cannot be asked for", error)
                return come

        return self.with_retries(attempt)

    def _fetch_into(self, task: Task) -> list[Result]:
        folder = task.request.folder
        try:
            return self.context.provider().fetch(task, folder, self.report)
        except FileNotFoundError:
            if folder.is_dir():
                raise
            folder.mkdir(parents=True, exist_ok=True)  # it was taken away meanwhile
            return self.context.provider().fetch(task, folder, self.report)

    def _wait_until_finished(self, task: Task, before: float) -> tuple[str, bool]:
        """What the service says at the end, and whether the time that the task has taken was seen, and recorded."""
        schedule = self.context.poll_schedule(self.job.options.subject)
        begun, asked_before = time.monotonic(), False
        while True:
            progress = self.with_retries(lambda: self.context.provider().poll(task))
            self._change(charge=Charge.CHARGED)  # also where the answer to the submit had got lost
            waited = time.monotonic() - begun
            elapsed = before + waited
            if progress.finished:
                if asked_before:  # otherwise nobody knows since when it was finished
                    self.context.record_seconds(self.job, elapsed)
                return progress.stage, asked_before
            asked_before = True
            if waited > LONGEST_WORK:
                minutes = round(LONGEST_WORK / 60)
                raise Unreachable(f"{self.service.name} is still not done with this job after {minutes} minutes.")
            if (progress.fraction, progress.stage) != (self.job.fraction, self.job.stage):
                self.advance(fraction=progress.fraction, stage=progress.stage, journal=False)
            self.wait(schedule.pause(elapsed))

    def _tell_service_to_stop(self, task: Task) -> None:
        try:
            self.context.provider().cancel(task)
        except ProviderError as error:
            log_error("The service could not be told to stop", error)  # the artist has moved on; it goes on in vain

    def _finish(self, results: Sequence[Delivered]) -> None:
        """Record the first result as this job's and the others as jobs of their own, all at once.

        Fetched once more, a job gets its own again, and the others are left as they are.
        """
        if not results:
            raise UnexpectedResponse(f"{self.service.name} delivered no model.")
        fetched_before = self.job.cost is not None
        jobs = [fetched_again(self.job, results)] if fetched_before else finished_jobs(self.job, results)
        jobs = [self._with_money(job) for job in jobs]
        paid = sum(job.cost or 0.0 for job in jobs)
        if not fetched_before:
            self.context.correct_charge(self.job, paid)
        for job in jobs:
            try:
                job.folder.mkdir(parents=True, exist_ok=True)
                if job.model is not None:
                    write_provenance(job)
            except OSError as error:  # the result is there and paid for
                log_error("What was done could not be noted beside the result", error)
        if self.stop.is_set():
            raise Cancelled
        self.job = jobs[0]
        self.context.record_paid(jobs)
        for job in jobs:
            self.context.publish(job)
            LOG.info("%s: %s, $%.4f", job.state, job.model, job.cost or 0.0)
        balances = [result.balance for result in results if isinstance(result, Result) and result.balance is not None]
        balance = balances[-1] if balances else None
        self.context.record_payment(self.job, 0.0 if fetched_before else paid, balance)

    def _with_money(self, job: Job) -> Job:
        """A job whose result is missing says what that means for the money."""
        return job if job.model else replace(job, message=failure_message(job.message, job, self.service))

    def _with_joints(self, results: Sequence[Delivered], number: int, extras: Sequence[Path]) -> Delivered:
        """The joints of the people in a result are kept beside it; what could not be found is noted."""
        result = results[number]
        if not isinstance(result, Result):
            return result
        self.advance(stage="Finding the joints", journal=False)
        try:
            notes = make_rig(result.model, extras, frontal=result.frontal, number=number, count=len(results))
            return replace(result, notes=(*result.notes, *notes))
        except Exception:  # whatever it is, the result is there and paid for: it arrives without bones
            LOG.exception("The joints could not be found")
            return replace(result, notes=(*result.notes, "The joints could not be found: press Rig Body to try again."))

    # What the work is made of

    def advance(self, *, journal: bool = True, even_stopped: bool = False, **changes: Any) -> None:
        """Take the job a step on: recorded first, then shown. Raises Cancelled where it was stopped."""
        if self.stop.is_set() and not even_stopped:
            raise Cancelled
        before = self.job.state, self.job.stage
        self._change(**changes)
        if self.stop.is_set() and not self.context.closing():
            self._change(state=State.CANCELLED)
        if (self.job.state, self.job.stage) != before:
            self._log_step()
        if journal and self.job.task is not None:
            self.context.record_paid([self.job])
        elif journal:
            self.context.record([self.job])
        self.context.publish(self.job)

    def report(self, fraction: float, stage: str) -> None:
        """What providers call during long work."""
        if self.stop.is_set():
            raise Cancelled
        if stage != self.job.stage or fraction >= 1.0 or time.monotonic() - self._reported > SLICE:
            self._reported = time.monotonic()
            self.advance(fraction=fraction, stage=stage, journal=False)

    def wait(self, seconds: float) -> None:
        """Pause, but not when the job is stopped."""
        if self.stop.wait(seconds):
            raise Cancelled

    def with_retries(self, call: Callable[[], T], *, tries: int | None = None) -> T:
        """Call something that costs nothing, again after growing pauses while the network or the service says no."""
        return with_retries(call, self.context.retry_policy, self._wait_to_retry, tries=tries)

    def _wait_to_retry(self, error: ProviderError, seconds: float) -> None:
        """Pause, but not longer than until the artist has mended the key or the address."""
        log_error(f"Trying again in {seconds:.2f} s", error)
        self.advance(stage=f"Trying again: {without_advice(str(error))}", journal=False)
        credentials, end = self.context.credentials(), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.context.credentials() == credentials:
            self.wait(min(left, GLANCE))

    def _fail(self, message: str) -> None:
        """The job's last step when it went wrong."""
        if not self.stop.is_set():
            message = failure_message(message, self.job, self.service)
            self._change(state=State.FAILED, finished=time.time(), stage="", message=message)
        # A job that was cancelled, or that a closing Blender leaves, still tells whether it was charged.
        self.context.record_end(self.job)
        self.context.publish(self.job)

    def _change(self, **changes: Any) -> None:
        self.job = replace(self.job, **changes)

    def _log_step(self) -> None:
        now = time.monotonic()
        LOG.info("%s: %s (%.3f s after the step before)", self.job.state, self.job.stage or "-", now - self._stepped)
        self._stepped = now


def log_error(what: str, error: Exception) -> None:
    """Log an error with its traceback, all that has caused it, and what the service really said."""
    raw = error.raw if isinstance(error, ProviderError) else ""
    LOG.info("%s: %s: %s%s", what, type(error).__name__, error, raw and f"\n{raw}", exc_info=error)
