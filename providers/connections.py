# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that record whether a request went out, and that end when its time is over.

What was never sent cannot have been charged. Only the connection knows it for a fact: what comes before (names,
proxies with their tunnels, TLS and its certificates) and what comes after (a cut, silence) ends in errors of the same
classes, which differ between the versions of urllib3, too.

The time that a socket waits begins anew with every byte, so that a byte now and then could hold a request for hours.
Therefore each has a watch of its own, which cuts the connection when the whole has taken too long, or when the artist
has stopped what it is for.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection as _Connection
else:
    _Connection = object  # mixed into whichever connection a scheme or a proxy needs


GLANCE = 0.1
"""Seconds between two looks at whether a request was stopped."""


class Sending:
    """One request on its way, until its answer is read.

    `begun` from its first byte on, and never while the connection is still made. `late` once its time was over, and
    `stopped` once it was stopped: then nothing more comes.
    """

    def __init__(self, seconds: float, stop: threading.Event | None) -> None:
        """It is given `seconds` from now, and ends sooner when `stop` is set."""
        self.begun = self.late = self.stopped = False
        self._stop = stop
        self._end = time.monotonic() + seconds
        self._over = False
        self._changed = threading.Condition()
        self._connection: Any = None
        self._socket: Any = None

    def give(self, seconds: float) -> None:
        """Let it take so many seconds from now on, whatever it was given before."""
        with self._changed:
            self._end = time.monotonic() + seconds
            self._changed.notify()

    def connect(self, connection: Any) -> None:
        """It goes over this connection; raises TimeoutError where it is too late for that."""
        with self._changed:
            self._connection = connection
            if self.late or self.stopped:
                raise TimeoutError

    def begin(self, connection: Any) -> None:
        """The next byte is its own; raises TimeoutError where it is too late for that."""
        self.connect(connection)
        self._socket = connection.sock  # which the connection may let go of before the answer is read
        self.begun = True

    def finish(self) -> None:
        """Its connection is no longer its own."""
        with self._changed:
            self._over = True
            self._changed.notify()

    def watch(self) -> None:
        """Wait until it is finished, or cut its connection when its time is over; for a thread of its own."""
        with self._changed:
            while not (self._over or self.stopped) and (left := self._end - time.monotonic()) > 0:
                self._changed.wait(min(left, GLANCE) if self._stop else left)
                self.stopped = self._stop is not None and self._stop.is_set()
            if not self._over:
                self.late = not self.stopped
                for each in (self._socket, getattr(self._connection, "sock", None)):
                    _cut(each)


def _cut(connected: Any) -> None:
    """End a socket's connection, so that who waits for it wakes up."""
    bare = getattr(connected, "socket", connected)  # TLS within TLS
    if isinstance(bare, socket.socket):
        with contextlib.suppress(OSError):
            socket.socket.shutdown(bare, socket.SHUT_RDWR)  # not that of a TLS socket, which would go on in clear


_current: ContextVar[Sending | None] = ContextVar("sending", default=None)
_stop: ContextVar[threading.Event | None] = ContextVar("stop", default=None)


@contextmanager
def stoppable(stop: threading.Event) -> Iterator[None]:
    """Requests that are sent inside, in this thread, end soon after `stop` is set, and raise Cancelled."""
    token = _stop.set(stop)
    try:
        yield
    finally:
        _stop.reset(token)


@contextmanager
def watched(seconds: float) -> Iterator[Sending]:
    """What becomes of the one request that is sent inside, in this thread, by a `Session`, and its end in time."""
    sending = Sending(seconds, _stop.get())
    threading.Thread(target=sending.watch, name="sam3d-watch", daemon=True).start()
    token = _current.set(sending)
    try:
        yield sending
    finally:
        _current.reset(token)
        sending.finish()


class _Recording(_Connection):
    def connect(self) -> None:
        """As urllib3 does it, within the time of the request."""
        if sending := _current.get():
            sending.connect(self)
        super().connect()

    def endheaders(self, *args: Any, **kwargs: Any) -> None:
        """Connect first, where that has not happened yet: then the next byte is the request's own."""
        if self.sock is None:
            self.connect()
        if sending := _current.get():
            sending.begin(self)
        super().endheaders(*args, **kwargs)


class _RecordingAdapter(HTTPAdapter):
    """Sends requests over connections that tell `watched` of them."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests does it."""
        super().init_poolmanager(*args, **kwargs)
        _make_recording(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """As requests does it; several threads may get the same one at once."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        _make_recording(manager)
        return manager


class Session(requests.Session):
    """Sends requests as `watched` wants them, and looks at no redirect: that would read all of the answer's body."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _RecordingAdapter())

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: who sends the request decides."""


def _make_recording(manager: urllib3.PoolManager) -> None:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _recording_pool(pool) for scheme, pool in pools.items()}


def _recording_pool(pool: type[urllib3.HTTPConnectionPool]) -> type[urllib3.HTTPConnectionPool]:
    kind = pool.ConnectionCls
    if issubclass(kind, _Recording):
        return pool
    return type(pool.__name__, (pool,), {"ConnectionCls": type(kind.__name__, (_Recording, kind), {})})
