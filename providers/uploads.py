# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures in a service's storage: the jobs of one photo share one upload of it."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

KEPT_SECONDS = 600.0
"""How long an upload is used again: the jobs of one photo, and far less than any service keeps it."""


@dataclass
class _Upload:
    address: str = ""
    until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Uploads:
    """Addresses of what was uploaded a short while ago, by content. Safe to use from several threads."""

    def __init__(self, upload: Callable[[Path], str]) -> None:
        """`upload` brings a file to the storage, returns its address there, and may raise."""
        self._upload = upload
        self._known: dict[bytes, _Upload] = {}

    def address(self, file: Path) -> str:
        """Where the file's content lies; uploads it where it lies nowhere. Raises what `upload` raises."""
        known = self._known.setdefault(_digest(file), _Upload())
        with known.lock:  # the others that want it wait for the first
            if time.monotonic() > known.until:
                known.address = self._upload(file)
                known.until = time.monotonic() + KEPT_SECONDS
            return known.address

    def forget(self, files: Iterable[Path]) -> None:
        """Upload them anew next time: the service may not have been able to read them."""
        for file in files:
            if file.exists():
                self._known.pop(_digest(file), None)


def _digest(file: Path) -> bytes:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
