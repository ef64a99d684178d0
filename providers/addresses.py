# SPDX-License-Identifier: GPL-3.0-or-later
"""The one gate for addresses: whatever the artist, a service or a redirect names goes through it before it is used.

Parsers disagree about odd addresses, and one that is checked as the service's own may lead elsewhere. So an address is
read by those that connect, and refused where it holds anything that one of them may read in another way.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from urllib3.util import parse_url

PORTS: Final = {"http": 80, "https": 443}
LONGEST_HOST, LONGEST_LABEL = 253, 63
PARTS = re.compile(r"(https?)://([^/?#]*)([/?#].*)?", re.IGNORECASE)
AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::([1-9][0-9]{0,4}))?", re.IGNORECASE)
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
"""The last part of a host that systems take for an IP address in one of its old forms."""


class AddressError(ValueError):
    """An address that cannot be used; `str(error)` says why, fit for brackets in a sentence."""


@dataclass(frozen=True)
class Address:
    """An address of the web that every parser reads alike.

    `url` is the whole, as it is sent; `host` is in lower case, an IPv6 address without brackets and in its short form.
    """

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        """Whom it leads to: what a key may be sent to, or not."""
        return self.scheme, self.host, self.port

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this computer, which needs no network."""
        if self.host == "localhost":
            return True
        ip = _ip(self.host)
        return ip is not None and ip.is_loopback

    @property
    def needs_no_proxy(self) -> bool:
        """Whether it never leads away from the computer that asks, so that no proxy could know it."""
        ip = _ip(self.host)
        return self.is_loopback or (ip is not None and ip.is_unspecified)


def parse_address(text: str) -> Address:
    """Read an absolute address of the web; raises AddressError for anything that is none, or an odd one."""
    _check_characters(text)
    parts = PARTS.fullmatch(text)
    if not parts:
        raise AddressError("it does not begin with https:// and a host")
    authority = parts[2]
    if "@" in authority:
        raise AddressError("it holds a user name")
    host_and_port = AUTHORITY.fullmatch(authority)
    if not host_and_port:
        raise AddressError("its host or port is not written as usual")
    host, port = _host(host_and_port[1]), int(host_and_port[2] or PORTS[parts[1].lower()])
    if port > 65535:
        raise AddressError("there is no such port")
    return _as_it_is_connected(text, (parts[1].lower(), host, port))


def join(base: Address, location: str) -> Address:
    """Where a redirect from `base` leads; raises AddressError."""
    _check_characters(location)  # joining would drop some
    try:
        return parse_address(urljoin(base.url, location))
    except AddressError:
        raise
    except ValueError as error:  # brackets that hold no address
        raise AddressError("its host or port is not written as usual") from error


def is_loopback(text: str) -> bool:
    """Whether an address is on this computer, which needs no network; an odd one never is."""
    try:
        return parse_address(text).is_loopback
    except AddressError:
        return False


def _check_characters(text: str) -> None:
    if "\\" in text:
        raise AddressError("it holds a backslash")
    if not text.isprintable() or any(map(str.isspace, text)):
        raise AddressError("it holds blanks or control characters")


def _host(host: str) -> str:
    """The host in its usual form; raises AddressError where a system may take it for another."""
    if host.startswith("["):
        try:
            return str(ipaddress.IPv6Address(host[1:-1]))
        except ValueError as error:
            raise AddressError("its IP address is not written as usual") from error
    labels = [_label(label) for label in host.split(".")]
    name = ".".join(labels)
    if len(name) > LONGEST_HOST:
        raise AddressError("its host is too long")
    if NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError as error:
            raise AddressError("its IP address is not written as usual") from error
    return name


def _label(label: str) -> str:
    """A part of a host's name as the net knows it; letters of other alphabets must come out as themselves."""
    known = label.lower()
    if not known.isascii():
        try:
            known = "xn--" + known.encode("punycode").decode("ascii")
        except UnicodeError as error:
            raise AddressError("its host is not written as usual") from error
    if len(known) > LONGEST_LABEL or not LABEL.fullmatch(known):
        raise AddressError("its host is not written as usual")
    return known


def _as_it_is_connected(text: str, expected: tuple[str, str, int]) -> Address:
    """The address as it is sent, by the parsers of all versions that connect; raises AddressError where they differ."""
    request = requests.PreparedRequest()
    try:
        request.prepare_url(text, None)
        url = str(request.url)
        read = parse_url(url)
        split = urlsplit(url)
        seen = {
            (read.scheme, read.host, read.port, read.auth),
            (split.scheme, split.hostname and _bracketed(split.hostname), split.port, split.username),
        }
        ((scheme, host, port, user),) = seen
        found = scheme, _host(host or ""), port or PORTS.get(scheme or "", 0)
    except (ValueError, OSError, urllib3.exceptions.HTTPError) as error:  # the errors of requests are OSErrors
        raise AddressError("its host is not written as usual") from error
    if found != expected or user is not None:
        raise AddressError("its host is not written as usual")
    return Address(url, *expected)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:  # a name
        return None
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip
