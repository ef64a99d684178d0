# SPDX-License-Identifier: GPL-3.0-or-later
"""A second place for what a service has accepted: a small file for each job that is not fetched yet. No bpy.

The journal may be locked, full, damaged or gone in the moment when the task's id comes. So there is a file of its own,
in another folder, on the disk before the submit, with room for what comes after it: to be written over it needs no
space. Where even that fails, the job's own folder is tried, then the system's folder for temporary files.
"""

import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from ..engine.atomic_write import write_atomic
from ..log import get_logger
from .model import Charge, Job
from .serialization import from_record, to_record

LOG = get_logger(__name__)
SUFFIX = ".receipt.json"
IN_JOB_FOLDER = f"job{SUFFIX}"
IN_TEMPORARY_FOLDER = "sam3d-receipts"
ROOM = 4096
"""Bytes that the record may grow by with what the service says."""


@dataclass(frozen=True)
class Receipt:
    """A job as it stood, and the Blender that had it."""

    job: Job
    owner: str


class Receipts:
    """The files of one journal, in a folder of their own. Safe to use from several threads: a job is one thread's."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when the first one is written."""
        self.folder = folder

    def reserve(self, job: Job, owner: str) -> None:
        """Write down a job that is about to be paid; raises OSError where that can be done nowhere."""
        line = _line(job, owner)
        content = line + b"\n" + b" " * (len(line) + ROOM) + b"\n"
        error: OSError | None = None
        for file in self._places(job):
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(file, content)
            except OSError as reason:
                error = error or reason
                continue
            return
        assert error is not None
        raise error

    def enter(self, job: Job, owner: str) -> bool:
        """Write down what the service has said, wherever the disk takes it; returns whether it did."""
        line = _line(job, owner)
        for file in self._places(job):
            try:
                if not _write_over(file, line):
                    file.parent.mkdir(parents=True, exist_ok=True)
                    write_atomic(file, line + b"\n")
            except OSError as error:
                LOG.warning("The receipt %s could not be written: %s", file, error)
                continue
            return True
        return False

    def drop(self, job: Job) -> None:
        """Take away what is not needed any more: the result is here, or there is none."""
        for file in self._places(job):
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                LOG.warning("The receipt %s could not be taken away: %s", file, error)

    def read(self) -> list[Receipt]:
        """All that are in the folder and can be read."""
        try:
            files = sorted(self.folder.glob(f"*{SUFFIX}"))
        except OSError:
            return []
        return [receipt for file in files if (receipt := _read(file)) is not None]

    def completed(self, job: Job) -> Job:
        """A job whose submit has no answer on record, with the answer where any receipt has it."""
        for file in self._places(job):
            receipt = _read(file) if _is_own(file) else None
            if receipt and receipt.job.id == job.id and receipt.job.task is not None:
                task = receipt.job.task
                request = job.request or task.request
                return replace(job, request=request, task=replace(task, request=request), charge=Charge.CHARGED)
        return job

    def _places(self, job: Job) -> tuple[Path, ...]:
        """Where a job's receipt may lie, the best place first."""
        name = f"{job.id}{SUFFIX}"
        temporary = Path(tempfile.gettempdir()) / IN_TEMPORARY_FOLDER / name
        return self.folder / name, job.folder / IN_JOB_FOLDER, temporary


def _line(job: Job, owner: str) -> bytes:
    return json.dumps({"owner": owner, "job": to_record(job)}).encode()


def _write_over(file: Path, line: bytes) -> bool:
    """Fill in the room that was reserved; returns False where there is no such file, or not enough room."""
    try:
        stream = file.open("r+b")
    except FileNotFoundError:
        return False
    with stream:
        begin = len(stream.readline())
        if begin + len(line) + 1 > os.fstat(stream.fileno()).st_size:
            return False
        stream.seek(begin)
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())
    return True


def _read(file: Path) -> Receipt | None:
    """The last of a file's lines that is whole."""
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError:
        return None
    for line in reversed(lines):
        try:
            told = json.loads(line)
            return Receipt(from_record(told["job"]), str(told["owner"]))
        except (ValueError, KeyError, TypeError, AttributeError):  # blank, or torn by a power cut
            continue
    return None


def _is_own(file: Path) -> bool:
    """Whether this user has written it: everybody may write to the system's temporary folder."""
    try:
        return not hasattr(os, "getuid") or file.stat().st_uid == os.getuid()
    except OSError:
        return False
