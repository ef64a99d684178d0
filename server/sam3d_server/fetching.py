# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a picture from a public address, and never anything from a private one.

The name is looked up once, every address that it has must be public, and the connection goes to one of those that were
looked at: so a name that leads elsewhere the next moment gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

from .errors import BadPicture

SECONDS = 20.0
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
    url: str, file: Path, largest: int, *, allowed: Callable[[str], bool] = is_public, ports: tuple[int, ...] = PORTS
) -> int:
    """Bring at most `largest` bytes to `file`; gives the size. Raises BadPicture.

    allowed: whether to connect to an IP address. ports: those that may be named.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError as error:
        raise _not_allowed() from error
    if parts.scheme not in ("http", "https") or not host or port not in ports or parts.username is not None:
        raise _not_allowed()
    address = _look_up(host, port, allowed)
    pool: urllib3.HTTPConnectionPool
    timeout = urllib3.Timeout(connect=5.0, read=10.0)
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(address, port, timeout=timeout, server_hostname=host, assert_hostname=host)
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    try:
        with pool:
            response = pool.request(
                "GET", target, headers={"Host": parts.netloc}, redirect=False, retries=False, preload_content=False
            )
            if response.status != 200:
                raise BadPicture(
                    f"The picture's address answers with HTTP {response.status}: upload the picture instead."
                )
            return _save(response, file, largest)
    except (urllib3.exceptions.HTTPError, UnicodeError) as error:
        raise BadPicture("The picture's address cannot be reached: upload the picture instead.") from error


def _save(response: urllib3.BaseHTTPResponse, file: Path, largest: int) -> int:
    size, end = 0, time.monotonic() + SECONDS
    with file.open("wb") as stream:
        for chunk in response.stream(CHUNK, decode_content=False):
            size += len(chunk)
            if size > largest:
                raise BadPicture(f"The picture has more than {largest // 1024**2} MB: send a smaller one.")
            if time.monotonic() > end:
                raise BadPicture("The picture's address sends too slowly: upload the picture instead.")
            stream.write(chunk)
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
