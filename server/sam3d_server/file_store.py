# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures and results on disk: under names that the server draws by lot, for a set time and space."""

from __future__ import annotations

import errno
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from .job_store import File, JobStore

ID = re.compile(r"[0-9a-f]{32}")
TYPES = {
    ".glb": "model/gltf-binary",
    ".ply": "application/octet-stream",
    ".json": "application/json",
    ".png": "image/png",
}
AWAITED_SECONDS = 3600.0
"""How long an announced upload is waited for."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DiskFull(Exception):
    """There is too little room for anything new."""


class FileStore:
    """The folder of files. A file's name is its id, which nobody can guess: who knows it may read it."""

    def __init__(self, folder: Path, job_store: JobStore, *, least_free: int) -> None:
        """`least_free` are the bytes that have to stay free on the disk."""
        self._folder, self._job_store, self._least_free = folder / "files", job_store, least_free
        self._work = folder / "work"
        shutil.rmtree(self._work, ignore_errors=True)  # of a server that was killed
        self._folder.mkdir(parents=True, exist_ok=True)
        self._work.mkdir(parents=True)
        for file in self._folder.iterdir():
            if job_store.file(file.name) is None:  # of a server that was killed before it was on record
                file.unlink(missing_ok=True)

    def new_id(self) -> str:
        """A name for a file, or for a job."""
        return secrets.token_hex(16)

    def path(self, id: str) -> Path:
        """Where a file lies, or is to lie. `id` is one on record: nothing from outside comes here."""
        if not ID.fullmatch(id):
            raise ValueError(id)
        return self._folder / id

    def work_folder(self, job: str) -> Path:
        """A folder for one try of a job; it is not there yet."""
        return self._work / job

    def leave(self, folder: Path) -> None:
        """Take a work folder away."""
        shutil.rmtree(folder, ignore_errors=True)

    def check_room(self) -> None:
        """Raises DiskFull where nothing new can be taken."""
        if shutil.disk_usage(self._folder).free < self._least_free:
            raise DiskFull

    def part(self) -> Path:
        """Where a file may arrive that is not wholly there."""
        return self._work / f"{secrets.token_hex(16)}.part"

    def adopt(self, made: Path) -> File:
        """A finished file of a work folder becomes one of the store; it is not on record yet."""
        id = self.new_id()
        size = made.stat().st_size
        made.replace(self.path(id))
        return File(id, made.name, TYPES.get(made.suffix, "application/octet-stream"), size, "", True, time.time())

    def discard(self, files: Iterable[File]) -> None:
        """Delete files that are not on record."""
        for file in files:
            self.path(file.id).unlink(missing_ok=True)

    def tidy(self, *, keep_seconds: float, keep_bytes: int) -> int:
        """Delete what is older than `keep_seconds`, and the oldest of the rest until `keep_bytes` hold it.

        What a waiting or running job needs stays. Gives how many files are gone.
        """
        before, kept = time.time() - keep_seconds, self._job_store.bytes_kept()
        files = self._job_store.idle_files()
        gone = [file.id for file in files if not file.there and file.created < time.time() - AWAITED_SECONDS]
        for file in filter(lambda file: file.there, files):
            if file.created >= before and kept <= keep_bytes:
                break
            kept -= file.size
            gone.append(file.id)
        self._job_store.forget(gone, before)
        for id in gone:
            self.path(id).unlink(missing_ok=True)
        return len(gone)
