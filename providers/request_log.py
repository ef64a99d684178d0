# SPDX-License-Identifier: GPL-3.0-or-later
"""One line in the log for each request: what was asked, what came of it, how much and how long.

Of an address only host and path are told: its query may be a signature that opens a storage to everybody. Errors are
told by their kinds alone, for the texts of some hold whole addresses.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests

from .response import one_line, redact

LOG = logging.getLogger("sam3d.http")


class Exchange:
    """A request and its `reply`, None as long as there is none."""

    def __init__(self) -> None:
        self.reply: requests.Response | None = None


@contextmanager
def logged(method: str, url: str, key: str) -> Iterator[Exchange]:
    """Log the request that is made inside, with the time until its answer is read; `key` is made unreadable."""
    exchange, start, failure = Exchange(), time.monotonic(), ""
    try:
        yield exchange
    except BaseException as error:
        failure = f": {_kinds(error)}"
        raise
    finally:
        place, milliseconds = one_line(redact(key, _place(url))), 1000 * (time.monotonic() - start)
        if (reply := exchange.reply) is None:
            LOG.info("%s %s no answer, %.0f ms%s", method, place, milliseconds, failure)
        else:
            sent, received = reply.request.headers.get("Content-Length", "0"), reply.raw.tell()
            LOG.info(
                "%s %s %d, %s bytes sent, %d bytes received, %.0f ms%s",
                *(method, place, reply.status_code, sent, received, milliseconds, failure),
            )


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"{parts.hostname or ''}{parts.path}"
    except ValueError:
        return "(no address)"


def _kinds(error: BaseException) -> str:
    """The classes of an error and of what it came from, down to the system's."""
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        names.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return " from ".join(names)
