# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job did can be seen in its log file, and no key can."""

import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loopback import models
from loopback.faults import Fault
from loopback.wavespeed import WaveSpeedServer

from sam3d import log
from sam3d.jobs.job_log import job_log
from sam3d.jobs.model import Destination, Job, State
from sam3d.jobs.queue import JobQueue
from sam3d.jobs.retry import RetryPolicy
from sam3d.jobs.worker import NewJob
from sam3d.photos.batch import Batch
from sam3d.photos.picture import PictureFile
from sam3d.providers import SERVICES
from sam3d.providers.base import Credentials, ReconstructionOptions

BOUND = 120.0
"""Seconds after which a condition that does not come true fails a test."""
KEY = "sk-5ecret-0f-the-log"
STEP = re.compile(r"INFO sam3d\.jobs\.worker: (\w+): (.+) \(\d+\.\d{3} s after the step before\)$", re.MULTILINE)


@pytest.fixture
def server() -> Iterator[WaveSpeedServer]:
    with WaveSpeedServer(key=KEY) as made:
        yield made


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    before = log.TREE.handlers[:]
    policy = RetryPolicy(tries=3, first=0.01, longest=0.05)
    made = JobQueue(SERVICES, tmp_path / "user" / "journal.sqlite3", policy)
    yield made
    made.close()
    assert log.TREE.handlers == before


def start(queue: JobQueue, folder: Path, job_id: str) -> Path:
    """Start a job; returns its log file."""
    photo = folder / "photo.png"
    photo.write_bytes(models.png(64, 48))
    job = Job(
        id=job_id,
        provider="WAVESPEED",
        photo="photo",
        options=ReconstructionOptions(prompt="a mug", seed=7),
        destination=Destination("", "Scene", "photo", "photo", (0.0, 0.0, 0.0)),
        folder=folder / "results" / job_id,
        price=0.02,
    )
    queue.start(NewJob(Batch(PictureFile(photo)), 0, job))
    return job.folder / "job.log"


def until(queue: JobQueue, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, f"never came true; jobs: {queue.jobs}"
        queue.drain()
        time.sleep(0.005)


def test_every_step_with_its_seconds(queue: JobQueue, server: WaveSpeedServer, tmp_path: Path) -> None:
    queue.allow({"WAVESPEED": Credentials(server.url, KEY)}, 0.0)
    file = start(queue, tmp_path, "one")
    until(queue, lambda: not queue.at_work())
    assert queue.jobs["one"].state is State.READY
    queue.close()
    text = file.read_text()
    steps = STEP.findall(text)
    assert [state for state, _stage in steps if state != "WAITING"][:2] == ["SUBMITTING", "RUNNING"]
    assert ("WAITING", "Preparing the photo") in steps
    assert "FETCHING" in {state for state, _stage in steps}
    assert "READY: " in text
    assert re.search(r"sam3d\.http: POST \S+ 200, \d+ bytes sent, \d+ bytes received, \d+ ms$", text, re.MULTILINE)
    assert KEY not in text


def test_a_retry_and_what_it_was_for(queue: JobQueue, server: WaveSpeedServer, tmp_path: Path) -> None:
    server.fault("poll", Fault(status=503), times=1)
    queue.allow({"WAVESPEED": Credentials(server.url, KEY)}, 0.0)
    file = start(queue, tmp_path, "one")
    until(queue, lambda: not queue.at_work())
    assert queue.jobs["one"].state is State.READY
    queue.close()
    (retry,) = re.findall(r"Trying again in \d\.\d\d s: \w+: .*", file.read_text())
    assert "WaveSpeed" in retry


def test_a_failed_connection_leaves_its_traceback(queue: JobQueue, tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody answers, and nobody else can
        taken.bind(("127.0.0.1", 0))
        queue.allow({"WAVESPEED": Credentials(f"http://127.0.0.1:{taken.getsockname()[1]}", KEY)}, 0.0)
        file = start(queue, tmp_path, "one")
        until(queue, lambda: not queue.at_work())
    assert queue.jobs["one"].state is State.FAILED
    queue.close()
    text = file.read_text()
    assert text.count("Trying again in") == 2
    assert "Failed: Unreachable: WaveSpeed" in text
    assert "Traceback (most recent call last)" in text
    assert "ConnectionRefusedError" in text
    assert "The above exception was the direct cause" in text
    assert KEY not in text


def test_two_jobs_at_once_have_logs_of_their_own(queue: JobQueue, server: WaveSpeedServer, tmp_path: Path) -> None:
    server.clock, server.job_seconds = lambda: 0.0, 1.0  # time stands still there until both are at work
    queue.allow({"WAVESPEED": Credentials(server.url, KEY)}, 0.0)
    files = {job_id: start(queue, tmp_path, job_id) for job_id in ("one", "other")}
    until(queue, lambda: all(job.state is State.RUNNING for job in queue.jobs.values()))
    server.clock = lambda: 10.0
    until(queue, lambda: not queue.at_work())
    assert {job.state for job in queue.jobs.values()} == {State.READY}
    queue.close()
    for job_id, file in files.items():
        text = file.read_text()
        assert re.findall(r"Job (\w+) for WaveSpeed", text) == [job_id]
        assert len(re.findall(r"READY: ", text)) == 1
        assert str(file.parent) in text
        assert not any(str(each.parent) in text for each in files.values() if each != file)


def test_a_folder_that_cannot_be_written_leaves_the_console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with job_log(tmp_path / "missing"):
        log.get_logger("sam3d.jobs.test").info("said all the same")
    assert "said all the same" in capsys.readouterr().err


def test_no_signature_of_an_address_is_shown_in_a_traceback(tmp_path: Path) -> None:
    with job_log(tmp_path):
        try:
            raise ValueError("refused: /bucket/a.png?sign=5ecret&for=all (why?)")
        except ValueError:
            log.get_logger("sam3d.jobs.test").exception("is this so? yes")
    text = (tmp_path / "job.log").read_text()
    assert "refused: /bucket/a.png?[query] (why?)" in text
    assert "5ecret" not in text


def test_no_key_is_shown_not_even_in_a_traceback(tmp_path: Path) -> None:
    log.hide("sk-t0p")
    with job_log(tmp_path):
        try:
            raise ValueError("header Bearer sk-t0p is refused")
        except ValueError:
            log.get_logger("sam3d.jobs.test").exception("with sk-t0p")
    text = (tmp_path / "job.log").read_text()
    assert "sk-t0p" not in text
    assert "ValueError: header Bearer [key] is refused" in text


@pytest.mark.parametrize(
    ("variable", "debug", "shown"),
    [
        ("", False, ["warning"]),
        ("", True, ["debug", "warning"]),
        ("info", False, ["warning"]),
        ("debug", False, ["debug", "warning"]),
        ("error", True, []),
        ("nonsense", False, ["warning"]),
    ],
)
def test_the_console_shows_from_the_level_on_that_is_asked_for(
    variable: str,
    debug: bool,
    shown: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = log.TREE.handlers[:]
    monkeypatch.setenv(log.LEVEL_VARIABLE, variable)
    log.start_console(debug=debug)
    try:
        logger = log.get_logger("sam3d.jobs.test")
        logger.debug("a debug line")
        logger.warning("a warning line")
    finally:
        log.stop_console()
    assert re.findall(r"a (\w+) line", capsys.readouterr().err) == shown
    assert log.TREE.handlers == before
    assert log.TREE.propagate


def test_loggers_have_the_same_names_wherever_the_extension_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert log.get_logger("sam3d.jobs.queue").name == "sam3d.jobs.queue"
    monkeypatch.setattr(log, "__name__", "bl_ext.user_default.sam3d.log")
    assert log.get_logger("bl_ext.user_default.sam3d.jobs.queue") is logging.getLogger("sam3d.jobs.queue")
