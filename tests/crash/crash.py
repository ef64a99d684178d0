# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that are killed, and what the next one finds."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from loopback import models
from loopback.runware import RunwareServer
from loopback.segmind import SegmindServer
from loopback.server import File, LoopbackServer
from loopback.wavespeed import WaveSpeedServer

from sam3d.jobs.model import Destination, Job
from sam3d.jobs.queue import JobQueue
from sam3d.jobs.retry import RetryPolicy
from sam3d.jobs.worker import NewJob
from sam3d.photos.batch import Batch
from sam3d.photos.picture import PictureFile
from sam3d.providers import SERVICES
from sam3d.providers.base import Credentials, ReconstructionOptions, Subject

SERVERS: dict[str, type[LoopbackServer]] = {
    "WAVESPEED": WaveSpeedServer,
    "SEGMIND": SegmindServer,
    "RUNWARE": RunwareServer,
}
KEY = "sk-5ecret-0f-a-crash"
JOB = "0123456789abcdef0123456789abcdef"
RETRY_POLICY = RetryPolicy(first=0.01, longest=0.05)
BOUND = 120.0
"""Seconds after which a condition that does not come true fails a test."""
ROOT = Path(__file__).resolve().parents[2]


def price(provider: str) -> float:
    """What an object costs, as the service's pages say."""
    return SERVICES[provider].capabilities[Subject.OBJECT].price


def large_glb() -> bytes:
    """A whole GLB, so large that half of it is written before the other half comes."""
    content = models.glb()
    _magic, version, _length, length, _kind = struct.unpack("<4sIIII", content[:20])
    padding = b" " * (2 << 20)  # as the format pads its JSON
    head = struct.pack("<4sII", b"glTF", version, len(content) + len(padding))
    end = 20 + length
    return head + struct.pack("<I4s", length + len(padding), b"JSON") + content[20:end] + padding + content[end:]


LARGE = File("model.glb", large_glb(), "model/gltf-binary")


def serving(provider: str) -> LoopbackServer:
    """The service on this machine, with a large model."""
    return SERVERS[provider](key=KEY, price=price(provider), results=[LARGE])


def make_new_job(folder: Path, provider: str) -> NewJob:
    """One job on a photo that lies in the folder."""
    photo = folder / "photo.png"
    if not photo.exists():
        photo.write_bytes(models.png(64, 48))
    job = Job(
        id=JOB,
        provider=provider,
        photo="photo",
        options=ReconstructionOptions(prompt="a mug", seed=7),
        destination=Destination("", "Scene", "photo", "photo", (0.0, 0.0, 0.0)),
        folder=folder / "results" / "job",
        price=price(provider),
    )
    return NewJob(Batch(PictureFile(photo)), 0, job)


def part_files(folder: Path) -> list[Path]:
    """The files that are not whole."""
    return sorted((folder / "results").rglob("*.part"))


def half_there(folder: Path) -> bool:
    """Whether a part of a model is on the disk; the files of a record come and go meanwhile."""
    return any(part.stat().st_size for part in part_files(folder) if not part.name.endswith(".json.part"))


class Child:
    """A process of its own with a queue: what it says can be waited for, and it can be killed."""

    def __init__(
        self, folder: Path, provider: str, url: str, mode: str = "start", place: str = "", **options: Any
    ) -> None:
        self.lines: list[str] = []
        path = os.pathsep.join(str(ROOT / each) for each in ("build/python", "tests", "tests/crash"))
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("first_blender.py"), folder, provider, url, mode, place],
            env={**os.environ, "PYTHONPATH": path, "CRASH_KEY": KEY, "CRASH_OPTIONS": json.dumps(options)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.lines.extend(line.strip() for line in self._process.stdout)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it comes true, while the process lives."""
        end = time.monotonic() + BOUND
        while not condition():
            assert self._process.poll() is None, self.lines
            assert time.monotonic() < end, f"never came true: {self.lines}"
            time.sleep(0.002)

    def said(self, start: str) -> bool:
        """Whether it has said a line that starts so."""
        return any(line.startswith(start) for line in self.lines)

    def go(self) -> None:
        """Let a process that is about to look go on."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it as a power cut would: it notices nothing."""
        self._process.kill()
        assert self._process.wait(BOUND) == -signal.SIGKILL
        self._reader.join(BOUND)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()


class NextBlender:
    """A queue in this process, on the journal that others have left."""

    def __init__(self, folder: Path, provider: str, url: str, retry_policy: RetryPolicy = RETRY_POLICY) -> None:
        self.queue = JobQueue({provider: SERVICES[provider]}, folder / "user" / "journal.sqlite3", retry_policy)
        self.queue.allow({provider: Credentials(url, KEY)}, 0.0)

    def __enter__(self) -> Self:
        self.queue.wait_for_journal()
        self.queue.resume()
        return self

    def __exit__(self, *_: object) -> None:
        self.queue.close()

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it comes true."""
        end = time.monotonic() + BOUND
        while not condition():
            assert time.monotonic() < end, f"never came true: {self.queue.jobs}"
            self.queue.drain()
            time.sleep(0.002)

    def follow(self) -> Job:
        """Follow the job to its end."""
        self.until(lambda: JOB in self.queue.jobs and not self.queue.jobs[JOB].at_work)
        return self.queue.jobs[JOB]

    def check_spent(self, dollars: float) -> None:
        """The ledger says so (it is told in the moment after the job's end)."""
        self.until(lambda: abs(sum(self.queue.services.spent_today().values()) - dollars) < 1e-9)


def check_whole(job: Job) -> None:
    """The result is there, and is what the server has sent; nothing that is not whole is left or taken for one."""
    assert job.model is not None
    assert job.model.read_bytes() == LARGE.content
    assert job.model.with_suffix(".json").is_file()
    assert not [path for path in (job.model, *job.extras) if path.suffix == ".part"]
    assert part_files(job.folder.parents[1]) == []


def check_trust(server: LoopbackServer, folder: Path) -> None:
    """The key is in no file and went to no other host."""
    assert server.leaks == []
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
