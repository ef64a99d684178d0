# SPDX-License-Identifier: GPL-3.0-or-later
"""The socket that the server listens on: so many connections are open at once, of everybody and of each client.

They are counted where they are accepted, so those count, too, that never say a word or never end their TLS handshake.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

BACKLOG = 2048
MOST_REFUSED = 64
"""Refused connections that are kept for a while: closed at once, their clients would often not see the answer."""
IPV6_CLIENT = 64
"""Bits of an IPv6 address that tell one client from another: whoever has one address has all of its network."""
SENTENCE = "Too many connections are open: close some, or try again in a moment."


def _refusal() -> bytes:
    body = json.dumps({"code": 503, "message": SENTENCE, "data": None}).encode()
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nRetry-After: 2\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


REFUSAL = _refusal()


class Listener(socket.socket):
    """Accepts connections up to a bound; one beyond it is told so, by HTTP 503, or closed where TLS is spoken."""

    def __init__(self, family: socket.AddressFamily, most: int, most_each: int, *, tls: bool) -> None:
        """Not bound to an address yet. `most_each` of the `most` connections are one client's at most."""
        # the protocol is named, for only then asyncio switches Nagle's algorithm off, which costs 40 ms an answer
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._most, self._most_each, self._tls = most, most_each, tls
        self._open: Counter[str] = Counter()
        self._refused: deque[socket.socket] = deque()

    def accept(self) -> tuple[socket.socket, Any]:
        """As any socket does; raises ConnectionAbortedError for one that is refused: the next one can be accepted."""
        plain, address = super().accept()
        client = client_of(address[0])
        if self._open.total() >= self._most or self._open[client] >= self._most_each:
            self._refuse(plain)
            raise ConnectionAbortedError
        self._open[client] += 1
        return _Counted(plain, lambda: self._release(client)), address

    def close(self) -> None:
        """Also what was refused."""
        super().close()
        while self._refused:
            self._refused.popleft().close()

    def _release(self, client: str) -> None:
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]

    def _refuse(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.setblocking(False)
            if not self._tls:
                connection.send(REFUSAL)
            connection.shutdown(socket.SHUT_WR)
        self._refused.append(connection)
        if len(self._refused) > MOST_REFUSED:
            self._refused.popleft().close()


class _Counted(socket.socket):
    """An accepted connection that tells when it is closed."""

    def __init__(self, plain: socket.socket, on_close: Callable[[], None]) -> None:
        super().__init__(plain.family, plain.type, plain.proto, fileno=plain.detach())
        self._on_close: Callable[[], None] | None = on_close

    def close(self) -> None:
        super().close()
        if self._on_close is not None:
            self._on_close()
            self._on_close = None


def listen(host: str, port: int, most: int, most_each: int, *, tls: bool) -> Listener:
    """A listener at an address; raises OSError."""
    listener = Listener(socket.AF_INET6 if ":" in host else socket.AF_INET, most, most_each, tls=tls)
    if os.name == "posix":  # on Windows it would let two servers share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    return listener


def client_of(address: str) -> str:
    """What the connections of one client share."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((int(ip), IPV6_CLIENT), strict=False))
