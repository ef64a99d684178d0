# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service said over the network: its JSON, and what its errors mean to an artist."""

import json
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .addresses import AddressError, parse_address
from .errors import (
    InsufficientCredit,
    InvalidInput,
    ProviderError,
    RateLimited,
    UnexpectedResponse,
    Unreachable,
    WrongKey,
)

LONGEST_WAIT = 600.0
"""The longest pause in seconds that a service may ask for."""
DEEPEST_JSON = 100
"""Levels within one another; services use a handful."""
MOST_LOGGED, MOST_QUOTED = 20_000, 200
"""Characters of an answer that go into the log, and into a sentence."""
GONE = frozenset({404, 410})
"""Statuses of what is not there (any more)."""
NOT_HERE = GONE | {405}
"""Statuses of an address that a service does not have, or at which it takes no jobs."""
RESET_HEADERS = ("x-rate-limit-reset-at-utc", "x-ratelimit-reset", "x-rate-limit-reset")


@dataclass(frozen=True)
class Response:
    """What a service said, whatever its status. `headers` compare without case."""

    service: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    key: str

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300

    @property
    def raw(self) -> str:
        """The answer for the log, without the key."""
        return redact(self.key, f"HTTP {self.status}\n{self.body[:MOST_LOGGED].decode('utf-8', 'replace')}\n")

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        try:
            _loads(self.body)
        except (ValueError, RecursionError):
            return False
        return True

    @property
    def is_page(self) -> bool:
        """Whether the body is a page of the web instead of data."""
        return self.body.lstrip()[:1] == b"<"

    def json(self) -> Any:
        """The JSON of the body; raises Unreachable where there is none: something on the way answered instead."""
        try:
            return _loads(self.body)
        except (ValueError, RecursionError) as error:
            if self.is_page:
                what = "with a web page instead of data: a proxy or a sign-in page may be in the way"
            else:
                what = "with something that is broken or incomplete"
            raise Unreachable(f"{self.service} answered {what}. Try again in a while.", raw=self.raw) from error

    def object(self) -> dict[str, Any]:
        """The JSON object of the body; raises Unreachable as `json`, and Unexpected for other JSON."""
        data = self.json()
        if not isinstance(data, dict):
            raise self.unexpected()
        return data

    def unexpected(self) -> UnexpectedResponse:
        """The error for an answer of a shape that nobody foresaw."""
        sentence = f"{self.service} answered in a way that this version does not understand: see the job's log file."
        return UnexpectedResponse(sentence, raw=self.raw)

    def error_text(self) -> str:
        """What the service itself says of an error, in one line; empty where it says nothing."""
        try:
            said = _said(_loads(self.body))
        except (ValueError, RecursionError):
            said = ""
        return one_line(redact(self.key, said))

    def error(self) -> ProviderError:  # noqa: PLR0911 - a list of statuses, one return each
        """The error of the family for a status that is none of success. Services refine it with what they know."""
        words = self.error_text()
        said = f": {words}" if words.endswith((".", "!", "?")) else f": {words}." if words else "."
        name, status, raw = self.service, self.status, self.raw
        if 300 <= status < 400:
            host = _host(self.headers.get("Location", ""))
            sentence = f"{name} sends us on to {host}: check the service's address in the preferences."
            return Unreachable(sentence, sent=False, raw=raw)
        if status == 401:
            return WrongKey(f"{name} does not accept the key: copy it anew into the preferences.", raw=raw)
        if status == 403:
            return WrongKey(f"{name} does not allow this with the key (HTTP 403){said}", raw=raw)
        if status == 402:
            return InsufficientCredit(f"The account at {name} has too little credit: top up, then try again.", raw=raw)
        if status in (408, 425, 429):
            sentence = f"{name} is busy for the moment: try again in a minute."
            return RateLimited(sentence, retry_after(self.headers), raw=raw)
        if status == 413:
            return InvalidInput(
                f"The photo is too large for {name}: lower the longest edge in the preferences.", raw=raw
            )
        if status >= 500:
            return Unreachable(f"{name} has trouble of its own (HTTP {status}): try again in a while.", raw=raw)
        if status in NOT_HERE:
            sentence = f"{name} has nothing at this address (HTTP {status}){said} Check the address in the preferences."
            return Unreachable(sentence, raw=raw)
        if status in (400, 406, 415, 422):
            return InvalidInput(f"{name} refused the request (HTTP {status}){said}", raw=raw)
        return UnexpectedResponse(f"{name} does not answer as it should (HTTP {status}){said}", raw=raw)


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """The pause in seconds that the headers ask for, at most `LONGEST_WAIT`; None where they name none.

    Understands Retry-After (RFC 9110: seconds or a date) and the reset headers in use: seconds since 1970, a date or
    an ISO time. `now` is in seconds since 1970.
    """
    now = time.time() if now is None else now
    for name in ("Retry-After", *RESET_HEADERS):
        value = headers.get(name, "").strip()
        if not value:
            continue
        pause = _moment(value, now)
        if pause is not None:
            return min(max(pause, 0.0), LONGEST_WAIT)
    return None


def one_line(text: str) -> str:
    """Words from outside, fit for a sentence: one line, printable, not too long."""
    line = " ".join(re.sub(r"[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]", " ", text).split())
    return line if len(line) <= MOST_QUOTED else line[: MOST_QUOTED - 1] + "…"


def _loads(body: bytes) -> Any:
    """JSON whose texts can be written to a file, and that is not so deep that nobody can walk it.

    Raises ValueError or RecursionError for anything else.
    """
    return _sound(json.loads(body), 0)


def _sound(value: Any, depth: int) -> Any:
    if depth > DEEPEST_JSON:
        raise ValueError("too deep")
    if isinstance(value, str):  # it may hold halves of characters
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_sound(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_sound(name, depth): _sound(item, depth + 1) for name, item in value.items()}
    return value


def _host(location: str) -> str:
    """Whom a redirect leads to."""
    try:
        return parse_address(location).host
    except AddressError:
        return "another address"


def _moment(value: str, now: float) -> float | None:
    try:
        number = float(value)
    except ValueError:
        pass
    else:
        if math.isnan(number):
            return None
        return number - now if number > 1e9 else number
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now


def _said(data: Any) -> str:
    """The words in an error's JSON, wherever services put them."""
    if isinstance(data, str):
        return data
    if isinstance(data, list):
        return "; ".join(filter(None, map(_said, data)))
    if isinstance(data, dict):
        for name in ("error_description", "message", "msg", "error", "detail", "errors"):
            said = _said(data.get(name))
            if said:
                return said
    return ""


def redact(key: str, text: str) -> str:
    """`text` with the key made unreadable."""
    return text.replace(key, "[key]") if key else text
