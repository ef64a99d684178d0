# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives the waiting jobs to the workers: one thread for each worker, which takes the oldest job when it is free."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import job_store as states
from .engines import Options
from .errors import JobError, Refused, Stopped
from .file_store import FULL, FileStore
from .job_store import File, Job, JobStore
from .metrics import Metrics
from .process_worker import RunTask, Worker

LOG = logging.getLogger(__name__)
TROUBLE_SECONDS = 1.0
"""Between two tries to reach a database that is locked or full."""
IDLE_SECONDS = 5.0
RETRIED, INTERRUPTED = "retried", "interrupted"
"""How a try can end without the job's end."""


@dataclass
class Try:
    """A job in a worker's hands."""

    fraction: float = 0.0
    stage: str = "Starting"
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class RunResult:
    """What a try has made: files of the store that are not on record yet, and what is known of them."""

    files: list[File]
    details: dict[str, Any]


class Dispatcher:
    """Between the jobs on record and the workers."""

    def __init__(self, job_store: JobStore, file_store: FileStore, workers: Sequence[Worker], metrics: Metrics) -> None:
        self.workers = workers
        self._job_store, self._file_store, self._metrics = job_store, file_store, metrics
        self._tries: dict[str, Try] = {}
        self.on_end: Callable[[str], None] = lambda _job: None
        """Told of each job that has ended, from any thread."""
        self._news = threading.Condition()
        self._closing = False
        self._threads = [threading.Thread(target=self._serve, args=[worker], name=worker.name) for worker in workers]

    def start(self, engine: str) -> None:
        """Begin; the workers load `engine` at once."""
        for worker, thread in zip(self.workers, self._threads, strict=True):
            try:
                worker.warm(engine)
            except JobError as error:
                LOG.warning("%s: %s", worker.name, error)
            thread.start()

    def close(self) -> None:
        """End the workers; what they have in their hands waits for the next start, as if it was not tried.

        May be called again.
        """
        with self._news:
            if self._closing:
                return
            self._closing = True
            self._news.notify_all()
        for worker in self.workers:
            worker.close()
        for thread in self._threads:
            if thread.ident is not None:  # else it was never started
                thread.join()

    def wake(self) -> None:
        """There is a new job."""
        with self._news:
            self._news.notify()

    def progress(self, job: str) -> tuple[float, str] | None:
        """How far a running job is, 0..1, and at what; None where it is in nobody's hands."""
        known = self._tries.get(job)
        return (known.fraction, known.stage) if known else None

    def stop(self, job: str) -> None:
        """End a job that was cancelled."""
        known = self._tries.get(job)
        if known is not None:
            known.stop.set()

    @property
    def busy(self) -> int:
        """How many workers are at work."""
        return len(self._tries)

    def _serve(self, worker: Worker) -> None:
        while not self._closing:
            try:
                with self._news:
                    job = self._job_store.take()
                    if job is None:
                        self._news.wait(IDLE_SECONDS)
                        continue
                self._do(worker, job)
            except sqlite3.Error as error:  # locked by another program, or the disk is full: it may pass
                LOG.error("the database refuses: %s", error)
                time.sleep(TROUBLE_SECONDS)

    def _do(self, worker: Worker, job: Job) -> None:
        known = self._tries[job.id] = Try()
        started = time.monotonic()
        outcome = self._try(worker, job, known)
        try:
            end = self._settle(job, outcome)
        finally:
            del self._tries[job.id]
        seconds = time.monotonic() - started
        self._metrics.ended(job.engine, end, seconds)
        if end not in (RETRIED, INTERRUPTED):
            self.on_end(job.id)
        told = {"job": job.id, "engine": job.engine, "worker": worker.name, "seconds": round(seconds, 3)}
        LOG.info("job %s", end, extra={**told, "try": job.tries})

    def _try(self, worker: Worker, job: Job, known: Try) -> RunResult | Exception:
        """Run a job once; gives what was made, or what went wrong. Either way its work folder is gone."""

        def tell(fraction: float, stage: str) -> None:
            known.fraction, known.stage = fraction, stage

        image, masks = self._file_store.path(job.image), tuple(self._file_store.path(mask) for mask in job.masks)
        folder = self._file_store.work_folder(job.id)
        try:
            folder.mkdir()
            task = RunTask(job.engine, image, masks, Options(**job.options), folder)
            details = dict(worker.run(task, tell, known.stop))
            return RunResult([self._file_store.adopt(folder / name) for name in details.pop("files")], details)
        except (JobError, Stopped) as error:
            return error
        except OSError as error:
            return _of_disk(error)
        except Exception as error:
            LOG.exception("job %s", job.id)
            return JobError(f"The server failed at this job ({type(error).__name__}): see its log.")
        finally:
            self._file_store.leave(folder)

    def _settle(self, job: Job, outcome: RunResult | Exception) -> str:
        """Record how a try ended, however long the database refuses."""
        while True:
            try:
                return self._record(job, outcome)
            except sqlite3.Error as error:
                if self._closing:
                    return INTERRUPTED  # the next start finds it running, and goes on
                LOG.error("the database refuses: %s", error)
                time.sleep(TROUBLE_SECONDS)

    def _record(self, job: Job, outcome: RunResult | Exception) -> str:
        if isinstance(outcome, RunResult):
            if self._job_store.complete(job, outcome.files, outcome.details):
                return states.COMPLETED
            self._file_store.discard(outcome.files)  # it was cancelled meanwhile
            return states.CANCELLED
        if self._closing and not isinstance(outcome, Refused):
            self._job_store.requeue(job, tried=False)
            return INTERRUPTED
        if isinstance(outcome, JobError):
            return self._record_failure(job, outcome)
        return states.CANCELLED

    def _record_failure(self, job: Job, error: JobError) -> str:
        if error.again and job.tries < states.MOST_TRIES:
            LOG.warning("job %s is tried again: %s", job.id, error)
            self._job_store.requeue(job, tried=True)
            self.wake()
            return RETRIED
        self._job_store.fail(job, error.code, _once_more(str(error), job.tries))
        return states.FAILED


def _once_more(sentence: str, tries: int) -> str:
    return f"{sentence} It was tried {tries} times." if tries > 1 else sentence


def _of_disk(error: OSError) -> JobError:
    if error.errno in FULL:
        return JobError("The server's disk is full: make room there, then submit the job again.")
    return JobError(f"The server's disk refuses a file of this job ({error.strerror}).")
