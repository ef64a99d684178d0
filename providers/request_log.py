# SPDX-License-Identifier: GPL-3.0-or-later
"""One line in the log for each request: what was asked, what came of it, how much and how long.

Of an address only host and path are told: its query may be a signature that opens a storage to everybody. Errors are
told by their kinds alone, for the texts of some hold whole addresses.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from .addresses import Address
from .content import Content
from .response import one_line, redact

LOG = logging.getLogger("sam3d.http")


class Exchange:
    """A request and the `content` of its answer, None as long as there is none."""

    def __init__(self) -> None:
        self.content: Content | None = None


@contextmanager
def logged(method: str, address: Address, key: str) -> Iterator[Exchange]:
    """Log the request that is made inside, with the time until its answer is read; `key` is made unreadable."""
    exchange, start, failure = Exchange(), time.monotonic(), ""
    try:
        yield exchange
    except BaseException as error:
        failure = f": {_kinds(error)}"
        raise
    finally:
        place, milliseconds = one_line(redact(key, _place(address))), 1000 * (time.monotonic() - start)
        if (content := exchange.content) is None:
            LOG.info("%s %s no answer, %.0f ms%s", method, place, milliseconds, failure)
        else:
            reply, received = content.reply, content.received
            sent = reply.request.headers.get("Content-Length", "0")
            LOG.info(
                "%s %s %d, %s bytes sent, %d bytes received, %.0f ms%s",
                *(method, place, reply.status_code, sent, received, milliseconds, failure),
            )


def _place(address: Address) -> str:
    return address.host + unquote(urlsplit(address.url).path)  # a key in it may be disguised


def _kinds(error: BaseException) -> str:
    """The classes of an error and of what it came from, down to the system's."""
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        names.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return " from ".join(names)
