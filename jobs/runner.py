# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs jobs on worker threads and hands their news to the main thread. No bpy.

A worker owns its job from start to result: it journals each step before it takes it and posts a frozen snapshot of the
job. The main thread calls `drain` now and then, which makes the snapshots visible in `jobs`; nothing else is shared.
"""

import errno
import sqlite3
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..providers.base import Provider, Request, Result, Service, Task
from ..providers.errors import Busy, Cancelled, ProviderError, Unreachable
from .journal import Journal
from .model import Job, Order, State
from .preparation import prepare

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two tries of a poll or fetch that the network refused."""
TRIES = 6
LOG_NAME = "job.log"


class Runner:
    """All jobs of this Blender. Every method is for the main thread and returns at once."""

    def __init__(self, services: dict[str, Service], journal: Path) -> None:
        """Start with no jobs; `journal` is the file that records them, opened by the first worker thread."""
        self.jobs: dict[str, Job] = {}
        self._services = services
        self._journal_path = journal
        self._journal: Journal | None = None
        self._journal_lock = threading.Lock()
        self._news: deque[Job] = deque()
        self._stops: dict[str, threading.Event] = {}
        self._threads: set[threading.Thread] = set()
        self._awaited: set[str] = set()
        self._removed: set[str] = set()
        self._places = {name: threading.Semaphore(service.parallel) for name, service in services.items()}
        # The main thread's own records are written here, so that it never waits for the disk.
        self._clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sam3d-journal")
        self._closing = False
        self._recalled = self._clerk.submit(self._recall)

    # What the main thread asks for

    def start(self, order: Order) -> None:
        """Begin a new job."""
        self._launch(order.job, self._run_order, order)

    def retry(self, job_id: str) -> None:
        """Fetch a task that a service has accepted once more; raises KeyError for a job without one."""
        job = self.jobs[job_id]
        if job.task is None:
            raise KeyError(job_id)
        job = replace(job, state=State.RUNNING, created=time.time(), finished=None, fraction=0.0, stage="", message="")
        self._launch(job, self._collect, job)

    def cancel(self, job_id: str) -> None:
        """Stop a job; it counts as cancelled from now on, whatever its worker still does."""
        job = self.jobs[job_id]
        self._stops[job_id].set()
        self._settle(replace(job, state=State.CANCELLED, finished=time.time(), message="Cancelled."))

    def mark_imported(self, job_id: str) -> None:
        """Record that the job's result stands in a scene."""
        self._settle(replace(self.jobs[job_id], state=State.IMPORTED, message=""))

    def mark_waiting(self, job_id: str, reason: str) -> None:
        """Say why a ready result is not in the scene yet; not recorded, because it may change with every tick."""
        self.jobs[job_id] = replace(self.jobs[job_id], message=reason)

    def mark_failed(self, job_id: str, reason: str) -> None:
        """Record that the job's result could not be imported."""
        self._settle(replace(self.jobs[job_id], state=State.FAILED, message=reason))

    def remove(self, job_id: str) -> None:
        """Forget a job that is not at work; its files stay in the results folder."""
        del self.jobs[job_id]
        self._removed.add(job_id)  # its worker's last news may still be on their way
        self._clerk.submit(self._quietly, self._remove_record, job_id)

    def drain(self) -> bool:
        """Take the workers' news over into `jobs`; returns whether there was any."""
        changed = False
        while self._news:
            job = self._news.popleft()
            known = self.jobs.get(job.id)
            if job.id not in self._removed and (known is None or known.state is not State.CANCELLED):
                self.jobs[job.id] = job
                changed = True
        return changed

    def find(self, job_id: str) -> Job | None:
        """The job of that id, also one of an earlier session that is still being read from the journal."""
        if job_id not in self.jobs:
            self._recalled.result()
            self.drain()
        return self.jobs.get(job_id)

    def awaited(self) -> list[Job]:
        """Ready results of jobs that were started in this session: they go into the scene by themselves."""
        return [job for job in self.jobs.values() if job.state is State.READY and job.id in self._awaited]

    def expected_seconds(self, job: Job) -> float:
        """How long a job like this usually takes."""
        return self._services[job.provider].expected_seconds

    def at_work(self) -> list[Job]:
        """The jobs that a worker has, oldest first."""
        return [job for job in self.jobs.values() if job.at_work]

    def close(self, patience: float = 2.0) -> None:
        """Stop all workers and wait for them, at most `patience` seconds; their tasks stay in the journal."""
        self._closing = True
        for stop in self._stops.values():
            stop.set()
        end = time.monotonic() + patience
        for thread in list(self._threads):
            thread.join(max(0.0, end - time.monotonic()))
        self._clerk.shutdown(wait=True, cancel_futures=False)

    # The workers' side

    def _launch(self, job: Job, work: Any, argument: Any) -> None:
        stop = threading.Event()
        self.jobs[job.id] = job
        self._stops[job.id] = stop
        thread = threading.Thread(target=self._guard, args=(work, argument, job, stop), name="sam3d-job", daemon=True)
        self._threads.add(thread)
        self._awaited.add(job.id)
        thread.start()

    def _settle(self, job: Job) -> None:
        self.jobs[job.id] = job
        self._clerk.submit(self._quietly, self._record, job)

    def _guard(self, work: Any, argument: Any, job: Job, stop: threading.Event) -> None:
        """Run `work` and turn whatever goes wrong into a sentence."""
        worker = _Worker(self, job, stop)
        try:
            work(worker, argument)
        except Cancelled:
            # The main thread has recorded it; a closing Blender leaves the job as it stands.
            pass
        except ProviderError as error:
            worker.fail(str(error))
        except (OSError, sqlite3.Error) as error:
            worker.fail(disk_sentence(error, worker.job.folder))
        except Exception as error:  # the thread's last resort: the artist gets a sentence, the log the rest
            worker.log(traceback.format_exc())
            worker.fail(f"Something went wrong ({type(error).__name__}): {LOG_NAME} in the job's folder tells more.")
        finally:
            self._threads.discard(threading.current_thread())

    def _run_order(self, worker: "_Worker", order: Order) -> None:
        job = order.job
        job.folder.mkdir(parents=True, exist_ok=True)
        worker.step(stage="Preparing the photo")
        prepared = prepare(order.photo, order.mask, job.folder)
        worker.step(stage="Waiting for a place", notes=prepared.notes)
        with worker.place(self._places[job.provider]):
            provider = self._provider(job)
            worker.step(state=State.SUBMITTING, stage="Sending")
            task = provider.submit(Request(prepared.photo, prepared.mask, job.wish))
            worker.step(state=State.RUNNING, task=task)
            self._bring(worker, provider, task)

    def _collect(self, worker: "_Worker", job: Job) -> None:
        assert job.task is not None
        worker.step(stage="Waiting for a place")
        with worker.place(self._places[job.provider]):
            self._bring(worker, self._provider(job), job.task)

    def _bring(self, worker: "_Worker", provider: Provider, task: Task) -> None:
        """Poll a submitted task until it can be fetched, and fetch it."""
        pause = self._services[worker.job.provider].poll_pause
        try:
            while True:
                progress = worker.patiently(provider.poll, task)
                if progress.finished:
                    break
                worker.step(fraction=progress.fraction, stage=progress.stage, journal=False)
                worker.wait(pause)
            worker.step(state=State.FETCHING, stage=progress.stage)
            result: Result = worker.patiently(provider.fetch, task, worker.job.folder, worker.report)
        except Cancelled:
            if not self._closing:
                provider.cancel(task)
            raise
        wish = worker.job.wish
        worker.step(
            state=State.READY,
            fraction=1.0,
            stage="",
            finished=time.time(),
            wish=wish if result.seed is None else replace(wish, seed=result.seed),
            model=result.model,
            extras=result.extras,
            model_name=result.model_name,
            cost=result.cost or 0.0,
            notes=worker.job.notes + result.notes,
        )

    def _provider(self, job: Job) -> Provider:
        service = self._services[job.provider]
        if service.create is None:
            raise ProviderError(f"{service.name} is not available in this version: choose another service.")
        return service.create()

    # The journal, opened on first use by whichever worker comes first

    def _record(self, job: Job) -> None:
        self._open_journal().write(job)

    def _remove_record(self, job_id: str) -> None:
        self._open_journal().remove(job_id)

    def _recall(self) -> None:
        """Bring the jobs of earlier sessions back; their workers are gone, so none is at work."""
        self._quietly(lambda: self._news.extend(_as_left(self._open_journal().read())))

    def _open_journal(self) -> Journal:
        with self._journal_lock:
            if self._journal is None:
                self._journal = Journal(self._journal_path)
            return self._journal

    def _quietly(self, work: Any, *arguments: Any) -> None:
        """For records of what has already happened: a full disk must not take the result away from the artist."""
        try:
            work(*arguments)
        except (OSError, sqlite3.Error) as error:
            print(f"SAM 3D: the journal {self._journal_path} could not be written: {error}")


class _Worker:
    """One job's thread: its snapshot, its way to post news, its way to hear that it should stop."""

    def __init__(self, runner: Runner, job: Job, stop: threading.Event) -> None:
        self.runner, self.job, self.stop = runner, job, stop

    def step(self, *, journal: bool = True, **changes: Any) -> None:
        """Take the job a step on: recorded first, then shown. Raises Cancelled where the artist has stopped it."""
        if self.stop.is_set():
            raise Cancelled
        self.job = replace(self.job, **changes)
        if journal:
            self.runner._record(self.job)
        self.runner._news.append(self.job)

    def report(self, fraction: float, stage: str) -> None:
        """What providers call during long work."""
        self.step(fraction=fraction, stage=stage, journal=False)

    def fail(self, message: str) -> None:
        """The job's last step when it went wrong."""
        self.job = replace(self.job, state=State.FAILED, finished=time.time(), message=message)
        if self.stop.is_set():
            return
        self.runner._quietly(self.runner._record, self.job)
        self.runner._news.append(self.job)

    def log(self, text: str) -> None:
        """Add what is too long for the panel to the job's log file."""
        try:
            with (self.job.folder / LOG_NAME).open("a", encoding="utf-8") as log:
                log.write(text)
        except OSError:
            print(text)  # the folder is what failed; the console is the last place left

    def wait(self, seconds: float) -> None:
        """Pause, but not when the job is stopped."""
        if self.stop.wait(seconds):
            raise Cancelled

    @contextmanager
    def place(self, places: threading.Semaphore) -> Iterator[None]:
        """Hold one of the provider's parallel places; a stopped job leaves the queue for it."""
        while not places.acquire(timeout=0.1):
            if self.stop.is_set():
                raise Cancelled
        try:
            yield
        finally:
            places.release()

    def patiently(self, call: Any, *arguments: Any) -> Any:
        """Call something that costs nothing, again after growing pauses while the network or the service says no."""
        for attempt in range(TRIES):
            try:
                return call(*arguments)
            except (Busy, Unreachable) as error:
                if attempt == TRIES - 1:
                    raise
                asked = error.retry_after if isinstance(error, Busy) else None
                pause = min(FIRST_PAUSE * 2**attempt if asked is None else asked, LONGEST_PAUSE)
                self.step(stage="Trying again", journal=False)
                self.wait(pause)
        raise AssertionError("the last attempt returns or raises")


def disk_sentence(error: OSError | sqlite3.Error, folder: Path) -> str:
    """What an artist should know when the disk refuses."""
    if isinstance(error, sqlite3.Error):
        return f"The job could not be recorded ({error}): free some disk space and start it again."
    number = error.errno
    if number == errno.ENOSPC:
        return f"The disk is full: free some space for {folder.parent}, or choose another results folder."
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Nothing can be written to {folder.parent}: choose another results folder in the preferences."
    return (
        f"The results folder {folder.parent} cannot be used ({error.strerror}): choose another one in the preferences."
    )


def _as_left(jobs: Iterable[Job]) -> list[Job]:
    interrupted = "Blender was closed while this job was at work."
    return [
        replace(job, state=State.FAILED, finished=job.finished or job.created, message=interrupted)
        if job.at_work
        else job
        for job in jobs
    ]
