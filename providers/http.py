# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to a service over the network: bounded, with the key kept at home, and with errors in plain words.

The key goes to the service's own origin (scheme, host and port) and nowhere else: no redirect is followed with it, and
an address that a reply names gets it only where the origin is the same. Nothing is repeated here: who calls knows what
costs money. Proxies and certificates come from the environment, as everywhere (HTTPS_PROXY, REQUESTS_CA_BUNDLE).
"""

import ipaddress
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from requests import exceptions

from .answer import MOST_LOGGED, Answer, without
from .base import Access, Report
from .errors import Unexpected, Unreachable, WrongKey

CONNECT_SECONDS, SILENT_SECONDS = 10.0, 30.0
"""How long a connection may take, and how long a connected service may send nothing."""
ANSWER_SECONDS = 120.0
"""How long the whole of a JSON answer may take once it has begun."""
LARGEST_ANSWER = 64 * 1024**2
LARGEST_FILE = 512 * 1024**2
CHUNK = 256 * 1024
MOST_REDIRECTS = 5
OFFLINE = "Blender is set to work offline: allow online access in Preferences > System."
AGENT: Final = {"User-Agent": "SAM3D-for-Blender"}


class Client:
    """Talks to one service with one key. Its methods raise Unreachable, and WrongKey for a key that cannot be one."""

    def __init__(self, service: str, access: Access, key_header: Mapping[str, str]) -> None:
        """`service` is its name for sentences, `key_header` the header that carries the key to it."""
        self.service = service
        self._access = access
        # some pages name the address with the version of their interface, which is ours to add
        self._base = re.sub(r"(/api)?(/v\d)?/*$", "", access.url.strip())
        key = access.key
        if key_header and not key:
            raise WrongKey(f"There is no key for {service}: enter it in the add-on's preferences.")
        if not key.isascii() or not key.isprintable() or " " in key:
            raise WrongKey(f"The key for {service} has characters that no key has: copy it anew into the preferences.")
        self._own = _Header(key_header)
        self._session = requests.Session()
        self._session.headers.update(AGENT)

    # The service itself

    def get(self, path: str) -> Answer:
        """GET `path` of the service."""
        with self._send("GET", self._base + path) as response:
            return self._answer(response)

    def post(self, path: str, body: Any) -> Answer:
        """POST `body` as JSON to `path` of the service."""
        with self._send("POST", self._base + path, json=body) as response:
            return self._answer(response)

    def post_for_file(self, path: str, body: Any, file: Path, *, silent: float) -> Answer:
        """As `post`, for work that is done while we wait, and whose answer may be a large file.

        With success the answer lies in `file`, and the body is empty. `silent` is for how many seconds it may be so.
        """
        with self._send("POST", self._base + path, silent=silent, json=body) as response:
            if response.status_code != 200:
                return self._answer(response)
            self._save(response, file, lambda _fraction, _stage: None)
            return Answer(self.service, 200, response.headers, b"", self._access.key)

    def post_file(self, path: str, field: str, file: Path, content_type: str) -> Answer:
        """POST a file as the multipart form's `field` to `path` of the service."""
        with file.open("rb") as stream:
            form = {field: (file.name, stream, content_type)}
            with self._send("POST", self._base + path, files=form) as response:
                return self._answer(response)

    # Addresses that the service's replies name

    def put_file(self, url: str, file: Path, headers: Mapping[str, str]) -> Answer:
        """PUT a file's bytes to a storage address, with exactly these headers and never with the key."""
        self._check(url)
        with (
            file.open("rb") as stream,
            self._send("PUT", url, key=False, data=stream, headers=dict(headers)) as response,
        ):
            return self._answer(response)

    def download(self, url: str, file: Path, report: Report) -> None:
        """Bring what lies at `url` to `file`, by way of `file`.part; raises FileNotFoundError where it is gone.

        Redirects are followed, without the key where they lead away from the service.
        """
        for _ in range(MOST_REDIRECTS):
            self._check(url)
            with self._send("GET", url) as response:
                if response.is_redirect:
                    url = urljoin(url, response.headers["Location"])
                    continue
                if response.status_code in ((403, 404, 410) if self._is_own(url) else (401, 403, 404, 410)):
                    raise FileNotFoundError(url)
                if response.status_code != 200:
                    raise self._answer(response).error()
                self._save(response, file, report)
                return
        raise Unreachable(f"{self.service}'s result is sent on from address to address: try again in a while.")

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
            raise Unexpected(sentence, raw=without(self._access.key, url[:MOST_LOGGED]))

    @contextmanager
    def _send(
        self, method: str, url: str, *, key: bool = True, silent: float = SILENT_SECONDS, **content: Any
    ) -> Iterator[requests.Response]:
        if not self._access.online and not is_loopback(url):
            raise Unreachable(OFFLINE, sent=False)
        try:
            response = self._session.request(
                method,
                url,
                # always given: otherwise requests would look for a password in the user's .netrc and send that
                auth=self._own if key and self._is_own(url) else _Header({}),
                timeout=(CONNECT_SECONDS, silent),
                allow_redirects=False,
                stream=True,
                **content,
            )
        except (exceptions.RequestException, UnicodeError) as error:
            raise self._unreachable(error) from error
        with response:
            yield response

    def _is_own(self, url: str) -> bool:
        return _origin(url) == _origin(self._base)

    def _answer(self, response: requests.Response) -> Answer:
        body, end = bytearray(), time.monotonic() + ANSWER_SECONDS
        for chunk in self._chunks(response):
            body += chunk
            if len(body) > LARGEST_ANSWER or time.monotonic() > end:
                raise Unreachable(f"{self.service} does not stop answering: try again in a while.")
        return Answer(self.service, response.status_code, response.headers, bytes(body), self._access.key)

    def _save(self, response: requests.Response, file: Path, report: Report) -> None:
        length = response.headers.get("Content-Length", "")
        expected = int(length) if length.isdecimal() and "Content-Encoding" not in response.headers else None
        part, size = file.with_name(file.name + ".part"), 0
        with part.open("wb") as stream:
            for chunk in self._chunks(response):
                stream.write(chunk)
                size += len(chunk)
                if size > LARGEST_FILE:
                    limit = LARGEST_FILE // 1024**2
                    raise Unexpected(f"{self.service}'s result is larger than {limit} MB, so it was not downloaded.")
                report(size / expected if expected else 0.5, "Downloading")
        if expected is not None and size != expected:  # not every urllib3 that comes with Blender looks at this itself
            raise Unreachable(f"The download from {self.service} broke off: try again.")
        part.replace(file)

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        try:
            yield from response.iter_content(CHUNK)
        except (exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(f"The connection to {self.service} broke off: try again.") from error

    def _unreachable(self, error: Exception) -> Unreachable:  # noqa: PLR0911 - a list of causes, one return each
        """What a failed connection means to an artist, and whether the service may have heard us before."""
        name, causes = self.service, _causes(error)
        if _any(causes, exceptions.ProxyError, urllib3.exceptions.ProxyError):
            sentence = f"The proxy does not let us through to {name}: check the proxy settings of this computer."
            return Unreachable(sentence, sent=False)
        if _any(causes, exceptions.SSLError, urllib3.exceptions.SSLError):
            sentence = (
                f"The certificate of {name} is not trusted here: check the computer's clock, or name your company's "
                f"certificates with the environment variable REQUESTS_CA_BUNDLE."
            )
            return Unreachable(sentence, sent=False)
        if _any(causes, urllib3.exceptions.NewConnectionError):
            host = urlsplit(self._base).hostname
            if _any(causes, socket.gaierror):  # urllib3 1 has no class of its own for it
                return Unreachable(f"No network: the name {host} cannot be found. Check the connection.", sent=False)
            return Unreachable(f"{name} cannot be reached at {host}: check network and address.", sent=False)
        if _any(causes, exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError):
            return Unreachable(f"{name} does not answer: check the network, or try again in a while.", sent=False)
        if _any(causes, exceptions.InvalidURL, exceptions.MissingSchema, exceptions.InvalidSchema, UnicodeError):
            return Unreachable(f"The address of {name} in the preferences is not one of the web.", sent=False)
        if _any(causes, exceptions.Timeout):
            return Unreachable(f"{name} did not answer in time: try again in a while.")
        return Unreachable(f"The connection to {name} broke off: try again.")


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
