# SPDX-License-Identifier: GPL-3.0-or-later
"""One job's road on a worker thread: prepare, pack, submit, poll, fetch. No bpy.

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

from ..providers.base import Offer, Provider, Request, Result, Service, Task
from ..providers.errors import (
    Busy,
    Cancelled,
    FailedThere,
    NoCredit,
    ProviderError,
    RefusedInput,
    Unexpected,
    Unreachable,
    WrongKey,
)
from .ledger import Ledger, OverLimit
from .model import Charge, Job, Order, State
from .pace import Pace
from .preparation import prepare
from .provenance import write_provenance

LOG_NAME = "job.log"
NOT_TAKEN = (WrongKey, NoCredit, RefusedInput, Busy)
"""Errors of a submit after which the service has certainly not taken the job."""
HELD_SECONDS = 30.0
"""How long a service that is busy, and does not say for how long, is left alone."""
LONGEST_WORK = 1800.0
"""Seconds after which a service that says that it is still at work is no longer asked by itself."""
SLICE = 0.1
"""Seconds after which the progress of a download is told again."""

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How often a free request is tried while network or service say no, and the pauses in seconds between."""

    tries: int = 7
    first: float = 1.0
    longest: float = 30.0

    def pause(self, attempt: int, asked: float | None) -> float:
        """The pause after a try: what the service asks for, else twice the last one, with jitter."""
        if asked is not None:
            return asked
        return min(self.first * 2.0**attempt, self.longest) * random.uniform(0.75, 1.25)


class Office(Protocol):
    """What a worker needs of the runner: a place to record and to tell, and what is known of the service."""

    patience: Patience
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

    def learnt(
        self, job: Job, *, seconds: float | None = None, balance: float | None = None, paid: float = 0.0
    ) -> None:
        """Take over what a run has taught: its duration, what is left on the account, or what was paid for it."""


class Worker:
    """One job at work. `stop` is set when the artist cancels the job or Blender closes."""

    def __init__(self, office: Office, service: Service, provider: Callable[[], Provider], job: Job) -> None:
        """`provider` makes the way to the service; it may raise what its methods raise."""
        self.office, self.service, self.job = office, service, job
        self.stop = threading.Event()
        self._make_provider = provider

    @property
    def offer(self) -> Offer:
        """What the service says of this kind of subject."""
        return self.service.offers[self.job.wish.subject]

    # The road

    def run_order(self, order: Order) -> None:
        """From the artist's order to the result on disk."""
        folder = self.job.folder
        folder.mkdir(parents=True, exist_ok=True)
        self.step(stage="Preparing the photo")
        prepared = prepare(
            order.photo,
            order.masks,
            self.job.wish,
            folder,
            takes_masks=self.offer.masks > 0,
            longest_edge=order.longest_edge,
        )
        request = Request(self.job.id, prepared.photo, prepared.masks, prepared.wish, folder)
        self.step(request=request, notes=prepared.notes)
        self.run_request()

    def run_request(self) -> None:
        """From the prepared pictures to the result on disk."""
        assert self.job.request is not None
        if not self.job.request.photo.exists():
            sentence = "The job's pictures are no longer in its folder: press Reconstruct to start it anew."
            raise RefusedInput(sentence)
        provider = self._make_provider()
        self.step(stage="Sending")
        parcel = self.patiently(provider.pack, self.job.request)
        self.step(state=State.SUBMITTING, charge=Charge.PERHAPS, submitted=time.time())
        self._enter_price()
        try:
            task = provider.submit(parcel)
        except ProviderError as error:
            task = self._after_trouble(error, provider)
        # On record even when the artist has cancelled meanwhile: what is paid for can still be fetched.
        self.step(even_stopped=True, state=State.RUNNING, task=task, charge=Charge.TAKEN)
        self._bring(provider, task)

    def _enter_price(self) -> None:
        job = self.job
        try:
            self.office.ledger().enter(job.id, job.provider, job.wish.subject.value, job.price, self.office.limit())
            self.office.learnt(job)
        except OverLimit as error:
            self._not_taken()
            raise RefusedInput(str(error)) from error
        except (OSError, sqlite3.Error):
            self._not_taken()
            raise

    def _not_taken(self) -> None:
        self._change(charge=Charge.NOTHING, submitted=None)

    def collect(self) -> None:
        """From a submitted task to the result on disk, in this Blender or a later one."""
        provider = self._make_provider()
        task = self.job.task
        if task is None:
            assert self.job.request is not None
            task = provider.recover(self.job.request)
        if task is None:
            raise Unexpected(f"Blender was closed before the answer of {self.service.name} came.")
        self.step(state=State.RUNNING, stage="Asking for the result", task=task)
        self._bring(provider, task)

    def _after_trouble(self, error: ProviderError, provider: Provider) -> Task:
        """A submit went wrong: raises what it means, or returns the task to ask for where it may exist."""
        assert self.job.request is not None
        self.note_raw(error)
        if isinstance(error, Busy):
            self.office.hold(self.job.provider, error.retry_after or HELD_SECONDS)
        if isinstance(error, NOT_TAKEN) or (isinstance(error, Unreachable) and not error.sent):
            self.office.ledger().correct(self.job.id, 0.0)
            self._not_taken()
            raise error
        task = provider.recover(self.job.request)
        if task is None:
            raise error
        return task

    def _bring(self, provider: Provider, task: Task) -> None:
        """Poll a submitted task until it can be fetched, and fetch it."""
        try:
            stage = self._wait_until_finished(provider, task)
            self.step(state=State.FETCHING, stage=stage)
            results = self.patiently(provider.fetch, task, self.job.folder, self.report)
        except Cancelled:
            if not self.office.closing:
                self._tell_service_to_stop(provider, task)
            raise
        except FailedThere:
            self.office.ledger().correct(self.job.id, 0.0)
            self._change(over=True)
            raise
        self._finish(results)

    def _wait_until_finished(self, provider: Provider, task: Task) -> str:
        times = self.office.ledger().times().get((self.job.provider, self.job.wish.subject.value), [])
        pace = Pace.learnt(self.offer.expected_seconds, times)
        # The wall clock is asked once, for a task that an earlier Blender has submitted; it may jump.
        before = max(0.0, time.time() - (self.job.submitted or time.time()))
        begun, asked_before = time.monotonic(), False
        while True:
            progress = self.patiently(provider.poll, task)
            elapsed = before + time.monotonic() - begun
            if progress.finished:
                if asked_before:  # otherwise nobody knows since when it was finished
                    self.office.learnt(self.job, seconds=elapsed)
                return progress.stage
            asked_before = True
            if elapsed > LONGEST_WORK:
                minutes = round(LONGEST_WORK / 60)
                raise Unreachable(f"{self.service.name} is still not done with this job after {minutes} minutes.")
            self.step(fraction=progress.fraction, stage=progress.stage, journal=False)
            self.wait(pace.pause(elapsed))

    def _tell_service_to_stop(self, provider: Provider, task: Task) -> None:
        try:
            provider.cancel(task)
        except ProviderError as error:
            self.note_raw(error)  # the artist has moved on; the service goes on in vain

    def _finish(self, results: Sequence[Result]) -> None:
        """Record the first result as this job's and the others as jobs of their own, all at once."""
        if not results:
            raise Unexpected(f"{self.service.name} delivered no model.")
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
        self.office.learnt(self.job, balance=balance, paid=0.0 if fetched_before else paid)

    def _with_result(self, result: Result, number: int, share: float) -> Job:
        job, wish = self.job, self.job.wish
        cost = share if result.cost is None else result.cost
        changes: dict[str, Any] = {
            "state": State.READY,
            "fraction": 1.0,
            "stage": "",
            "message": "",
            "finished": time.time(),
            "wish": wish if result.seed is None else replace(wish, seed=result.seed),
            "model": result.model,
            "extras": result.extras,
            "model_name": result.model_name,
            "cost": cost,
            "notes": (*job.notes, *(note for note in result.notes if note not in job.notes)),
        }
        if number:
            # The same id each time, so that fetching again makes no further jobs; a moment later, to keep the order.
            changes["id"] = uuid.uuid5(uuid.NAMESPACE_OID, f"{job.id} {number}").hex
            changes["created"] = job.created + number * 1e-3
        return replace(job, **changes)

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

    def patiently(self, call: Callable[..., T], *arguments: Any) -> T:
        """Call something that costs nothing, again after growing pauses while the network or the service says no."""
        patience = self.office.patience
        for attempt in range(patience.tries):
            try:
                return call(*arguments)
            except (Busy, Unreachable) as error:
                self.note_raw(error)
                if attempt == patience.tries - 1:
                    raise
                asked = error.retry_after if isinstance(error, Busy) else None
                self.step(stage=f"Trying again: {error}", journal=False)
                self.wait(patience.pause(attempt, asked))
        raise AssertionError("the last attempt returns or raises")

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
