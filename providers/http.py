# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to a service over the network: bounded, with the key kept at home, and with errors in plain words.

The key goes to the service's own origin (scheme, host and port) and nowhere else: no redirect is followed with it, and
an address that a reply names gets it only where the origin is the same. Nothing is repeated here: who calls knows what
costs money. Proxies and certificates come from the environment, as everywhere (HTTPS_PROXY, REQUESTS_CA_BUNDLE); what
is on this computer is reached without a proxy.
"""

import ipaddress
import itertools
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from requests import exceptions

from ..engine.atomic_write import atomic_stream
from .base import Credentials, Report
from .connections import RecordingAdapter, recorded
from .errors import UnexpectedResponse, Unreachable, WrongKey
from .request_log import logged
from .response import GONE, MOST_LOGGED, Response, redact

CONNECT_SECONDS, SILENT_SECONDS = 10.0, 30.0
"""How long a connection may take, and how long a connected service may send nothing."""
RESPONSE_SECONDS = 120.0
"""How long the whole of a JSON answer may take once it has begun."""
LARGEST_RESPONSE = 64 * 1024**2
LARGEST_FILE = 512 * 1024**2
CHUNK = 256 * 1024
LONGEST_MAGIC = 4
"""Bytes by which a file is told from other answers."""
MOST_REDIRECTS = 5
TOO_SOON = (408, 425, 429)
"""Statuses that ask to come again."""
OFFLINE = "Blender is set to work offline: allow online access in Preferences > System."
HEADERS: Final = {"User-Agent": "SAM3D-for-Blender", "Accept-Encoding": "gzip"}
NO_PROXY: Final[Any] = {"http": None, "https": None, "all": None}  # of these requests takes none from outside


class Client:
    """Talks to one service with one key. Its methods raise Unreachable, and WrongKey for a key that cannot be one."""

    def __init__(self, service: str, credentials: Credentials, key_header: Mapping[str, str]) -> None:
        """`service` is its name for sentences, `key_header` the header that carries the key to it."""
        self.service = service
        self._credentials = credentials
        # some pages name the address with the version of their interface, which is ours to add
        self._base = re.sub(r"(/api)?(/v\d)?/*$", "", credentials.url.strip())
        key = credentials.key
        if key_header and not key:
            raise WrongKey(f"There is no key for {service}: enter it in the add-on's preferences.")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise WrongKey(f"The key for {service} has characters that no key has: copy it anew into the preferences.")
        self._own = _Header(key_header)
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, RecordingAdapter())
        self._session.headers.update(HEADERS)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # none: the key says who we are

    # The service itself

    def get(self, path: str) -> Response:
        """GET `path` of the service."""
        with self._send("GET", self._base + path) as reply:
            return self._read(reply)

    def post(self, path: str, body: Any, *, silent: float = 0.0) -> Response:
        """POST `body` as JSON to `path` of the service, which may say nothing for `silent` seconds while it works."""
        with self._send("POST", self._base + path, silent=silent, json=body) as reply:
            return self._read(reply)

    def post_for_file(
        self, path: str, body: Any, file: Path, *, silent: float, is_file: Callable[[bytes], bool]
    ) -> Response:
        """As `post`, for an answer that may be a large file.

        Where `is_file` says so of its first bytes, the answer to a success lies in `file`, and the body is empty.
        """
        with self._send("POST", self._base + path, silent=silent, json=body) as reply:
            chunks = self._chunks(reply)
            head = next(chunks, b"")
            while 0 < len(head) < LONGEST_MAGIC and (more := next(chunks, b"")):
                head += more
            chunks = itertools.chain([head], chunks)
            if reply.status_code != 200 or not is_file(head):
                return self._read(reply, chunks)
            self._save(reply, chunks, file, lambda _fraction, _stage: None)
            return Response(self.service, 200, reply.headers, b"", self._credentials.key)

    def post_file(self, path: str, field: str, file: Path, content_type: str) -> Response:
        """POST a file as the multipart form's `field` to `path` of the service."""
        with file.open("rb") as stream:
            form = {field: (file.name, stream, content_type)}
            with self._send("POST", self._base + path, files=form) as reply:
                return self._read(reply)

    # Addresses that the service's replies name

    def put_file(self, url: str, file: Path, headers: Mapping[str, str]) -> Response:
        """PUT a file's bytes to a storage address, with exactly these headers and never with the key."""
        self._check(url)
        with (
            file.open("rb") as stream,
            self._send("PUT", url, key=False, data=stream, headers=dict(headers)) as reply,
        ):
            return self._read(reply)

    def download(self, url: str, file: Path, report: Report) -> None:
        """Bring what lies at `url` to `file`, by way of `file`.part; raises FileNotFoundError where it is gone.

        Redirects are followed, without the key where they lead away from the service.
        """
        for _ in range(MOST_REDIRECTS):
            self._check(url)
            with self._send("GET", url) as reply:
                if reply.is_redirect:
                    url = urljoin(url, reply.headers["Location"])
                    continue
                if self._is_gone(url, reply.status_code):
                    raise FileNotFoundError(url)
                if reply.status_code != 200:
                    raise self._read(reply).error()
                self._save(reply, self._chunks(reply), file, report)
                return
        raise Unreachable(f"{self.service}'s result is sent on from address to address: try again in a while.")

    def _is_gone(self, url: str, status: int) -> bool:
        """Whether there is nothing for us at an address: a storage asks for no key, so all that it refuses is gone."""
        return status in GONE | {403} or (not self._is_own(url) and 400 <= status < 500 and status not in TOO_SOON)

    def _check(self, url: str) -> None:
        """An address from outside must be one of the web, and no less safe than the service's own."""
        try:
            scheme = urlsplit(url).scheme
        except ValueError:
            scheme = ""
        if scheme not in ("http", "https") or (scheme == "http" and self._base.startswith("https:")):
            sentence = (
                f"{self.service} named an address that is not safe to use ({scheme or 'none'}): see the job's log file."
            )
            raise UnexpectedResponse(sentence, raw=redact(self._credentials.key, url[:MOST_LOGGED]))

    @contextmanager
    def _send(
        self, method: str, url: str, *, key: bool = True, silent: float = 0.0, **content: Any
    ) -> Iterator[requests.Response]:
        """The answer to a request, to be read inside; raises Unreachable."""
        here, (scheme, host, _port) = is_loopback(url), _origin(url)
        if scheme not in ("http", "https") or not host:
            raise Unreachable(self._address_sentence(), sent=False)
        if not self._credentials.online and not here:
            raise Unreachable(OFFLINE, sent=False)
        with logged(method, url, self._credentials.key) as exchange:
            try:
                with recorded() as sending:
                    exchange.reply = self._session.request(
                        method,
                        url,
                        # always given: otherwise requests would look for a password in the user's .netrc and send that
                        auth=self._own if key and self._is_own(url) else _Header({}),
                        timeout=(CONNECT_SECONDS, silent or SILENT_SECONDS),
                        proxies=dict(NO_PROXY) if here else None,
                        allow_redirects=False,
                        stream=True,
                        **content,
                    )
            except (OSError, UnicodeError, urllib3.exceptions.HTTPError) as error:  # not all are of requests
                raise Unreachable(self._sentence(_causes(error), sending.begun), sent=sending.begun) from error
            with exchange.reply as reply:
                if reply.status_code == 407:  # of a proxy, which has passed nothing on
                    raise Unreachable(self._proxy_sentence(), sent=False)
                yield reply

    def _is_own(self, url: str) -> bool:
        return _origin(url) == _origin(self._base)

    def _read(self, reply: requests.Response, chunks: Iterable[bytes] | None = None) -> Response:
        body, end = bytearray(), time.monotonic() + RESPONSE_SECONDS
        for chunk in self._chunks(reply) if chunks is None else chunks:
            body += chunk
            if len(body) > LARGEST_RESPONSE or time.monotonic() > end:
                raise Unreachable(f"{self.service} does not stop answering: try again in a while.")
        return Response(self.service, reply.status_code, reply.headers, bytes(body), self._credentials.key)

    def _save(self, reply: requests.Response, chunks: Iterable[bytes], file: Path, report: Report) -> None:
        length = reply.headers.get("Content-Length", "")
        expected = int(length) if length.isdecimal() else None
        size = 0
        with atomic_stream(file) as stream:
            for chunk in chunks:
                stream.write(chunk)
                size += len(chunk)
                if size > LARGEST_FILE:
                    limit = LARGEST_FILE // 1024**2
                    sentence = f"{self.service}'s result is larger than {limit} MB, so it was not downloaded."
                    raise UnexpectedResponse(sentence)
                report(min(reply.raw.tell() / expected, 1.0) if expected else 0.5, "Downloading")
            # not every urllib3 that comes with Blender looks at this itself
            if expected is not None and reply.raw.tell() != expected:
                raise Unreachable(f"The download from {self.service} broke off: try again.")

    def _chunks(self, reply: requests.Response) -> Iterator[bytes]:
        """The content piece by piece; unpacked here, because urllib3 may unpack one piece into all of the memory."""
        packing = reply.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in ("identity", "gzip"):
            raise Unreachable(f"{self.service} answers in a form that was not asked for: try again in a while.")
        unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS) if packing == "gzip" else None
        try:
            for chunk in reply.raw.stream(CHUNK, decode_content=False):
                ahead = chunk
                while ahead and unpacker:
                    yield unpacker.decompress(ahead, CHUNK)
                    ahead = unpacker.unconsumed_tail
                if not unpacker:
                    yield chunk
        except urllib3.exceptions.ReadTimeoutError as error:
            raise Unreachable(self._late_sentence()) from error
        except (urllib3.exceptions.HTTPError, OSError, zlib.error) as error:
            raise Unreachable(f"The connection to {self.service} broke off: try again.") from error

    def _late_sentence(self) -> str:
        return f"{self.service} did not answer in time: try again in a while."

    def _proxy_sentence(self) -> str:
        return f"The proxy does not let us through to {self.service}: check the proxy settings of this computer."

    def _address_sentence(self) -> str:
        return f"The address of {self.service} in the preferences is not one of the web."

    def _sentence(self, causes: list[BaseException], sent: bool) -> str:  # noqa: PLR0911 - a list, one return each
        """What a failed connection means to an artist."""
        name, host = self.service, _origin(self._base)[1]
        if _is_of_trust(causes):
            return (
                f"The certificate of {name} is not trusted here: check the computer's clock, or name your company's "
                f"certificates with the environment variable REQUESTS_CA_BUNDLE."
            )
        if _is_of_certificates(causes):
            return (
                "The file of certificates that this computer names cannot be read: correct the environment variable "
                "REQUESTS_CA_BUNDLE, or remove it."
            )
        if not sent and _is_of_proxy(causes):
            return self._proxy_sentence()
        if _is_of_address(causes):
            return self._address_sentence()
        if _any(causes, ssl.SSLError, exceptions.SSLError, urllib3.exceptions.SSLError):
            return f"No secure connection to {name} can be made: check its address and the proxy of this computer."
        if _any(causes, socket.gaierror):  # urllib3 1 has no class of its own for it
            return f"No network: the name {host} cannot be found. Check the connection."
        if _any(causes, urllib3.exceptions.NewConnectionError):
            return f"{name} cannot be reached at {host}: check network and address."
        if _any(causes, exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError):
            return f"{name} does not answer: check the network, or try again in a while."
        if _any(causes, exceptions.Timeout):
            return self._late_sentence()
        return f"The connection to {name} broke off: try again."


class _Header(requests.auth.AuthBase):
    """Adds a header as the credentials of a request."""

    def __init__(self, header: Mapping[str, str]) -> None:
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._header)
        return request


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:  # a port that is no number; requests says so in a moment
        return "", None, None


def is_loopback(url: str) -> bool:
    """Whether an address is on this computer, which needs no network."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, not a number
        return False


def _causes(error: BaseException) -> list[BaseException]:
    """An error with all that it was made of: requests wraps urllib3's, which wrap the system's."""
    found: list[BaseException] = []
    ahead: list[Any] = [error]
    while ahead:
        one = ahead.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            ahead += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found


def _any(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _is_of_address(causes: list[BaseException]) -> bool:
    bad = exceptions.InvalidURL, exceptions.MissingSchema, exceptions.InvalidSchema
    return _any(causes, *bad, urllib3.exceptions.LocationValueError, UnicodeError)


def _is_of_proxy(causes: list[BaseException]) -> bool:
    """Whether it was a proxy's fault that nothing was sent: what breaks later has the same classes."""
    proxy = exceptions.ProxyError, exceptions.InvalidProxyURL
    if _any(causes, *proxy, urllib3.exceptions.ProxyError, urllib3.exceptions.ProxySchemeUnknown):
        return True
    return any(isinstance(cause, exceptions.InvalidSchema) and "SOCKS" in str(cause) for cause in causes)


def _is_of_trust(causes: list[BaseException]) -> bool:
    # urllib3 1 has a private class of its own for a certificate of another host
    return any(isinstance(c, ssl.SSLCertVerificationError) or type(c).__name__ == "CertificateError" for c in causes)


def _is_of_certificates(causes: list[BaseException]) -> bool:
    """Whether requests, which has no class of its own for it, did not find the certificates to trust."""
    return any(type(cause) is OSError and "certificate" in str(cause).lower() for cause in causes)
