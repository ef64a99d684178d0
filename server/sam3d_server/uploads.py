# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures on their way in: announced, sent, looked at, and only then on record."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool

from .errors import BadPicture
from .fetching import fetch
from .file_store import FileStore
from .job_store import File, JobStore
from .pictures import inspect
from .settings import Settings

CHUNK = 256 * 1024
OWN = re.compile(r"https?://[^/]+/files/([0-9a-f]{32})(\.[a-z]{1,5})?")


class Uploads:
    """The ways by which a picture comes to the server. Methods raise BadPicture for what is no usable picture."""

    def __init__(self, job_store: JobStore, file_store: FileStore, settings: Settings) -> None:
        """All of the server's own."""
        self._job_store, self._file_store, self._settings = job_store, file_store, settings
        self._largest = settings.upload_mb * 1024**2

    def announce(self, name: str, size: int, type: str) -> File:
        """Expect a picture."""
        self._file_store.check_room()
        if size > self._largest:
            raise BadPicture(f"The picture has more than {self._settings.upload_mb} MB: send a smaller one.")
        file = File(self._file_store.new_id(), name, type, size, "", there=False, created=time.time())
        self._job_store.announce(file)
        return file

    async def receive(self, file: File, chunks: AsyncIterator[bytes]) -> None:
        """Take the bytes of an announced picture."""
        part, size, digest = self._file_store.part(), 0, hashlib.sha256()
        try:
            with part.open("wb") as stream:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > file.size:
                        break
                    digest.update(chunk)
                    stream.write(chunk)
            if size != file.size:
                raise BadPicture(f"The picture has not the {file.size} bytes that were announced: send it again.")
            type = await run_in_threadpool(inspect, part, self._settings.megapixels)
            part.replace(self._file_store.path(file.id))
            await run_in_threadpool(self._job_store.arrived, file.id, type, digest.hexdigest())
        finally:
            part.unlink(missing_ok=True)

    def take(self, name: str, stream: BinaryIO) -> File:
        """Take a picture whose bytes are at hand."""
        self._file_store.check_room()
        part = self._file_store.part()
        try:
            size = 0
            with part.open("wb") as target:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > self._largest:
                        raise BadPicture(
                            f"The picture has more than {self._settings.upload_mb} MB: send a smaller one."
                        )
                    target.write(chunk)
            return self._keep(name, part)
        finally:
            part.unlink(missing_ok=True)

    def find(self, address: str, stop: threading.Event) -> File:
        """The picture that a job names by its address: an uploaded one, or, where allowed, one of the public web, which
        is not waited for once `stop` is set.
        """
        own = OWN.fullmatch(address)
        file = self._job_store.file(own[1]) if own else None
        if file is not None:
            if not file.there:
                raise BadPicture("The picture was announced but not sent: upload it first.")
            return file
        if own or not self._settings.allow_urls:
            raise BadPicture("The server has no picture at this address (any more): upload it first.")
        part = self._file_store.part()
        try:
            fetch(address, part, self._largest, stop=stop)
            return self._keep("fetched", part)
        finally:
            part.unlink(missing_ok=True)

    def _keep(self, name: str, part: Path) -> File:
        type = inspect(part, self._settings.megapixels)
        with part.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        file = File(self._file_store.new_id(), name, type, part.stat().st_size, digest, there=True, created=time.time())
        part.replace(self._file_store.path(file.id))
        self._job_store.announce(file)
        return file
