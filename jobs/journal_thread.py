# SPDX-License-Identifier: GPL-3.0-or-later
"""The thread that writes the journal for the main thread, which never waits for the disk. No bpy.

Workers record their own steps, on their own threads, before they take them; what the main thread has to record is
handed over with `submit`, and done in that order.
"""

import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from ..log import get_logger
from . import journal_file
from .instance_lock import InstanceLock, is_alive
from .journal import Journal
from .ledger import Ledger
from .listing import ResultPage, ResultQuery
from .model import Job
from .receipts import Receipts

LOG = get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class JournalThread:
    """The journal of this Blender. But for `submit`, its methods are for other threads than the main one.

    They raise OSError or sqlite3.Error when the disk refuses; what is run by `submit` or `quietly` does not.
    """

    def __init__(self, path: Path, receipts: Path) -> None:
        """`path` is the journal's file, opened, or made, on first use; `receipts` the folder of the second place."""
        self._path = path
        self._receipts = Receipts(receipts)
        self._lock = threading.RLock()
        self._open: tuple[Journal, InstanceLock] | None = None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sam3d-journal")
        self._unwritten: dict[str, Job] = {}
        """Jobs that the disk has refused, for the next time that it takes one."""
        self.trouble = ""
        """What the artist should know of the journal, as a sentence; may be read from any thread."""

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T | None]":
        """Run `work` on the journal's thread, quietly, after all that was submitted before."""
        return self._executor.submit(lambda: self.quietly(work, *args, **kwargs))

    def quietly(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """For records of what has already happened: a full disk must not take the result away from the artist."""
        try:
            return work(*args, **kwargs)
        except (OSError, sqlite3.Error) as error:
            LOG.error("The journal %s could not be written: %s", self._path, error, exc_info=True)
            return None

    def recall(self) -> list[Job]:
        """The jobs of earlier sessions, as they were left, but for those that another living Blender has at work.

        What only a receipt tells is taken from there.
        """
        try:
            elsewhere, jobs = self._mended(self._adopted)
        except (OSError, sqlite3.Error) as error:
            LOG.error("The journal %s could not be read: %s", self._path, error, exc_info=True)
            self.trouble = f"The list of jobs cannot be read now ({error}): restart Blender once that is mended."
            elsewhere, jobs = set(), {}
        renewed = []
        for receipt in self._receipts.read():
            job = receipt.job
            if job.id in elsewhere or self._is_alive(receipt.owner):
                continue
            known = jobs.get(job.id) or self.quietly(self._find, job.id)
            if known is not None and not known.owed:
                self._receipts.drop(known)
            elif known is None:
                renewed.append(job)
            else:
                jobs[job.id] = known  # one in doubt may be older than those that are read
        renewed += [job for job in jobs.values() if job.lost]
        renewed = [self._receipts.completed(job) if job.lost else job for job in renewed]
        renewed = [job for job in renewed if job != jobs.get(job.id)]
        if renewed:
            jobs |= {job.id: job for job in renewed}
            self.quietly(self.record, renewed)
        return sorted(jobs.values(), key=lambda job: job.created)

    def claim(self, job: Job) -> bool:
        """Record a job that is about to be at work; returns False where another living Blender has it."""

        def claimed() -> bool:
            journal, instance = self._opened()
            return journal.claim(job, instance.id, self._is_alive)

        return self._mended(claimed)

    def reserve(self, job: Job) -> None:
        """Make sure of a second place for what the service will say to a job that is about to be paid."""
        self._receipts.reserve(job, self._owner())

    def record(self, jobs: Sequence[Job]) -> None:
        """Record jobs as they stand now, all of them or none, with those that were refused before."""
        known = {job.id for job in jobs}
        late = {name: job for name, job in list(self._unwritten.items()) if name not in known}

        def written() -> None:
            journal, instance = self._opened()
            journal.write([*late.values(), *jobs], instance.id)

        self._mended(written)
        for job in (*late.values(), *jobs):
            self._unwritten.pop(job.id, None)
            if not job.owed:
                self._receipts.drop(job)

    def record_paid(self, jobs: Sequence[Job]) -> None:
        """Record jobs that a service has, or may have, accepted: in the second place, too, and never an error."""
        for job in jobs:
            if job.unfetched and job.price:
                self._receipts.enter(job, self._owner())
        try:
            self.record(jobs)
        except (OSError, sqlite3.Error) as error:
            LOG.error("The journal %s could not be written: %s", self._path, error, exc_info=True)
            self._unwritten |= {job.id: job for job in jobs}

    def forget(self, job: Job) -> None:
        """Take a job out; its files stay."""
        self._receipts.drop(job)
        self._unwritten.pop(job.id, None)
        self._mended(lambda: self._opened()[0].remove(job.id))

    def find(self, job_id: str) -> Job | None:
        """The job of that id, however old it is, unless another living Blender has it at work."""

        def found() -> Job | None:
            journal, instance = self._opened()
            return None if job_id in journal.elsewhere(instance.id, self._is_alive) else journal.find(job_id)

        return self._mended(found)

    def of_group(self, group: str) -> list[Job]:
        """All jobs that were started together, without those at work elsewhere."""

        def found() -> list[Job]:
            journal, instance = self._opened()
            elsewhere = journal.elsewhere(instance.id, self._is_alive)
            return [job for job in journal.of_group(group) if job.id not in elsewhere]

        return self._mended(found)

    def page(self, query: ResultQuery, at_work: Collection[str]) -> ResultPage:
        """Part of the list of all jobs, without those at work, here or elsewhere."""

        def found() -> ResultPage:
            journal, instance = self._opened()
            return journal.page(query, {*at_work, *journal.elsewhere(instance.id, self._is_alive)})

        return self._mended(found)

    def clear(self, query: ResultQuery, kept: Collection[str], *, everything: bool) -> None:
        """Take all out that a query asks for, but for those `kept` and those at work elsewhere; files stay."""

        def cleared() -> list[Job]:
            journal, instance = self._opened()
            elsewhere = journal.elsewhere(instance.id, self._is_alive)
            return journal.clear(query, {*kept, *elsewhere}, everything=everything)

        for job in self._mended(cleared):
            self._receipts.drop(job)

    def with_ledger(self, work: Callable[[Ledger], T]) -> T:
        """Do something with the book of what was spent, which is in the journal's file."""
        return self._mended(lambda: work(Ledger(self._opened()[0].path)))

    def close(self) -> None:
        """Wait for what was submitted, and let go of the jobs, for another Blender to take."""
        if self._unwritten:
            self.submit(self.record, [])
        self._executor.shutdown(wait=True, cancel_futures=False)
        with self._lock:
            if self._open is not None:
                self._open[1].close()

    def _adopted(self) -> tuple[set[str], dict[str, Job]]:
        journal, instance = self._opened()
        try:
            elsewhere = journal.adopt(instance.id, self._is_alive)
        except sqlite3.OperationalError as error:  # locked, or not to be written: what is in it can be read
            LOG.error("The journal %s could not be written: %s", self._path, error, exc_info=True)
            elsewhere = journal.elsewhere(instance.id, self._is_alive)
        return elsewhere, {job.id: job for job in journal.read() if job.id not in elsewhere}

    def _find(self, job_id: str) -> Job | None:
        return self._opened()[0].find(job_id)

    def _mended(self, work: Callable[[], T]) -> T:
        """The result of `work`, which is tried once more where the journal was damaged and could be mended."""
        try:
            return work()
        except sqlite3.DatabaseError as error:
            if not journal_file.may_be_damage(error):
                raise
            with self._lock:
                if self._open is not None:
                    self._open = self._journal(), self._open[1]
            return work()

    def _owner(self) -> str:
        """This Blender's id; empty where its sign of life cannot be made."""
        opened = self.quietly(self._opened)
        return opened[1].id if opened else ""

    def _journal(self) -> Journal:
        journal = Journal(self._path)
        self.trouble = journal.trouble or self.trouble
        return journal

    def _is_alive(self, owner: str) -> bool:
        return is_alive(self._path.parent, owner)

    def _opened(self) -> tuple[Journal, InstanceLock]:
        """Opened by whichever thread comes first."""
        with self._lock:
            if self._open is None:
                self._open = self._journal(), InstanceLock(self._path.parent)
            return self._open
