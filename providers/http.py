# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to a service over the network: bounded, with the key kept at home, and with errors in plain words.

The key goes to the service's own origin (scheme, host and port) and nowhere else: no redirect is followed with it, and
an address that a reply names gets it only where the origin is the same. Nothing is repeated here: who calls knows what
costs money. Proxies and certificates come from the environment, as everywhere (HTTPS_PROXY, REQUESTS_CA_BUNDLE); what
is on this computer is reached without a proxy.
"""

import http.client
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import requests
import urllib3.exceptions

from ..engine.atomic_write import atomic_stream
from .addresses import Address, AddressError, join, parse_address
from .base import Credentials, Report
from .connection_errors import causes_of, is_of_proxy, late_sentence, proxy_fault, refusal, sentence_of
from .connections import Sending, Session, watched
from .content import SLOWEST, Content, ContentError, Fault
from .errors import BehindProxy, Cancelled, ProviderError, UnexpectedResponse, Unreachable, WrongKey
from .proxies import Proxy, ProxySettingError, proxy_for
from .request_log import logged
from .response import GONE, MOST_LOGGED, Response, redact

CONNECT_SECONDS, SILENT_SECONDS = 10.0, 30.0
"""How long a connection may take, and how long a connected service may send nothing."""
RESPONSE_SECONDS = 120.0
"""How long the whole of a JSON answer may take once it has begun."""
LARGEST_RESPONSE = 64 * 1024**2
LARGEST_ERROR = 1024**2
"""How much is read of an answer that says that something went wrong."""
LARGEST_FILE = 512 * 1024**2
LONGEST_MAGIC = 4
"""Bytes by which a file is told from other answers."""
MOST_REDIRECTS = 5
TOO_SOON = (408, 425, 429)
"""Statuses that ask to come again."""
OFFLINE = "Blender is set to work offline: allow online access in Preferences > System."
HEADERS: Final = {"User-Agent": "SAM3D-for-Blender", "Accept-Encoding": "gzip"}
NO_PROXY: Final[Any] = {"http": None, "https": None, "all": None}  # of these requests takes none from outside
PATH = "/?&=%:;,+@!$'()*~"
"""Characters of a service's paths, beside letters and digits, that are sent as they are."""
FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
FIELD_VALUE = re.compile(r"[\x21-\x7e\xa1-\xff]+([ \t]+[\x21-\x7e\xa1-\xff]+)*|")
FRAMING = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect"})
"""Header fields of a request that follow from what is sent, and are nobody else's to say."""


class ResultGone(FileNotFoundError):
    """There is nothing (any more) at the address of a result."""


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
        self._key_header = dict(key_header)
        self._session = Session()
        self._session.headers.update(HEADERS)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # none: the key says who we are

    # The service itself

    def get(self, path: str) -> Response:
        """GET `path` of the service."""
        with self._ask("GET", path) as content:
            return self._own_response(content)

    def post(self, path: str, body: Any, *, silent: float = 0.0) -> Response:
        """POST `body` as JSON to `path` of the service, which may say nothing for `silent` seconds while it works."""
        with self._ask("POST", path, silent=silent, **_as_json(body)) as content:
            return self._own_response(content)

    def post_for_file(
        self, path: str, body: Any, file: Path, *, silent: float, is_file: Callable[[bytes], bool]
    ) -> Response:
        """As `post`, for an answer that may be a large file.

        Where `is_file` says so of its first bytes, the answer to a success lies in `file`, and the body is empty.
        """
        with self._ask("POST", path, silent=silent, **_as_json(body)) as content:
            content.most = max(LARGEST_FILE, LARGEST_RESPONSE)
            pieces = self._pieces(content)
            head = next(pieces, b"")
            while 0 < len(head) < LONGEST_MAGIC and (more := next(pieces, b"")):
                head += more
            pieces = itertools.chain([head], pieces)
            if content.reply.status_code != 200 or not is_file(head):
                content.most = LARGEST_RESPONSE
                return self._own_response(content, pieces)
            self._save(content, pieces, file, lambda _fraction, _stage: None)
            return Response(self.service, 200, content.reply.headers, b"", self._credentials.key)

    def post_file(self, path: str, field: str, file: Path, content_type: str) -> Response:
        """POST a file as the multipart form's `field` to `path` of the service."""
        with file.open("rb") as stream:
            form = {field: (file.name, stream, content_type)}
            with self._ask("POST", path, files=form, size=file.stat().st_size) as content:
                return self._own_response(content)

    # Addresses that the service's replies name

    def put_file(self, url: str, file: Path, headers: Mapping[str, str]) -> Response:
        """PUT a file's bytes to a storage address, with exactly these headers and never with the key."""
        address = self._named_address(url)
        fields = {name: value for name, value in headers.items() if name.lower() not in FRAMING}
        if not all(FIELD_NAME.fullmatch(name) and FIELD_VALUE.fullmatch(value) for name, value in fields.items()):
            sentence = f"{self.service} asks for an upload in a way that is not safe: see the job's log file."
            raise UnexpectedResponse(sentence, raw=self._for_log(str(headers)))
        with (
            file.open("rb") as stream,
            self._send("PUT", address, key=False, size=file.stat().st_size, data=stream, headers=fields) as content,
        ):
            return self._response(content)

    def download(self, url: str, file: Path, report: Report) -> None:
        """Bring what lies at `url` to `file`, by way of `file`.part; raises ResultGone where it is gone.

        Redirects are followed, without the key where they lead away from the service.
        """
        with self._followed(self._named_address(url)) as (content, address):
            if (status := content.reply.status_code) in GONE | {403} or (status == 401 and not self._is_own(address)):
                raise ResultGone(address.url)
            if status != 200:
                raise self._refusal(self._response(content), own=self._is_own(address))
            self._save(content, self._pieces(content), file, report)

    @contextmanager
    def _followed(self, address: Address, **sent: Any) -> Iterator[tuple[Content, Address]]:
        """What lies at an address behind all redirects, and the last address."""
        for _ in range(MOST_REDIRECTS):
            with self._send("GET", address, **sent) as content:
                if not content.reply.is_redirect:
                    yield content, address
                    return
                address = self._named_address(_location(content.reply), address)
        raise Unreachable(f"{self.service}'s result is sent on from address to address: try again in a while.")

    def _refusal(self, response: Response, *, own: bool) -> ProviderError:
        """The error for a result that is not given out: a storage knows nothing of keys, credit or photos."""
        if own or not 400 <= response.status < 500 or response.status in TOO_SOON:
            return response.error()
        where = f"at the address that it named (HTTP {response.status})"
        sentence = f"{self.service} does not give the result out {where}: press Retry to ask once more."
        return UnexpectedResponse(sentence, raw=response.raw)

    def _named_address(self, text: str, before: Address | None = None) -> Address:
        """An address from outside must pass the gate, and be no less safe than the service's own.

        `before` is the one that leads to it.
        """
        try:
            address = join(before, text) if before else parse_address(text)
            if address.scheme == "http" and self._own_address().scheme == "https":
                raise AddressError("it is less safe than the service's own")
        except AddressError as error:
            sentence = f"{self.service} named an address that is not safe to use ({error}): see the job's log file."
            raise UnexpectedResponse(sentence, raw=self._for_log(text)) from error
        return address

    def _for_log(self, text: str) -> str:
        return redact(self._credentials.key, ascii(text[:MOST_LOGGED]))

    def _own_address(self, path: str = "") -> Address:
        """An address of the service itself; raises Unreachable where the preferences name none."""
        try:
            if set(self._base) & set("?#"):
                raise AddressError("it goes on behind a ? or #")
            return parse_address(self._base + quote(path, safe=PATH))
        except AddressError as error:
            sentence = f"The address of {self.service} in the preferences is not one of the web ({error}): correct it."
            raise Unreachable(sentence, sent=False) from error

    def _is_own(self, address: Address) -> bool:
        return address.origin == self._own_address().origin

    @contextmanager
    def _ask(self, method: str, path: str, *, silent: float = 0.0, size: int = 0, **body: Any) -> Iterator[Content]:
        with self._send(method, self._own_address(path), silent=silent, size=size, **body) as content:
            yield content

    @contextmanager
    def _send(
        self, method: str, address: Address, *, key: bool = True, silent: float = 0.0, size: int = 0, **body: Any
    ) -> Iterator[Content]:
        """The answer to a request, to be read inside; raises Unreachable, and Cancelled where it was stopped.

        `size` is that of the body, in bytes.
        """
        if not self._credentials.online and not address.is_loopback:
            raise Unreachable(OFFLINE, sent=False)
        proxy = self._proxy(address)
        silent = silent or SILENT_SECONDS
        with (
            logged(method, address, self._credentials.key) as exchange,
            watched(CONNECT_SECONDS + silent + size / SLOWEST) as sending,
        ):
            try:
                reply = self._session.request(
                    method,
                    address.url,
                    # always given: otherwise requests would look for a password in the user's .netrc and send that
                    auth=_Key(self._key_header, self._own_address()) if key else _NoKey(),
                    timeout=(CONNECT_SECONDS, silent),
                    proxies=NO_PROXY | {address.scheme: proxy.url if proxy else None},
                    allow_redirects=False,
                    stream=True,
                    **body,
                )
            except (OSError, ValueError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
                # not all are of requests
                raise self._failure(error, sending, address, proxy) from error
            with reply:
                exchange.content = content = Content(reply, sending, LARGEST_RESPONSE, RESPONSE_SECONDS)
                if proxy and address.scheme == "http":  # one that can answer in the place of who was asked
                    content.proxy = proxy.name
                    if reply.status_code == 407:  # which has passed nothing on
                        raise self._proxy_error(f"{proxy.name} {refusal(407)}", address, sent=False)
                yield content

    def _proxy(self, address: Address) -> Proxy | None:
        try:
            return proxy_for(address)
        except ProxySettingError as error:
            raise self._proxy_error(str(error), address, sent=False) from error

    def _proxy_error(self, fault: str, address: Address, *, sent: bool) -> BehindProxy:
        sentence = f"The proxy does not let us through to {self.service}: {fault}. {_advice(address)}"
        return BehindProxy(sentence, sent=sent)

    def _failure(self, error: Exception, sending: Sending, address: Address, proxy: Proxy | None) -> ProviderError:
        """The error for a request that got no answer."""
        if sending.stopped:
            return Cancelled()
        causes, sent = causes_of(error), sending.begun
        if proxy and not sent and is_of_proxy(causes):
            return self._proxy_error(f"{proxy.name} {proxy_fault(causes)}", address, sent=False)
        sentence = late_sentence(self.service) if sending.late else sentence_of(causes, self.service, address.host)
        if proxy and sent and address.scheme == "http":
            fact = f"The connection to {self.service} by the proxy {proxy.name} broke off or was not understood."
            return BehindProxy(f"{fact} {_advice(address)}", sent=True)
        return Unreachable(sentence, sent=sent)

    def _own_response(self, content: Content, pieces: Iterator[bytes] | None = None) -> Response:
        """What the service itself said; raises BehindProxy where a proxy said it in its place."""
        response = self._response(content, pieces)
        if content.proxy and not response.is_json and (response.status >= 400 or response.is_page):
            place = f"{self.service} (HTTP {response.status})"
            sentence = f"The proxy {content.proxy}, or something behind it, answers in the place of {place}."
            raise BehindProxy(f"{sentence} {_advice(self._own_address())}", raw=response.raw)
        return response

    def _response(self, content: Content, pieces: Iterator[bytes] | None = None) -> Response:
        """All of a short answer; of one that tells of a failure, the beginning."""
        reply, body = content.reply, bytearray()
        status = reply.status_code
        most = LARGEST_RESPONSE if status < 300 else LARGEST_ERROR if status >= 400 else 0
        pieces = self._pieces(content) if pieces is None else pieces
        while len(body) < most and (piece := next(pieces, b"")):
            body += piece
        if status < 300 and next(pieces, b""):
            raise self._endless()
        return Response(self.service, reply.status_code, reply.headers, bytes(body), self._credentials.key)

    def _save(self, content: Content, pieces: Iterator[bytes], file: Path, report: Report) -> None:
        content.is_file, content.most = True, LARGEST_FILE
        with atomic_stream(file) as stream:
            for piece in pieces:
                stream.write(piece)
                report(min(content.received / content.expected, 1.0) if content.expected else 0.5, "Downloading")

    def _pieces(self, content: Content) -> Iterator[bytes]:
        """The content piece by piece; raises Unreachable, and Unexpected where a file is too large."""
        try:
            yield from content.pieces()
        except ContentError as error:
            raise self._content_error(error.fault, content) from error

    def _content_error(self, fault: Fault, content: Content) -> ProviderError:
        match fault:
            case Fault.STOPPED:
                return Cancelled()
            case Fault.LATE:
                return Unreachable(late_sentence(self.service))
            case Fault.UNKNOWN_PACKING:
                sentence = f"{self.service} answers in a form that was not asked for: try again in a while."
                return Unreachable(sentence)
            case Fault.TOO_LARGE if content.is_file:
                limit = LARGEST_FILE // 1024**2
                sentence = f"{self.service}'s result is larger than {limit} MB, so it was not downloaded."
                return UnexpectedResponse(sentence)
            case Fault.TOO_LARGE:
                return self._endless()
        what = "download from" if content.is_file else "connection to"
        return Unreachable(f"The {what} {self.service} broke off: try again.")

    def _endless(self) -> Unreachable:
        return Unreachable(f"{self.service} does not stop answering: try again in a while.")


class _Key(requests.auth.AuthBase):
    """Adds the key to a request that goes to its own origin: asked of the address that is connected to."""

    def __init__(self, header: Mapping[str, str], home: Address) -> None:
        self._header, self._home = header, home

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if parse_address(request.url or "").origin == self._home.origin:
            request.headers.update(self._header)
        return request


class _NoKey(requests.auth.AuthBase):
    """Adds nothing."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _as_json(body: Any) -> dict[str, Any]:
    """What sends a body as JSON; its size, because pictures in it need their time to leave."""
    data = json.dumps(body).encode()
    return {"data": data, "size": len(data), "headers": {"Content-Type": "application/json"}}


def _location(reply: requests.Response) -> str:
    """Where a redirect leads; http.client reads as Latin-1 what is mostly UTF-8."""
    location = str(reply.headers["Location"])
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location


def _advice(address: Address) -> str:
    """What to do about a proxy."""
    return (
        f"Check the proxy settings of this computer, or add {address.host} to the environment variable NO_PROXY "
        "if it needs no proxy."
    )
