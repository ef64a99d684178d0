# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives the waiting jobs to the workers: one thread for each worker, which takes the oldest job when it is free."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import table as states
from .engines import Options
from .errors import Code, JobError, Refused, Stopped
from .metrics import Metrics
from .process_worker import Task, Worker
from .store import FULL, Store
from .table import Job, Table

LOG = logging.getLogger(__name__)
TROUBLE_SECONDS = 1.0
"""Between two tries to reach a database that is locked or full."""
IDLE_SECONDS = 5.0


@dataclass
class Try:
    """A job in a worker's hands."""

    fraction: float = 0.0
    stage: str = "Starting"
    stop: threading.Event = field(default_factory=threading.Event)


class Dispatcher:
    """Between the table and the workers."""

    def __init__(self, table: Table, store: Store, workers: Sequence[Worker], metrics: Metrics) -> None:
        self.workers = workers
        self._table, self._store, self._metrics = table, store, metrics
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
        """End the workers; what they have in their hands waits for the next start, as if it was not tried."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        for worker in self.workers:
            worker.close()
        for thread in self._threads:
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
                    job = self._table.take()
                    if job is None:
                        self._news.wait(IDLE_SECONDS)
                        continue
                self._do(worker, job)
            except sqlite3.Error as error:  # locked by another program, or the disk is full: it may pass
                LOG.error("the database refuses: %s", error)
                time.sleep(TROUBLE_SECONDS)

    def _do(self, worker: Worker, job: Job) -> None:
        known = self._tries[job.id] = Try()
        started, folder = time.monotonic(), self._store.work_folder(job.id)
        try:
            outcome = self._try(worker, job, folder, known)
            self._settle(worker, job, outcome, folder, time.monotonic() - started)
        finally:
            del self._tries[job.id]
            self._store.leave(folder)

    def _try(self, worker: Worker, job: Job, folder: Path, known: Try) -> Mapping[str, Any] | Exception:
        """Run a job once; gives its details, or what went wrong."""

        def tell(fraction: float, stage: str) -> None:
            known.fraction, known.stage = fraction, stage

        image, masks = self._store.path(job.image), tuple(self._store.path(mask) for mask in job.masks)
        try:
            folder.mkdir()
            return worker.run(Task(job.engine, image, masks, Options(**job.options), folder), tell, known.stop)
        except (JobError, Stopped) as error:
            return error
        except OSError as error:
            return _of_disk(error)
        except Exception as error:
            LOG.exception("job %s", job.id)
            return JobError(f"The server failed at this job ({type(error).__name__}): see its log.")

    def _settle(
        self, worker: Worker, job: Job, outcome: Mapping[str, Any] | Exception, folder: Path, seconds: float
    ) -> None:
        """Record how a try ended, however long the database refuses."""
        while True:
            try:
                end = self._record(job, outcome, folder)
                break
            except sqlite3.Error as error:
                if self._closing:
                    return  # the next start finds it running, and goes on
                LOG.error("the database refuses: %s", error)
                time.sleep(TROUBLE_SECONDS)
        self._metrics.ended(job.engine, end, seconds)
        self.on_end(job.id)
        LOG.info(
            "job %s",
            end,
            extra={
                "job": job.id,
                "engine": job.engine,
                "worker": worker.name,
                "seconds": round(seconds, 3),
                "try": job.tries,
            },
        )

    def _record(self, job: Job, outcome: Mapping[str, Any] | Exception, folder: Path) -> str:
        if self._closing and isinstance(outcome, Exception) and not isinstance(outcome, Refused):
            self._table.requeue(job, tried=False)
            return "interrupted"
        if isinstance(outcome, Stopped):
            return states.CANCELLED
        if isinstance(outcome, JobError):
            return self._record_failure(job, outcome)
        assert not isinstance(outcome, Exception)
        return self._record_result(job, outcome, folder)

    def _record_failure(self, job: Job, error: JobError) -> str:
        if error.again and job.tries < states.MOST_TRIES:
            LOG.warning("job %s is tried again: %s", job.id, error)
            self._table.requeue(job, tried=True)
            self.wake()
            return "retried"
        self._table.fail(job, error.code, _once_more(str(error), job.tries))
        return states.FAILED

    def _record_result(self, job: Job, outcome: Mapping[str, Any], folder: Path) -> str:
        details = dict(outcome)
        try:
            files = [self._store.adopt(folder / name) for name in details.pop("files")]
        except OSError as error:
            self._table.fail(job, Code.FAILED, str(_of_disk(error)))
            return states.FAILED
        if not self._table.complete(job, files, details):
            for file in files:
                self._store.path(file.id).unlink(missing_ok=True)
            return states.CANCELLED
        return states.COMPLETED


def _once_more(sentence: str, tries: int) -> str:
    return f"{sentence} It was tried {tries} times." if tries > 1 else sentence


def _of_disk(error: OSError) -> JobError:
    if error.errno in FULL:
        return JobError("The server's disk is full: make room there, then submit the job again.")
    return JobError(f"The server's disk refuses a file of this job ({error.strerror}).")
