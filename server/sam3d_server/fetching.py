# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a picture from a public address, and never anything from a private one.

The name is looked up once, every address that it has must be public, and the connection goes to one of those that were
looked at: so a name that leads elsewhere the next moment gains nothing. Redirects are not followed. All of it, from the
first packet to the last, has one deadline, however its bytes trickle in.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from .errors import BadPicture

SECONDS = 20.0
CONNECT_SECONDS = 5.0
GLANCE = 0.1
"""Seconds between two looks at the clock and at whether the picture is still wanted."""
CHUNK = 64 * 1024
PORTS = (80, 443)


UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that IPv6 gives out to the public; outside lie NAT64, ::127.0.0.1 and whatever else means an IPv4 address."""
NOT_PUBLIC = (
    ipaddress.ip_network("192.88.99.0/24"),  # relays of 6to4
    ipaddress.ip_network("3fff::/20"),  # documentation
)
ISATAP = frozenset({0x00005EFE, 0x02005EFE})
"""In front of the IPv4 address in the lower half of an address of that kind."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and is no other address in disguise."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        within = ip.sixtofour or ip.teredo or (int(ip) >> 32) & 0xFFFFFFFF in ISATAP
        if within or ip not in UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in NOT_PUBLIC)


def fetch(
    url: str,
    file: Path,
    largest: int,
    *,
    allowed: Callable[[str], bool] = is_public,
    ports: tuple[int, ...] = PORTS,
    seconds: float = SECONDS,
    stop: threading.Event | None = None,
) -> int:
    """Bring at most `largest` bytes to `file`; gives the size. Raises BadPicture.

    allowed: whether to connect to an IP address. ports: those that may be named. seconds: for all of it, once the name
    is looked up. stop: set when nobody wants the picture any more.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError as error:
        raise _not_allowed() from error
    if parts.scheme not in ("http", "https") or not host or port not in ports or parts.username is not None:
        raise _not_allowed()
    address = _look_up(host, port, allowed)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    deadline = _Deadline(seconds, stop or threading.Event())
    try:
        with socket.create_connection((address, port), timeout=CONNECT_SECONDS) as plain, deadline.over(plain):
            plain.settimeout(None)  # the deadline is for all
            connection = http.client.HTTPConnection(host, port)
            connection.sock = _encrypted(plain, host) if parts.scheme == "https" else plain
            try:
                connection.request("GET", target, headers={"Host": parts.netloc})
                response = connection.getresponse()
                if response.status != 200:
                    raise BadPicture(
                        f"The picture's address answers with HTTP {response.status}: upload the picture instead."
                    )
                return _save(response, file, largest)
            finally:
                connection.close()
    except (http.client.HTTPException, OSError, ValueError) as error:
        if deadline.passed:
            raise BadPicture("The picture's address sends too slowly: upload the picture instead.") from error
        raise BadPicture("The picture's address cannot be reached: upload the picture instead.") from error


class _Deadline:
    """Ends a connection when its time is over, or nobody waits for it: a read may go on for ever by itself."""

    def __init__(self, seconds: float, stop: threading.Event) -> None:
        self._end, self._stop = time.monotonic() + seconds, stop
        self.passed = False

    @contextmanager
    def over(self, connection: socket.socket) -> Iterator[None]:
        """Watches over a connection."""
        done, same = threading.Event(), connection.dup()  # the other may be taken over by TLS
        watch = threading.Thread(target=self._watch, args=[same, done], daemon=True)
        watch.start()
        try:
            yield
        finally:
            done.set()
            watch.join()
            same.close()
        if self.passed:  # what has come is cut off
            raise TimeoutError

    def _watch(self, connection: socket.socket, done: threading.Event) -> None:
        while not done.wait(GLANCE):
            if self._stop.is_set() or time.monotonic() > self._end:
                self.passed = True
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                return


def _encrypted(plain: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _save(response: http.client.HTTPResponse, file: Path, largest: int) -> int:
    size = 0
    with file.open("wb") as stream:
        while chunk := response.read(CHUNK):
            size += len(chunk)
            if size > largest:
                raise BadPicture(f"The picture has more than {largest // 1024**2} MB: send a smaller one.")
            stream.write(chunk)
    if response.length:  # the connection has ended before its time
        raise http.client.IncompleteRead(b"", response.length)
    return size


def _look_up(host: str, port: int, allowed: Callable[[str], bool]) -> str:
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise BadPicture("The picture's address cannot be found: upload the picture instead.") from error
    if not found or not all(map(allowed, found)):
        raise _not_allowed()
    return sorted(found)[0]


def _not_allowed() -> BadPicture:
    return BadPicture("Pictures are not fetched from this address: upload the picture instead.")
