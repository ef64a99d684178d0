# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs jobs on worker threads and hands their news to the main thread. No bpy.

A worker owns its job from start to result and posts frozen snapshots of it. The main thread calls `drain` now and then,
which makes the snapshots visible in `jobs`; nothing else is shared.
"""

import sqlite3
import threading
import time
import traceback
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ..photos.errors import PhotoError
from ..providers.base import Account, Capabilities, Credentials, Service, Subject
from ..providers.errors import Cancelled, ProviderError
from ..providers.http import OFFLINE, is_loopback
from .instance_lock import InstanceLock, is_alive
from .journal import Journal
from .ledger import Ledger, over_limit, passes, today
from .messages import cancel_message, disk_message, failure_message, recovered
from .model import Charge, Job, State, together
from .polling import PollSchedule
from .service_queue import ServiceQueue
from .worker import LOG_NAME, NewJob, ProviderHandle, RetryPolicy, Worker

CLOSING_SECONDS, SUBMITTING_SECONDS = 2.0, 15.0
"""How long a closing Blender waits for its workers, and for one that is just paying."""
DAYS_SHOWN = 14
"""Days of spending that are kept at hand for the panel."""


class Runner:
    """All jobs of this Blender. Every method is for the main thread and returns at once, except where it says so."""

    def __init__(self, services: Mapping[str, Service], journal: Path, retry_policy: RetryPolicy | None = None) -> None:
        """Start with no jobs; `journal` is the file that records them, read by a thread of its own."""
        self.jobs: dict[str, Job] = {}
        self._listed: list[list[Job]] | None = None
        self.balances: dict[str, float] = {}
        self._services = services
        self._queues = {name: ServiceQueue(name, service.parallel) for name, service in services.items()}
        self._credentials: dict[str, Credentials] = {}
        self._handles = {
            name: ProviderHandle(service, partial(self._credentials_of, name)) for name, service in services.items()
        }
        self._limit = 0.0
        self._prices: dict[tuple[str, Subject], float] = {}
        self._times: dict[tuple[str, str], list[float]] = {}
        self.spending: dict[str, dict[str, float]] = {}
        self._news: deque[Job] = deque()
        self._workers: dict[str, Worker] = {}
        self._awaited: set[str] = set()
        self._removed: set[str] = set()
        self._left_open: set[str] = set()
        self._office = _Office(self, retry_policy or RetryPolicy(), journal)
        # The main thread's own records are written here, so that it never waits for the disk.
        self._clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sam3d-journal")
        self._recalled = self._clerk.submit(self._recall)

    # What the main thread asks for

    def allow(self, credentials: Mapping[str, Credentials], limit: float) -> None:
        """Take over how the services are reached and the spending limit, as the preferences say them now.

        Jobs that could not fetch their result before may do so with what has changed: `resume` takes them up.
        """
        for job in self.jobs.values():
            changed = credentials.get(job.provider) != self._credentials.get(job.provider)
            if changed and job.state is State.FAILED and _left_open(job):
                self._left_open.add(job.id)
        self._credentials = dict(credentials)
        self._limit = limit

    def start(self, new_job: NewJob) -> None:
        """Begin a new job."""
        worker = self._worker(new_job.job)
        self._launch(worker, lambda: worker.run_new(new_job))

    def fetch_again(self, job_id: str) -> None:
        """Go on with a task that a service has accepted; raises KeyError for a job with nothing to fetch."""
        job = self.jobs[job_id]
        if job.at_work or not job.fetchable:
            raise KeyError(job_id)
        worker = self._worker(replace(job, state=State.RUNNING, finished=None, fraction=0.0, stage="", message=""))
        self._launch(worker, worker.collect)

    def run_again(self, job_id: str) -> str:
        """Start a job anew from its own pictures, in its place on the list, which costs what a new one costs.

        Returns the new job's id; raises KeyError for a job that cannot be repeated.
        """
        old = self.jobs[job_id]
        if not old.repeatable or old.request is None:
            raise KeyError(job_id)
        new_id = uuid.uuid4().hex
        job = Job(
            id=new_id,
            provider=old.provider,
            photo=old.photo,
            options=old.options,
            destination=old.destination,
            folder=old.folder,
            group=old.group,
            price=self.price(old.provider, old.options.subject) * old.options.results,
            request=replace(old.request, id=new_id),
            notes=old.notes,
        )
        self.remove(job_id)
        worker = self._worker(job)
        self._launch(worker, worker.run_request)
        return new_id

    def resume(self) -> None:
        """Go on with what earlier Blenders have left: what is submitted is polled and fetched, at no cost."""
        self.drain()
        for job_id in list(self._left_open):
            job = self.jobs.get(job_id)
            if job is None or job.provider not in self._services or job.at_work or not _left_open(job):
                self._left_open.discard(job_id)
                continue
            online = self._credentials_of(job.provider).online
            if self.obstacle(job.provider, 0.0, online=online):
                continue  # as it was: the next start, or Retry, goes on
            self._left_open.discard(job_id)
            worker = self._worker(replace(job, state=State.RUNNING, finished=None, message=""))
            self._launch(worker, worker.collect, awaited=False)

    def cancel(self, job_id: str) -> None:
        """Stop a job; it counts as cancelled from now on, whatever its worker still does."""
        job = self.jobs[job_id]
        service = self._services[job.provider]
        self._workers[job_id].stop.set()
        self._queues[job.provider].drop(job_id)
        message = cancel_message(job, service)
        self._settle(replace(job, state=State.CANCELLED, finished=time.time(), message=message))

    def mark_imported(self, job_id: str) -> None:
        """Record that the job's result stands in a scene."""
        self._settle(replace(self.jobs[job_id], state=State.IMPORTED, message=""))

    def mark_waiting(self, job_id: str, reason: str) -> None:
        """Say why a ready result is not in the scene yet; not recorded, because it may change with every tick."""
        self._put(replace(self.jobs[job_id], message=reason))

    def mark_failed(self, job_id: str, reason: str) -> None:
        """Record that the job's result could not be imported."""
        self._settle(replace(self.jobs[job_id], state=State.FAILED, message=reason))

    def remove(self, job_id: str) -> None:
        """Forget a job that is not at work; its files stay in the results folder."""
        del self.jobs[job_id]
        self._listed = None
        self._removed.add(job_id)  # its worker's last news may still be on their way
        self._clerk.submit(self._office.quietly, self._office.forget, job_id)

    def drain(self) -> bool:
        """Take the workers' news over into `jobs`; returns whether there was any."""
        changed = False
        while self._news:
            job = self._news.popleft()
            if job.id in self._removed:
                continue
            known = self.jobs.get(job.id)
            if known is not None and known.state is State.CANCELLED:
                # Cancelled stays cancelled, but what the service has taken or made meanwhile is not forgotten.
                job = replace(job, state=State.CANCELLED, finished=known.finished, stage="")
                job = replace(job, message=cancel_message(job, self._services[job.provider]))
                self._settle(job)
            if known is None and job.state is State.READY and job.request and job.request.id in self._awaited:
                self._awaited.add(job.id)  # another result of a task that was started here
            self._put(job)
            changed = True
        return changed

    def find(self, job_id: str) -> Job | None:
        """The job of that id; waits for the journal where that is still being read."""
        if job_id not in self.jobs:
            self.wait_for_journal()
            self.drain()
        return self.jobs.get(job_id)

    @property
    def recalled(self) -> bool:
        """Whether the jobs of earlier sessions have been read."""
        return self._recalled.done()

    def wait_for_journal(self) -> None:
        """Wait until the jobs of earlier sessions are known (a fraction of a second after the start, once)."""
        self._recalled.result()

    def awaited(self) -> list[Job]:
        """Ready results of jobs that were started in this session: they go into the scene by themselves."""
        return [job for job in self.jobs.values() if job.state is State.READY and job.id in self._awaited]

    def listed(self) -> list[list[Job]]:
        """The jobs for the panel, those together that were started together; the latest first, but for those at work.

        Worked out when something has changed: the panel is drawn far more often.
        """
        if self._listed is None:
            self._listed = together(self.jobs.values())
        return self._listed

    def at_work(self) -> list[Job]:
        """The jobs that a worker has or will have, oldest first."""
        return [job for job in self.jobs.values() if job.at_work]

    # What is known of the services

    def capabilities(self, provider: str, subject: Subject) -> Capabilities:
        """What the service says of this subject; raises KeyError where it does not make it."""
        return self._services[provider].capabilities[subject]

    def expected_seconds(self, provider: str, subject: Subject) -> float:
        """How long a job usually takes, learned from earlier ones."""
        stated = self.capabilities(provider, subject).expected_seconds
        return PollSchedule.learned(stated, self._times.get((provider, subject.value), [])).expected

    def price(self, provider: str, subject: Subject) -> float:
        """What one result costs in US dollars: as the service has told, else as its pages say."""
        return self._prices.get((provider, subject), self.capabilities(provider, subject).price)

    def spent_today(self) -> dict[str, float]:
        """US dollars spent today, by service."""
        return self.spending.get(today(), {})

    def obstacle(self, provider: str, dollars: float, *, online: bool) -> str:
        """Why a service cannot be asked now for something of that price, as a sentence; empty when it can.

        `online` tells whether Blender may use the network.
        """
        service, credentials = self._services[provider], self._credentials_of(provider)
        if (service.online or credentials.url) and not (online or is_loopback(credentials.url)):
            return OFFLINE
        if service.online and not credentials.key:
            return f"There is no key for {service.name}: enter it in the add-on's preferences."
        waiting = sum(job.price for job in self.jobs.values() if job.state is State.WAITING)
        spent = sum(self.spent_today().values())
        return over_limit(self._limit, spent) if dollars and passes(self._limit, spent + waiting, dollars) else ""

    def check(self, provider: str, credentials: Credentials) -> Future[Account]:
        """Ask a service whether address and key work, on a thread; the future holds its answer or a ProviderError."""
        future: Future[Account] = Future()
        service = self._services[provider]

        def ask() -> None:
            try:
                account = service.create(credentials).account()
            except Exception as error:  # whatever it is belongs to the one who asked
                future.set_exception(error)
                return
            if account.balance is not None:
                self.balances[provider] = account.balance
            self._prices.update({(provider, subject): price for subject, price in account.prices.items()})
            future.set_result(account)

        threading.Thread(target=ask, name="sam3d-account", daemon=True).start()
        return future

    def close(self) -> None:
        """Stop all workers and wait for them for a moment, longer for one that is just paying; tasks stay on record."""
        self._office.closing = True
        self.drain()
        paying = any(job.state is State.SUBMITTING and job.price for job in self.jobs.values())
        for worker in self._workers.values():
            worker.stop.set()
        end = time.monotonic() + (SUBMITTING_SECONDS if paying else CLOSING_SECONDS)
        for queue in self._queues.values():
            queue.close(max(0.0, end - time.monotonic()))
        self._clerk.shutdown(wait=True, cancel_futures=False)
        self._office.close()

    # Inside

    def _worker(self, job: Job) -> Worker:
        return Worker(self._office, self._handles[job.provider], job)

    def _credentials_of(self, provider: str) -> Credentials:
        return self._credentials.get(provider, Credentials())

    def _launch(self, worker: Worker, work: Callable[[], None], *, awaited: bool = True) -> None:
        job = worker.job = replace(worker.job, stage="Waiting its turn")
        self._workers[job.id] = worker
        if awaited:
            self._awaited.add(job.id)
        self._put(job)
        self._clerk.submit(self._enqueue, worker, work)

    def _enqueue(self, worker: Worker, work: Callable[[], None]) -> None:
        """On the clerk's thread: the worker may only begin, and record its own steps, once the job is on record."""
        job = worker.job
        if self._office.quietly(self._office.claim, job) is False:
            message = "Another Blender has this job at work: its result appears there."
            self._office.tell(replace(job, state=State.FAILED, finished=time.time(), stage="", message=message))
        elif not self._office.closing:
            self._queues[job.provider].add(job.id, lambda: self._guard(worker, work))

    def _settle(self, job: Job) -> None:
        self._put(job)
        self._clerk.submit(self._office.quietly, self._office.record, [job])

    def _put(self, job: Job) -> None:
        self.jobs[job.id] = job
        self._listed = None

    def _guard(self, worker: Worker, work: Callable[[], None]) -> None:
        """Run `work` and turn whatever goes wrong into a sentence."""
        try:
            work()
        except Cancelled:
            pass  # the main thread has recorded it; a closing Blender leaves the job as it stands
        except PhotoError as error:
            self._fail(worker, str(error))
        except ProviderError as error:
            worker.note_raw(error)
            self._fail(worker, str(error))
        except (OSError, sqlite3.Error) as error:
            self._fail(worker, disk_message(error, worker.job.folder))
        except Exception as error:  # the thread's last resort: the artist gets a sentence, the log the rest
            worker.log(traceback.format_exc())
            self._fail(worker, f"Something went wrong ({type(error).__name__}): {LOG_NAME} in its folder tells more.")

    def _fail(self, worker: Worker, message: str) -> None:
        """A job's last step when it went wrong."""
        job = worker.job
        if not worker.stop.is_set():
            message = failure_message(message, job, self._services[job.provider])
            job = replace(job, state=State.FAILED, finished=time.time(), stage="", message=message)
        # A job that was cancelled, or that a closing Blender leaves, still tells whether it was charged.
        self._office.quietly(self._office.record, [job])
        self._office.quietly(self._office.record_stats, job)
        self._office.tell(job)

    def _recall(self) -> None:
        self._office.quietly(self._recall_now)

    def _recall_now(self) -> None:
        """Bring the jobs of earlier sessions back. Their workers are gone, so none is at work until it is resumed."""
        elsewhere = self._office.adopt()
        found = [job for job in self._office.journal().read() if job.id not in elsewhere]
        # A service that this version does not know has no use any more but for its results.
        jobs = [
            recovered(job, self._services[job.provider]) if job.provider in self._services else job
            for job in found
            if job.provider in self._services or job.state in (State.READY, State.IMPORTED)
        ]
        self._left_open = {job.id for job in jobs if _left_open(job)}
        self._news.extend(jobs)
        self._office.record_stats(None)


def _left_open(job: Job) -> bool:
    """Whether there may be something to fetch for a job that no worker has."""
    lost = job.task is None and job.charge is Charge.POSSIBLE
    return job.state is not State.CANCELLED and (job.unfetched or lost)


class _Office:
    """The runner's side that workers use, on their own threads."""

    def __init__(self, runner: Runner, retry_policy: RetryPolicy, path: Path) -> None:
        self.retry_policy, self.closing = retry_policy, False
        self._runner, self._path = runner, path
        self._lock = threading.Lock()
        self._open: tuple[Journal, InstanceLock] | None = None

    def journal(self) -> Journal:
        return self._opened()[0]

    def ledger(self) -> Ledger:
        return Ledger(self.journal().path)

    def adopt(self) -> set[str]:
        journal, instance = self._opened()
        return journal.adopt(instance.id, self._is_alive)

    def claim(self, job: Job) -> bool:
        journal, instance = self._opened()
        return journal.claim(job, instance.id, self._is_alive)

    def _is_alive(self, owner: str) -> bool:
        return is_alive(self._path.parent, owner)

    def record(self, jobs: Sequence[Job]) -> None:
        journal, instance = self._opened()
        journal.write(jobs, instance.id)

    def forget(self, job_id: str) -> None:
        self.journal().remove(job_id)

    def tell(self, job: Job) -> None:
        self._runner._news.append(job)

    def limit(self) -> float:
        return self._runner._limit

    def hold(self, provider: str, seconds: float) -> None:
        self._runner._queues[provider].hold(seconds)

    def record_stats(
        self, job: Job | None, *, seconds: float | None = None, balance: float | None = None, paid: float = 0.0
    ) -> None:
        """Whole values replace whole values, so that the main thread may read them at any time."""
        ledger, runner = self.ledger(), self._runner
        if job is not None and seconds is not None:
            ledger.time(job.id, seconds)
        if job is not None and balance is not None:
            runner.balances[job.provider] = balance
        elif job is not None and job.provider in runner.balances:
            runner.balances[job.provider] -= paid  # until the service tells it itself
        runner._times = ledger.times()
        runner.spending = ledger.spent(DAYS_SHOWN)

    def quietly(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """For records of what has already happened: a full disk must not take the result away from the artist."""
        try:
            return work(*arguments)
        except (OSError, sqlite3.Error) as error:
            print(f"SAM 3D: the journal {self._path} could not be written: {error}")
            return None

    def close(self) -> None:
        """Let go of the jobs, for another Blender to take."""
        with self._lock:
            if self._open is not None:
                self._open[1].close()

    def _opened(self) -> tuple[Journal, InstanceLock]:
        """Opened on first use by whichever thread comes first, never by the main thread."""
        with self._lock:
            if self._open is None:
                self._open = _journal(self._path), InstanceLock(self._path.parent)
            return self._open


def _journal(path: Path) -> Journal:
    try:
        return Journal(path)
    except sqlite3.OperationalError:
        raise  # a full or locked disk: the file itself is sound
    except sqlite3.DatabaseError:
        broken = path.with_name(f"{path.stem}-broken-{time.strftime('%Y-%m-%d_%H-%M-%S')}{path.suffix}")
        path.replace(broken)
        print(f"SAM 3D: the journal was unreadable and is kept as {broken}; a new one was begun.")
        return Journal(path)
