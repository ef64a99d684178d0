# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of an answer as it comes in: unpacked, bounded, and each piece as soon as it is there.

urllib3 fills its pieces before it hands them over and may unpack one into all of the memory, so the connection's own
response is read, and unpacked here.
"""

import http.client
import time
import zlib
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, Final

import requests

from .connections import Sending

CHUNK: Final = 256 * 1024
PACKINGS: Final = ("identity", "gzip")
SLOWEST: Final = 8 * 1024
"""Bytes a second: a file that comes in more slowly for long does not count as coming in."""


class Fault(Enum):
    """What can be wrong with content on its way."""

    BROKEN_OFF = auto()
    LATE = auto()
    STOPPED = auto()
    TOO_LARGE = auto()
    UNKNOWN_PACKING = auto()


class ContentError(Exception):
    """The content does not come in as it should."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


class Content:
    """The content of one answer.

    `received` bytes have come over the wire, of `expected`, which is None where nobody has told. The whole may take
    `seconds` from now on; with `is_file` longer, as long as it comes in. `proxy` is one that may have made it up.
    """

    def __init__(self, reply: requests.Response, sending: Sending, most: int, seconds: float) -> None:
        """At most `most` bytes are accepted, packed or unpacked."""
        self.reply, self.most, self.is_file = reply, most, False
        self.received, self.proxy = 0, ""
        self._sending, self._seconds, self._begun = sending, seconds, time.monotonic()
        raw: Any = reply.raw
        self._response = raw._original_response  # of http.client; requests takes its cookies from there
        self.expected: int | None = self._response.length
        sending.give(seconds)

    def pieces(self) -> Iterator[bytes]:
        """The unpacked content, never an empty piece; raises ContentError."""
        size = 0
        for piece in self._unpacked():
            size += len(piece)
            if size > self.most:
                raise ContentError(Fault.TOO_LARGE)
            yield piece

    def _unpacked(self) -> Iterator[bytes]:
        packing = self.reply.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in PACKINGS:
            raise ContentError(Fault.UNKNOWN_PACKING)
        try:
            yield from self._received() if packing == "identity" else _unpack(self._received())
        except (zlib.error, EOFError) as error:
            raise ContentError(Fault.BROKEN_OFF) from error

    def _received(self) -> Iterator[bytes]:
        while piece := self._read():
            self.received += len(piece)
            if self.received > self.most:
                raise ContentError(Fault.TOO_LARGE)
            if self.is_file:
                self._sending.give(self._begun - time.monotonic() + self._seconds + self.received / SLOWEST)
            yield piece
        self._check_sending()
        if self._response.length:  # not every http.client looks at this itself
            raise ContentError(Fault.BROKEN_OFF)
        self._response.close()
        self.reply.raw.release_conn()  # for the next request

    def _read(self) -> bytes:
        try:
            piece: bytes = self._response.read1(CHUNK)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._check_sending()
            raise ContentError(Fault.LATE if isinstance(error, TimeoutError) else Fault.BROKEN_OFF) from error
        return piece

    def _check_sending(self) -> None:
        """Raise where the end has come from our own side."""
        if self._sending.stopped:
            raise ContentError(Fault.STOPPED)
        if self._sending.late:
            raise ContentError(Fault.LATE)


def _unpack(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip, of one or more members; raises zlib.error, and EOFError where the last one is not whole."""
    unpacker: Any = None
    members, fresh = 0, True
    for piece in packed:
        ahead, more = piece, True
        while ahead or more:
            if unpacker is None:
                unpacker, fresh = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS), True
            try:
                data = unpacker.decompress(ahead, CHUNK)
            except zlib.error:
                if members and fresh:
                    return  # something of no meaning behind the last member
                raise
            if data:
                fresh = False
                yield data
            ahead, more = unpacker.unconsumed_tail, len(data) == CHUNK
            if unpacker.eof:
                ahead, more, unpacker = unpacker.unused_data, False, None
                members += 1
    if unpacker is not None and not (members and fresh):
        raise EOFError
