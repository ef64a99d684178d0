# SPDX-License-Identifier: GPL-3.0-or-later
"""No way to the service at all, before a job is paid for and after; silence; limits; and a clock that jumps."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from loopback import faults
from matrix import ARRIVES, IN_DOUBT, KEPT, REFUSED, SERVICES, check_ending
from road import JOB, Road

from sam3d.jobs import polling
from sam3d.jobs.model import State
from sam3d.providers import archive, http, response

WAYS = ["connection refused", "no such name"]
WORDS = {
    "connection refused": "cannot be reached at 127.0.0.1: check network and address.",
    "no such name": "No network: the name no-such-service.invalid cannot be found. Check the connection.",
}


@pytest.fixture
def nowhere(way: str) -> Iterator[str]:
    """An address that leads nowhere, in one of the ways."""
    if way == "no such name":
        yield "https://no-such-service.invalid"
        return
    with socket.socket() as bound:  # taken, but nobody listens
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("provider", SERVICES)
def test_no_way_to_the_service(road: Road, way: str, nowhere: str) -> None:
    road.reach(nowhere)
    check_ending(road, road.go(), REFUSED, WORDS[way])
    assert road.server.requests == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("provider", SERVICES)
def test_the_way_is_lost_after_the_job_was_paid(road: Road, way: str, nowhere: str) -> None:
    road.server.fault("poll", faults.CUT_BEFORE)
    check_ending(road, road.go(), KEPT)
    road.reach(nowhere)
    check_ending(road, road.retry(), KEPT, WORDS[way])
    road.server.mend()
    road.reach(road.server.url)
    check_ending(road, road.retry(), ARRIVES)


@pytest.mark.usefixtures("hurry")
class TestSilence:
    """A service that has answered in half and says no more."""

    @pytest.mark.parametrize("provider", SERVICES)
    def test_at_the_submit(self, road: Road) -> None:
        road.server.fault("submit", faults.stall(), times=1)
        ending = ARRIVES if road.provider == "RUNWARE" else IN_DOUBT  # Runware can be asked for it
        check_ending(road, road.go(), ending, "" if ending is ARRIVES else "did not answer in time.")

    @pytest.mark.parametrize("kind", ["poll", "result", "download"])
    @pytest.mark.parametrize("provider", SERVICES)
    def test_once_after_the_submit(self, road: Road, kind: str) -> None:
        road.server.fault(kind, faults.stall(), times=1)
        check_ending(road, road.go(), ARRIVES)

    @pytest.mark.parametrize("kind", ["poll", "download"])
    @pytest.mark.parametrize("provider", SERVICES)
    def test_lasting_after_the_submit(self, road: Road, kind: str) -> None:
        road.server.fault(kind, faults.stall())
        check_ending(road, road.go(), KEPT, "did not answer in time.")
        road.server.mend()
        check_ending(road, road.retry(), ARRIVES)


STILL = 10.0
"""Seconds in which a job that was cancelled has let go of everything; a service may be silent for 30."""


@pytest.mark.parametrize("kind", ["poll", "download"])
@pytest.mark.parametrize("provider", SERVICES)
def test_a_job_that_is_cancelled_does_not_wait_for_an_answer(road: Road, kind: str) -> None:
    """Its thread comes back while the service still says nothing, and what is paid for can be fetched later."""
    road.server.fault(kind, faults.stall())
    road.begin()
    road.until(lambda: road.server.count(kind) > 0)
    road.queue.cancel(JOB)
    begun = time.monotonic()
    road.until(lambda: not any(thread.name == f"sam3d-{road.provider}" for thread in threading.enumerate()))
    assert time.monotonic() - begun < STILL
    road.queue.drain()
    assert road.job.state is State.CANCELLED
    road.server.mend()
    check_ending(road, road.retry(), ARRIVES)


@pytest.mark.parametrize("provider", ["WAVESPEED"])
def test_a_job_that_is_cancelled_does_not_wait_for_its_upload(road: Road) -> None:
    road.server.fault("put", faults.stall())
    road.begin()
    road.until(lambda: road.server.count("put") > 0)
    road.queue.cancel(JOB)
    begun = time.monotonic()
    road.until(lambda: not any(thread.name == f"sam3d-{road.provider}" for thread in threading.enumerate()))
    assert time.monotonic() - begun < STILL
    assert road.server.submit_posts == 0


def test_the_limits_that_the_tables_make_smaller(limits: dict[str, int]) -> None:
    assert limits == {"file": 512 * 1024**2, "answer": 64 * 1024**2, "unpacked": 2 * 1024**3}
    assert response.LONGEST_WAIT == 600.0
    assert limits["file"] > http.LARGEST_FILE
    assert limits["answer"] > http.LARGEST_RESPONSE
    assert limits["unpacked"] > archive.MOST_UNPACKED


@pytest.mark.parametrize("hours", [(5, -5), (-3, 48), (24 * 365, 0)])
@pytest.mark.parametrize("provider", SERVICES)
def test_a_clock_that_jumps(road: Road, monkeypatch: pytest.MonkeyPatch, hours: tuple[int, int]) -> None:
    """With every look at it the clock has jumped, back or forth."""
    real, jumps = time.time, itertools.cycle(hours)
    monkeypatch.setattr(time, "time", lambda: real() + 3600 * next(jumps))
    road.server.job_seconds = 0.3
    road.server.fault("poll", faults.refuse(429, {"Retry-After": "0.02"}), times=1)
    job = road.go()
    check_ending(road, job, ARRIVES)
    assert job.elapsed(real()) >= 0.0
    assert road.server.polls < 20


@pytest.mark.parametrize("provider", SERVICES)
def test_a_clock_that_jumps_before_a_job_is_taken_up_again(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    road.server.fault("poll", faults.CUT_BEFORE)
    check_ending(road, road.go(), KEPT)
    road.server.mend()
    for job in road.server.jobs.values():
        job.started = time.monotonic()
    road.server.job_seconds = 0.3
    monkeypatch.setattr(polling, "LONGEST", 0.1)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600 * 100)
    check_ending(road, road.retry(), ARRIVES)
