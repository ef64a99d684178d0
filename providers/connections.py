# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that record whether a request went out.

What was never sent cannot have been charged. Only the connection knows it for a fact: what comes before (names,
proxies with their tunnels, TLS and its certificates) and what comes after (a cut, silence) ends in errors of the same
classes, which differ between the versions of urllib3, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import urllib3
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection as _Connection
else:
    _Connection = object  # mixed into whichever connection a scheme or a proxy needs


@dataclass
class Sending:
    """One request on its way; `begun` from its first byte on, and never while the connection is still made."""

    begun: bool = False


_current: ContextVar[Sending | None] = ContextVar("sending", default=None)


@contextmanager
def recorded() -> Iterator[Sending]:
    """What becomes of the request that is sent inside, in this thread, by a session that has a `RecordingAdapter`."""
    sending = Sending()
    token = _current.set(sending)
    try:
        yield sending
    finally:
        _current.reset(token)


class _Recording(_Connection):
    def endheaders(self, *args: Any, **kwargs: Any) -> None:
        """Connect first, where that has not happened yet: then the next byte is the request's own."""
        if self.sock is None:
            self.connect()
        if sending := _current.get():
            sending.begun = True
        super().endheaders(*args, **kwargs)


class RecordingAdapter(HTTPAdapter):
    """Sends requests over connections that tell `recorded` of them."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests does it."""
        super().init_poolmanager(*args, **kwargs)
        _make_recording(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """As requests does it; several threads may get the same one at once."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        _make_recording(manager)
        return manager


def _make_recording(manager: urllib3.PoolManager) -> None:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _recording_pool(pool) for scheme, pool in pools.items()}


def _recording_pool(pool: type[urllib3.HTTPConnectionPool]) -> type[urllib3.HTTPConnectionPool]:
    kind = pool.ConnectionCls
    if issubclass(kind, _Recording):
        return pool
    return type(pool.__name__, (pool,), {"ConnectionCls": type(kind.__name__, (_Recording, kind), {})})
