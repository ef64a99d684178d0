# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's parallel places: so many jobs at once, the others wait in their order. No bpy.

A job that is dropped gives its place away, even while the network holds its thread: that goes on without a place until
it comes back, because what it is told meanwhile may be worth money.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

LEAVING_SECONDS = 0.5
"""How long a dropped job has to leave its place by itself."""


class ServiceQueue:
    """Threads for one service, made when there is work and gone when there is none."""

    def __init__(self, name: str, parallel: int) -> None:
        """`parallel` is the most that run at once."""
        self._name, self._parallel = name, parallel
        self._waiting: OrderedDict[str, Callable[[], None]] = OrderedDict()
        self._running: dict[threading.Thread, tuple[str, Callable[[], None]] | None] = {}
        """The threads that have a place, each with its job's id and work; None between two."""
        self._without_place: set[threading.Thread] = set()
        self._changed = threading.Condition()
        self._held_until = 0.0

    def add(self, job_id: str, work: Callable[[], None]) -> None:
        """Run `work`, which must not raise, when it is its turn."""
        with self._changed:
            self._waiting[job_id] = work
            self._fill_places()

    def hold(self, seconds: float) -> None:
        """Start nothing more for a while: the service has asked for a pause."""
        with self._changed:
            self._held_until = max(self._held_until, time.monotonic() + seconds)

    def drop(self, job_id: str) -> None:
        """Take a waiting job out; one that runs, and is told to stop by others, soon has its place no more."""
        with self._changed:
            self._waiting.pop(job_id, None)
            self._changed.notify_all()
            for thread, running in self._running.items():
                if running and running[0] == job_id:
                    leaving = threading.Timer(LEAVING_SECONDS, self._take_place, (thread, running))
                    leaving.daemon = True
                    leaving.start()

    def close(self, patience: float) -> None:
        """Drop all that waits, and wait for the rest, at most `patience` seconds."""
        with self._changed:
            self._waiting.clear()
            self._changed.notify_all()
        end = time.monotonic() + patience
        with self._changed:
            threads = [*self._running, *self._without_place]
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _fill_places(self) -> None:
        while len(self._running) < min(self._parallel, len(self._waiting) + sum(map(bool, self._running.values()))):
            # daemons: a service that does not answer must not keep Blender from closing
            thread = threading.Thread(target=self._run, name=f"sam3d-{self._name}", daemon=True)
            self._running[thread] = None
            thread.start()

    def _take_place(self, thread: threading.Thread, running: tuple[str, Callable[[], None]]) -> None:
        """Take a thread's place away where that work still holds it."""
        with self._changed:
            if self._running.get(thread) is running:
                del self._running[thread]
                self._without_place.add(thread)
                self._fill_places()

    def _run(self) -> None:
        while work := self._next():
            work()

    def _next(self) -> Callable[[], None] | None:
        thread = threading.current_thread()
        with self._changed:
            if thread in self._without_place:
                self._without_place.discard(thread)
                return None
            self._running[thread] = None
            while self._waiting and (pause := self._held_until - time.monotonic()) > 0:
                self._changed.wait(pause)
            if self._waiting:
                self._running[thread] = job = self._waiting.popitem(last=False)
                return job[1]
            del self._running[thread]
            return None
