# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections on which the head of a request has its time, and the TLS handshake before it: uvicorn itself waits for a
head for ever.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

T = TypeVar("T")
GLANCE = 0.2
"""Seconds between two looks whether a client is still there."""


class BoundedHead(H11Protocol):
    """Closes a connection whose next request is not wholly told in time, however its bytes trickle in."""

    head_seconds: ClassVar[float]
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """The first request is awaited."""
        super().connection_made(transport)
        self._watch()

    def handle_events(self) -> None:
        """The head may be there now, or the next one be awaited."""
        super().handle_events()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more to wait for."""
        super().connection_lost(exc)
        self._stop()

    def _watch(self) -> None:
        at_work = self.cycle is not None and not self.cycle.response_complete
        if at_work or self.transport.is_closing():
            self._stop()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.head_seconds, self.transport.close)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def bounded_head(seconds: float) -> type[BoundedHead]:
    """The protocol for `uvicorn.Config`, with so many seconds for each head."""
    return type("BoundedHead", (BoundedHead,), {"head_seconds": seconds})


if sys.platform == "win32":
    Loop = asyncio.ProactorEventLoop
else:
    Loop = asyncio.SelectorEventLoop


def bounded_handshake(seconds: float) -> Callable[[], asyncio.AbstractEventLoop]:
    """Makes the event loop of a server whose clients have so many seconds for a TLS handshake."""

    class BoundedHandshake(Loop):
        async def create_server(self, *args: Any, **more: Any) -> asyncio.Server:
            if more.get("ssl") is not None:
                more.setdefault("ssl_handshake_timeout", seconds)
            return await super().create_server(*args, **more)

    return BoundedHandshake


async def while_connected(request: Request, work: Callable[[], T], stop: threading.Event) -> T:
    """Do what may take long, on a thread, with `stop` set when the client goes away meanwhile, or the server ends."""
    doing = asyncio.ensure_future(run_in_threadpool(work))
    try:
        while not (await asyncio.wait([doing], timeout=GLANCE))[0]:
            if await request.is_disconnected():
                stop.set()
        return await doing
    finally:
        stop.set()
