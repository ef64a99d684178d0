# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's parallel places: so many jobs at once, the others wait in their order. No bpy."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class ServiceQueue:
    """Threads for one service, made when there is work and gone when there is none."""

    def __init__(self, name: str, parallel: int) -> None:
        """`parallel` is the most that run at once."""
        self._name, self._parallel = name, parallel
        self._waiting: OrderedDict[str, Callable[[], None]] = OrderedDict()
        self._threads: set[threading.Thread] = set()
        self._changed = threading.Condition()
        self._held_until = 0.0

    def add(self, job_id: str, work: Callable[[], None]) -> None:
        """Run `work`, which must not raise, when it is its turn."""
        with self._changed:
            self._waiting[job_id] = work
            if len(self._threads) < self._parallel:
                # daemons: a service that does not answer must not keep Blender from closing
                thread = threading.Thread(target=self._run, name=f"sam3d-{self._name}", daemon=True)
                self._threads.add(thread)
                thread.start()

    def hold(self, seconds: float) -> None:
        """Start nothing more for a while: the service has asked for a pause."""
        with self._changed:
            self._held_until = max(self._held_until, time.monotonic() + seconds)

    def drop(self, job_id: str) -> None:
        """Take a waiting job out; one that runs is not touched."""
        with self._changed:
            self._waiting.pop(job_id, None)
            self._changed.notify_all()

    def close(self, patience: float) -> None:
        """Drop all that waits, and wait for the rest, at most `patience` seconds."""
        with self._changed:
            self._waiting.clear()
            self._changed.notify_all()
        end = time.monotonic() + patience
        for thread in list(self._threads):
            thread.join(max(0.0, end - time.monotonic()))

    def _run(self) -> None:
        while work := self._next():
            work()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while self._waiting and (pause := self._held_until - time.monotonic()) > 0:
                self._changed.wait(pause)
            if self._waiting:
                return self._waiting.popitem(last=False)[1]
            self._threads.discard(threading.current_thread())
            return None
