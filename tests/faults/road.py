# SPDX-License-Identifier: GPL-3.0-or-later
"""The road of one job to a service on this machine: the real queue, the real provider, real HTTP, hurried pauses."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self

from loopback import models
from loopback.runware import RunwareServer
from loopback.segmind import SegmindServer
from loopback.server import LoopbackServer
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
KEY = "sk-5ecret-0f-the-fault-matrix"
JOB = "0123456789abcdef0123456789abcdef"
RETRY_POLICY = RetryPolicy(first=0.01, longest=0.05)
BOUND = 120.0
"""Seconds after which a condition that does not come true fails a test."""


class Road:
    """A server, and a queue that is to bring one job over it."""

    def __init__(self, provider: str, folder: Path) -> None:
        service = SERVICES[provider]
        capabilities = {
            subject: replace(capabilities, expected_seconds=0.2)
            for subject, capabilities in service.capabilities.items()
        }
        self.provider, self.folder, self.price = provider, folder, capabilities[Subject.OBJECT].price
        self.posts = 1
        """How many requests a submit takes."""
        self.server = SERVERS[provider](key=KEY, price=self.price)
        self.queue = JobQueue(
            {provider: replace(service, capabilities=capabilities)}, folder / "user" / "journal.sqlite3", RETRY_POLICY
        )

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.server)
            stack.callback(self.queue.close)
            self._stack = stack.pop_all()
        self.reach(self.server.url)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def reach(self, url: str, **settings: object) -> None:
        """Say where the service is from now on, and how it is to be asked."""
        self.queue.allow({self.provider: Credentials(url, KEY, settings=settings)}, 0.0)

    @property
    def elsewhere(self) -> str:
        """The storage under another name, and so another host."""
        return self.server.storage_url.replace("127.0.0.1", "localhost")

    @property
    def job(self) -> Job:
        """The job as the artist sees it."""
        return self.queue.jobs[JOB]

    def go(self) -> Job:
        """Start the job and follow it to its end."""
        self.begin()
        return self.follow()

    def begin(self) -> None:
        """Start the job."""
        photo = self.folder / "photo.png"
        photo.write_bytes(models.png(64, 48))
        job = Job(
            id=JOB,
            provider=self.provider,
            photo="photo",
            options=ReconstructionOptions(prompt="a mug", seed=7),
            destination=Destination("", "Scene", "photo", "photo", (0.0, 0.0, 0.0)),
            folder=self.folder / "results" / "job",
            price=self.price,
        )
        self.queue.start(NewJob(Batch(PictureFile(photo)), 0, job))

    def retry(self) -> Job:
        """Fetch what is paid for, as the button does, and follow the job to its end."""
        self.queue.fetch_again(JOB)
        return self.follow()

    def follow(self) -> Job:
        """Follow the job to its end."""
        self.until(lambda: not self.job.at_work)
        return self.job

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it comes true."""
        end = time.monotonic() + BOUND
        while not condition():
            assert time.monotonic() < end, f"never came true: {self.job}"
            self.queue.drain()
            time.sleep(0.002)

    def check_spent(self, dollars: float) -> None:
        """The ledger says so (it is told in the moment after the job's end)."""
        self.until(lambda: abs(sum(self.queue.services.spent_today().values()) - dollars) < 1e-9)

    def check_trust(self) -> None:
        """The key is in no file and went to no other host."""
        assert self.server.leaks == []
        contents = {file: content(file) for file in self.folder.rglob("*") if file.is_file()}
        assert any(contents.values())
        assert [file for file, content in contents.items() if KEY.encode() in content] == []


def content(file: Path) -> bytes:
    """What is in a file; nothing for one of the journal's helpers that has just gone."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
