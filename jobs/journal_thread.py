# SPDX-License-Identifier: GPL-3.0-or-later
"""The thread that writes the journal for the main thread, which never waits for the disk. No bpy.

Workers record their own steps, on their own threads, before they take them; what the main thread has to record is
handed over with `submit`, and done in that order.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from ..log import get_logger
from .instance_lock import InstanceLock, is_alive
from .journal import Journal
from .ledger import Ledger
from .model import Job

LOG = get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class JournalThread:
    """The journal of this Blender. But for `submit`, its methods are for other threads than the main one.

    They raise OSError or sqlite3.Error when the disk refuses; what is run by `submit` or `quietly` does not.
    """

    def __init__(self, path: Path) -> None:
        """`path` is the journal's file, which is opened, or made, on first use."""
        self._path = path
        self._lock = threading.Lock()
        self._open: tuple[Journal, InstanceLock] | None = None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sam3d-journal")

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
        """The jobs of earlier sessions, as they were left, but for those that another living Blender has at work."""
        journal, instance = self._opened()
        elsewhere = journal.adopt(instance.id, self._is_alive)
        return [job for job in journal.read() if job.id not in elsewhere]

    def claim(self, job: Job) -> bool:
        """Record a job that is about to be at work; returns False where another living Blender has it."""
        journal, instance = self._opened()
        return journal.claim(job, instance.id, self._is_alive)

    def record(self, jobs: Sequence[Job]) -> None:
        """Record jobs as they stand now, all of them or none."""
        journal, instance = self._opened()
        journal.write(jobs, instance.id)

    def forget(self, job_id: str) -> None:
        """Take a job out; its files stay."""
        self._opened()[0].remove(job_id)

    def ledger(self) -> Ledger:
        """The book of what was spent, which is in the journal's file."""
        return Ledger(self._opened()[0].path)

    def close(self) -> None:
        """Wait for what was submitted, and let go of the jobs, for another Blender to take."""
        self._executor.shutdown(wait=True, cancel_futures=False)
        with self._lock:
            if self._open is not None:
                self._open[1].close()

    def _is_alive(self, owner: str) -> bool:
        return is_alive(self._path.parent, owner)

    def _opened(self) -> tuple[Journal, InstanceLock]:
        """Opened by whichever thread comes first."""
        with self._lock:
            if self._open is None:
                self._open = _open_journal(self._path), InstanceLock(self._path.parent)
            return self._open


def _open_journal(path: Path) -> Journal:
    try:
        return Journal(path)
    except sqlite3.OperationalError:
        raise  # a full or locked disk: the file itself is sound
    except sqlite3.DatabaseError:
        broken = path.with_name(f"{path.stem}-broken-{time.strftime('%Y-%m-%d_%H-%M-%S')}{path.suffix}")
        path.replace(broken)
        LOG.warning("The journal was unreadable and is kept as %s; a new one was begun.", broken)
        return Journal(path)
