# SPDX-License-Identifier: GPL-3.0-or-later
"""One job's road on a worker thread: prepare, submit, poll, fetch. No bpy.

Each step is on record before it is taken. Only the submit can cost money: it happens once, and what it leaves open
(an answer that got lost) is said and asked about, never repeated.
"""

import random
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from ..photos.batch import Batch
from ..photos.preparation import prepare
from ..photos.prompts import PointPrompt, Prompts
from ..providers.base import Capabilities, Credentials, Provider, Request, Result, Service, Subject, Task
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
from .body_joints import make_rig
from .ledger import Ledger, OverLimit
from .messages import without_advice
from .model import Charge, Destination, Job, State
from .polling import PollSchedule
from .provenance import write_provenance

LOG_NAME = "job.log"
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

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """How often a free request is tried while network or service say no, and the pauses in seconds between."""

    tries: int = 7
    first: float = 1.0
    longest: float = 30.0

    def pause(self, attempt: int, asked: float | None) -> float:
        """The pause after a try: what the service asks for, else twice the last one, with jitter."""
        if asked is not None:
            return asked
        return min(self.first * 2.0**attempt, self.longest) * random.uniform(0.75, 1.25)


@dataclass(frozen=True)
class NewJob:
    """A job that the artist has just asked for: the subject `number`, from 0, of a photo.

    `arranged` tells that the result is to find its place beside the others of the photo; else it stands where its
    destination says.
    """

    batch: Batch
    number: int
    job: Job
    arranged: bool = False


class Office(Protocol):
    """What a worker needs of the runner: a place to record and to tell, and what is known of the service."""

    retry_policy: RetryPolicy
    closing: bool

    def record(self, jobs: Sequence[Job]) -> None:
        """Write jobs to the journal; raises OSError or sqlite3.Error."""

    def tell(self, job: Job) -> None:
        """Hand a snapshot to the main thread."""

    def ledger(self) -> Ledger:
        """The book of what was spent."""

    def limit(self) -> float:
        """Most US dollars a day, 0 for no limit."""

    def hold(self, provider: str, seconds: float) -> None:
        """Start nothing more at a service for a while."""

    def record_stats(
        self, job: Job, *, seconds: float | None = None, balance: float | None = None, paid: float = 0.0
    ) -> None:
        """Take over what a run has taught: its duration, what is left on the account, or what was paid for it."""


class ProviderHandle:
    """The way to a service for all its jobs, as the preferences say it now; made anew when they change."""

    def __init__(self, service: Service, credentials: Callable[[], Credentials]) -> None:
        """`credentials` tells how the service is to be reached now."""
        self.service, self.credentials = service, credentials
        self._lock = threading.Lock()
        self._last: tuple[Credentials, Provider] | None = None

    def provider(self) -> Provider:
        """Raises WrongKey where the key cannot be one."""
        credentials = self.credentials()
        with self._lock:
            if self._last is None or self._last[0] != credentials:
                self._last = credentials, self.service.create(credentials)
            return self._last[1]


class Worker:
    """One job at work. `stop` is set when the artist cancels the job or Blender closes."""

    def __init__(self, office: Office, handle: ProviderHandle, job: Job) -> None:
        """`handle` leads to the job's service."""
        self.office, self.handle, self.job = office, handle, job
        self.service = handle.service
        self.stop = threading.Event()

    @property
    def capabilities(self) -> Capabilities:
        """What the service says of this kind of subject."""
        return self.service.capabilities[self.job.options.subject]

    # The road

    def run_new(self, new_job: NewJob) -> None:
        """From what the artist has just asked for to the result on disk."""
        folder = self.job.folder
        folder.mkdir(parents=True, exist_ok=True)
        self.step(stage="Preparing the photo", journal=False)
        takes_masks = self.capabilities.masks > 0
        options = self.job.options
        drawn = Prompts(tuple(PointPrompt(x, y) for x, y in options.points), options.box)
        prepared = prepare(new_job.batch, new_job.number, folder, drawn, takes_masks=takes_masks)
        options = replace(options, points=prepared.prompts.positive_points, box=prepared.prompts.box)
        request = Request(self.job.id, prepared.photo, prepared.masks, options, folder)
        self.step(request=request, notes=prepared.notes, destination=self._destination(new_job))
        self.run_request()

    def _destination(self, new_job: NewJob) -> Destination:
        """Where the result is to stand: beside the others of its photo, and beside its other variations."""
        options, destination = self.job.options, self.job.destination
        if not new_job.arranged:
            return destination
        bodies = options.subject is Subject.BODY
        places, stride = new_job.batch.places(height=destination.height, bodies=bodies)
        place, (x, y, z) = places[new_job.number], destination.location
        location = x + place.x + options.alternative * stride, y + place.y, z
        height = place.height if len(places) > 1 else destination.height
        return replace(destination, location=location, height=height, stride=stride)

    def run_request(self) -> None:
        """From the prepared pictures to the result on disk."""
        assert self.job.request is not None
        if not self.job.request.photo.exists():
            sentence = "The job's pictures are no longer in its folder: press Reconstruct to start it anew."
            raise InvalidInput(sentence)
        request = self.job.request
        self.step(stage="Sending", journal=False)
        prepared = self.with_retries(lambda: self.handle.provider().prepare(request), tries=TRIES_BEFORE)
        self.step(state=State.SUBMITTING, charge=Charge.POSSIBLE, submitted=time.time())
        self._enter_price()
        charge = Charge.CHARGED
        try:
            task = self.handle.provider().submit(prepared)
        except ProviderError as error:
            task, charge = self._after_error(error, request), Charge.POSSIBLE
        # On record even when the artist has cancelled meanwhile: what is paid for can still be fetched.
        self.step(even_stopped=True, state=State.RUNNING, task=task, charge=charge)
        self._bring(task)

    def _enter_price(self) -> None:
        job = self.job
        try:
            self.office.ledger().enter(job.id, job.provider, job.options.subject.value, job.price, self.office.limit())
            self.office.record_stats(job)
        except OverLimit as error:
            self._not_taken()
            raise InvalidInput(str(error)) from error
        except (OSError, sqlite3.Error):
            self._not_taken()
            raise

    def _not_taken(self) -> None:
        self._change(charge=Charge.NOTHING, submitted=None)

    def collect(self) -> None:
        """From a submitted task to the result on disk, in this Blender or a later one."""
        task = self.job.task
        if self.job.charge is Charge.POSSIBLE:  # the answer to the submit never came
            assert self.job.request is not None
            task = self.handle.provider().recover(self.job.request) or task
        if task is None:
            raise UnexpectedResponse(f"Blender was closed before the answer of {self.service.name} came.")
        self.step(state=State.RUNNING, stage="Asking for the result", task=task)
        # The wall clock is asked once, and only for what was submitted a while ago; it may jump.
        self._bring(task, before=max(0.0, time.time() - (self.job.submitted or time.time())))

    def _after_error(self, error: ProviderError, request: Request) -> Task:
        """A submit went wrong: raises what it means, or returns the task to ask for where it may exist."""
        self.note_raw(error)
        if isinstance(error, RateLimited):
            self.office.hold(self.job.provider, error.retry_after or HELD_SECONDS)
        if isinstance(error, NOT_TAKEN) or (isinstance(error, Unreachable) and not error.sent):
            self.office.ledger().correct(self.job.id, 0.0)
            self._not_taken()
            raise error
        task = self.handle.provider().recover(request)
        if task is None:
            if isinstance(error, RemoteFailure):
                self._over(charge=Charge.CHARGED)
            raise error
        return task

    def _over(self, **changes: Any) -> None:
        """The service says that there is and will be nothing to fetch, which costs nothing."""
        self.office.ledger().correct(self.job.id, 0.0)
        self._change(unfetchable=True, **changes)

    def _bring(self, task: Task, before: float = 0.0) -> None:
        """Poll a task that was submitted `before` seconds ago until it can be fetched, and fetch it."""
        try:
            stage = self._wait_until_finished(task, before)
            self.step(state=State.FETCHING, stage=stage)
            results = self.with_retries(lambda: self.handle.provider().fetch(task, self.job.folder, self.report))
            results = [self._with_joints(result) for result in results]
        except Cancelled:
            if not self.office.closing:
                self._tell_service_to_stop(task)
            raise
        except RemoteFailure:
            self._over()
            raise
        self._finish(results)

    def _wait_until_finished(self, task: Task, before: float) -> str:
        times = self.office.ledger().times().get((self.job.provider, self.job.options.subject.value), [])
        schedule = PollSchedule.learned(self.capabilities.expected_seconds, times)
        begun, asked_before = time.monotonic(), False
        while True:
            progress = self.with_retries(lambda: self.handle.provider().poll(task))
            self._change(charge=Charge.CHARGED)  # also where the answer to the submit had got lost
            waited = time.monotonic() - begun
            elapsed = before + waited
            if progress.finished:
                if asked_before:  # otherwise nobody knows since when it was finished
                    self.office.record_stats(self.job, seconds=elapsed)
                return progress.stage
            asked_before = True
            if waited > LONGEST_WORK:
                minutes = round(LONGEST_WORK / 60)
                raise Unreachable(f"{self.service.name} is still not done with this job after {minutes} minutes.")
            if (progress.fraction, progress.stage) != (self.job.fraction, self.job.stage):
                self.step(fraction=progress.fraction, stage=progress.stage, journal=False)
            self.wait(schedule.pause(elapsed))

    def _tell_service_to_stop(self, task: Task) -> None:
        try:
            self.handle.provider().cancel(task)
        except ProviderError as error:
            self.note_raw(error)  # the artist has moved on; the service goes on in vain

    def _finish(self, results: Sequence[Result]) -> None:
        """Record the first result as this job's and the others as jobs of their own, all at once."""
        if not results:
            raise UnexpectedResponse(f"{self.service.name} delivered no model.")
        share = self.job.price / len(results)
        jobs = [self._with_result(result, number, share) for number, result in enumerate(results)]
        paid = sum(job.cost or 0.0 for job in jobs)
        self.office.ledger().correct(self.job.id, paid)
        for job in jobs:
            write_provenance(job)
        if self.stop.is_set():
            raise Cancelled
        fetched_before = self.job.cost is not None
        self.job = jobs[0]
        self.office.record(jobs)
        for job in jobs:
            self.office.tell(job)
        balances = [result.balance for result in results if result.balance is not None]
        balance = balances[-1] if balances else None
        self.office.record_stats(self.job, balance=balance, paid=0.0 if fetched_before else paid)

    def _with_result(self, result: Result, number: int, share: float) -> Job:
        job, options = self.job, self.job.options
        cost = share if result.cost is None else result.cost
        destination = job.destination if result.frontal else replace(job.destination, turn=0.0)
        changes: dict[str, Any] = {
            "state": State.READY,
            "fraction": 1.0,
            "stage": "",
            "message": "",
            "finished": time.time(),
            "options": options if result.seed is None else replace(options, seed=result.seed),
            "model": result.model,
            "extras": result.extras,
            "model_name": result.model_name,
            "cost": cost,
            "destination": destination,
            "notes": (*job.notes, *(note for note in result.notes if note not in job.notes)),
        }
        if number:
            # The same id each time, so that fetching again makes no further jobs; a moment later, to keep the order.
            changes["id"] = uuid.uuid5(uuid.NAMESPACE_OID, f"{job.id} {number}").hex
            changes["created"] = job.created + number * 1e-3
            x, y, z = destination.location
            changes["destination"] = replace(destination, location=(x + number * destination.stride, y, z))
        return replace(job, **changes)

    def _with_joints(self, result: Result) -> Result:
        """The joints of the people in a result are kept beside it; what could not be found is noted."""
        if self.job.options.subject is not Subject.BODY:
            return result
        self.step(stage="Finding the joints", journal=False)
        try:
            notes = make_rig(result.model, result.extras, frontal=result.frontal)
            return replace(result, notes=(*result.notes, *notes))
        except Exception as error:  # whatever it is, the result is there and paid for: it arrives without bones
            self.log(f"The joints: {type(error).__name__}: {error}\n")
            return replace(result, notes=(*result.notes, "The joints could not be found: press Rig Body to try again."))

    # What the road is made of

    def step(self, *, journal: bool = True, even_stopped: bool = False, **changes: Any) -> None:
        """Take the job a step on: recorded first, then shown. Raises Cancelled where it was stopped."""
        if self.stop.is_set() and not even_stopped:
            raise Cancelled
        self._change(**changes)
        if self.stop.is_set() and not self.office.closing:
            self._change(state=State.CANCELLED)
        if journal:
            self.office.record([self.job])
        self.office.tell(self.job)

    def report(self, fraction: float, stage: str) -> None:
        """What providers call during long work."""
        if self.stop.is_set():
            raise Cancelled
        if stage != self.job.stage or fraction >= 1.0 or time.monotonic() - self._told > SLICE:
            self._told = time.monotonic()
            self.step(fraction=fraction, stage=stage, journal=False)

    _told = 0.0

    def wait(self, seconds: float) -> None:
        """Pause, but not when the job is stopped."""
        if self.stop.wait(seconds):
            raise Cancelled

    def with_retries(self, call: Callable[[], T], *, tries: int | None = None) -> T:
        """Call something that costs nothing, again after growing pauses while the network or the service says no."""
        retry_policy = self.office.retry_policy
        tries = retry_policy.tries if tries is None else min(tries, retry_policy.tries)
        for attempt in range(tries):
            try:
                return call()
            except (RateLimited, Unreachable) as error:
                self.note_raw(error)
                if attempt == tries - 1:
                    raise
                asked = error.retry_after if isinstance(error, RateLimited) else None
                self.step(stage=f"Trying again: {without_advice(str(error))}", journal=False)
                self._wait_or_change(retry_policy.pause(attempt, asked))
        raise AssertionError("the last attempt returns or raises")

    def _wait_or_change(self, seconds: float) -> None:
        """Pause, but not longer than until the artist has mended the key or the address."""
        credentials, end = self.handle.credentials(), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.handle.credentials() == credentials:
            self.wait(min(left, GLANCE))

    def _change(self, **changes: Any) -> None:
        self.job = replace(self.job, **changes)

    def note_raw(self, error: ProviderError) -> None:
        """Keep what the service really said for the log."""
        if error.raw:
            self.log(f"{type(error).__name__}: {error}\n{error.raw}\n")

    def log(self, text: str) -> None:
        """Add what is too long for the panel to the job's log file."""
        try:
            with (self.job.folder / LOG_NAME).open("a", encoding="utf-8") as log:
                log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}")
        except OSError:
            print(text)  # the folder is what failed; the console is the last place left
