# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender is killed at each step of a job: the next one brings what was paid for, and pays for nothing again."""

import math
import os
from dataclasses import replace
from pathlib import Path

import pytest
from crash import JOB, SERVERS, Child, NextBlender, check_trust, check_whole, half_there, part_files, price, serving
from loopback import faults
from loopback.segmind import SegmindServer
from loopback.server import LoopbackServer

from sam3d.jobs.model import Charge, Job, State

SAYS_ONCE = ["WAVESPEED", "SEGMIND"]
"""Services that say a task's id only once: in the answer to its submit."""


def next_ones(folder: Path, provider: str, server: LoopbackServer, spent: float) -> Job:
    """What the next Blender makes of the job; the one after it finds the same and asks for nothing that costs."""
    posts = server.submit_posts
    with NextBlender(folder, provider, server.url) as later:
        job = later.follow()
        later.check_spent(spent)
        assert later.queue.awaited() == []  # it goes into a scene when the artist says so
    with NextBlender(folder, provider, server.url) as last:
        again = last.follow()
        last.check_spent(spent)
    assert (again.state, again.charge, again.message) == (job.state, job.charge, job.message)
    assert server.submit_posts == posts
    check_trust(server, folder)
    return job


def check_doubt(job: Job) -> None:
    """It may have been paid for, and that is what the artist is told."""
    assert (job.state, job.charge) == (State.FAILED, Charge.POSSIBLE)
    assert "closed before the answer" in job.message
    assert "may have been charged: look into your account" in job.message
    assert job.repeatable
    assert not job.fetchable


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a photo that never comes needs a named pipe")
def test_killed_while_the_photo_is_prepared(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "photo.png")
    with serving("WAVESPEED") as server:
        with Child(tmp_path, "WAVESPEED", server.url) as child:
            child.until((tmp_path / "results" / "job").is_dir)
            child.kill()
        (tmp_path / "photo.png").unlink()
        job = next_ones(tmp_path, "WAVESPEED", server, 0.0)
        assert (job.state, job.charge) == (State.FAILED, Charge.NOTHING)
        assert "Nothing was charged. Press Reconstruct" in job.message
        assert server.requests == []


@pytest.mark.parametrize("provider", SERVERS)
def test_killed_before_the_submit(tmp_path: Path, provider: str) -> None:
    with serving(provider) as server:
        with Child(tmp_path, provider, server.url, place="prepare") as child:
            child.until(lambda: child.said("held"))
            child.kill()
        job = next_ones(tmp_path, provider, server, 0.0)
        assert (job.state, job.charge) == (State.FAILED, Charge.NOTHING)
        assert "Nothing was charged." in job.message
        assert job.repeatable
        assert server.requests == []


@pytest.mark.parametrize("provider", SERVERS)
def test_killed_on_the_brink_of_the_submit(tmp_path: Path, provider: str) -> None:
    """It is on record as being submitted, and nothing was sent: only Runware can say so."""
    with serving(provider) as server:
        with Child(tmp_path, provider, server.url, place="submit") as child:
            child.until(lambda: child.said("held"))
            child.kill()
        job = next_ones(tmp_path, provider, server, price(provider) if provider in SAYS_ONCE else 0.0)
        assert server.submits == server.submit_posts == 0
        if provider in SAYS_ONCE:
            check_doubt(job)
        else:
            assert (job.state, job.unfetchable) == (State.FAILED, True)
            assert "most likely it never arrived there" in job.message


@pytest.mark.parametrize("provider", SERVERS)
def test_killed_during_the_submit(tmp_path: Path, provider: str) -> None:
    """The server has taken and charged it; half of the answer is on its way."""
    with serving(provider) as server:
        server.fault("submit", faults.stall())
        with Child(tmp_path, provider, server.url) as child:
            child.until(lambda: server.submits == 1)
            child.kill()
        server.mend()
        job = next_ones(tmp_path, provider, server, price(provider))
        assert server.submits == server.submit_posts == 1
        if provider in SAYS_ONCE:
            check_doubt(job)
        else:
            assert job.state is State.READY
            check_whole(job)


@pytest.mark.parametrize("provider", SERVERS)
def test_killed_with_an_answer_that_is_not_on_record(tmp_path: Path, provider: str) -> None:
    with serving(provider) as server:
        with Child(tmp_path, provider, server.url, place="submit+") as child:
            child.until(lambda: child.said("held"))
            child.kill()
        job = next_ones(tmp_path, provider, server, price(provider))
        assert server.submits == server.submit_posts == 1
        if provider in SAYS_ONCE:
            check_doubt(job)
        else:
            assert job.state is State.READY
            check_whole(job)


@pytest.mark.parametrize("answered", [0, 1])
@pytest.mark.parametrize("provider", SERVERS)
def test_killed_during_a_poll(tmp_path: Path, provider: str, answered: int) -> None:
    """The first one: right after the task is on record; and a later one."""
    with serving(provider) as server:
        server.job_seconds = math.inf
        server.fault("poll", faults.stall(), after=answered)
        with Child(tmp_path, provider, server.url) as child:
            child.until(lambda: server.polls == answered + 1)
            child.kill()
        server.mend()
        server.job_seconds = 0.0
        job = next_ones(tmp_path, provider, server, price(provider))
        assert server.submits == server.submit_posts == 1
        assert (job.state, job.charge) == (State.READY, Charge.CHARGED)
        check_whole(job)


@pytest.mark.parametrize("provider", SERVERS)
def test_killed_during_the_download(tmp_path: Path, provider: str) -> None:
    """Half of the file is there."""
    with serving(provider) as server:
        server.fault("download", faults.stall())
        with Child(tmp_path, provider, server.url) as child:
            child.until(lambda: half_there(tmp_path))
            child.kill()
        (part,) = part_files(tmp_path)
        assert part.stat().st_size < len(server.results[0].content)
        server.mend()
        job = next_ones(tmp_path, provider, server, price(provider))
        assert server.submits == server.submit_posts == 1
        assert job.state is State.READY
        check_whole(job)


def test_killed_with_some_of_several_results_there(tmp_path: Path) -> None:
    with serving("WAVESPEED") as server:
        server.results = [replace(server.results[0], name=f"model_{number}.glb") for number in range(3)]
        server.fault("download", faults.stall(), after=1)
        with Child(tmp_path, "WAVESPEED", server.url) as child:
            child.until(lambda: server.count("download") > 1 and half_there(tmp_path))
            child.kill()
        server.mend()
        assert next_ones(tmp_path, "WAVESPEED", server, price("WAVESPEED")).state is State.READY
        with NextBlender(tmp_path, "WAVESPEED", server.url) as later:
            later.follow()
            jobs = list(later.queue.jobs.values())
        assert [job.model.name for job in jobs if job.model] == ["model.glb", "model-2.glb", "model-3.glb"]
        for job in jobs:
            check_whole(job)
        assert server.submits == server.submit_posts == 1


@pytest.mark.parametrize("provider", SERVERS)
def test_killed_before_the_import(tmp_path: Path, provider: str) -> None:
    with serving(provider) as server:
        with Child(tmp_path, provider, server.url) as child:
            child.until(lambda: child.said("states READY"))
            child.kill()
        asked = len(server.requests)
        job = next_ones(tmp_path, provider, server, price(provider))
        assert job.state is State.READY
        check_whole(job)
        assert len(server.requests) == asked
        assert server.submits == server.submit_posts == 1


@pytest.mark.parametrize("kind", ["json", "glb"])
def test_segmind_killed_with_the_old_answer_in_the_folder(tmp_path: Path, kind: str) -> None:
    """Version 1 answers with the result itself: it is there, though not on record."""
    with serving("SEGMIND") as server:
        assert isinstance(server, SegmindServer)
        server.v2, server.v1_answer = 404, kind
        with Child(tmp_path, "SEGMIND", server.url, place="submit+") as child:
            child.until(lambda: child.said("held"))
            child.kill()
        job = next_ones(tmp_path, "SEGMIND", server, price("SEGMIND"))
        assert server.submits == 1
        assert job.state is State.READY
        check_whole(job)


def test_segmind_killed_with_half_of_the_old_answer(tmp_path: Path) -> None:
    with serving("SEGMIND") as server:
        assert isinstance(server, SegmindServer)
        server.v2, server.v1_answer = 404, "glb"
        server.fault("submit", faults.stall(), after=1)
        with Child(tmp_path, "SEGMIND", server.url) as child:
            child.until(lambda: half_there(tmp_path))
            child.kill()
        server.mend()
        check_doubt(next_ones(tmp_path, "SEGMIND", server, price("SEGMIND")))
        assert server.submits == 1


def test_runware_killed_while_it_waits_for_the_result_itself(tmp_path: Path) -> None:
    """Its sync mode: the answer to the submit would have been the result."""
    with serving("RUNWARE") as server:
        server.job_seconds = math.inf
        with Child(tmp_path, "RUNWARE", server.url, sync=True) as child:
            child.until(lambda: server.submits == 1)
            child.kill()
        server.job_seconds = 0.0
        job = next_ones(tmp_path, "RUNWARE", server, price("RUNWARE"))
        assert job.state is State.READY
        check_whole(job)
        assert server.submits == server.submit_posts == 1


@pytest.mark.parametrize("provider", SAYS_ONCE)
def test_what_is_in_doubt_is_paid_again_only_on_request(tmp_path: Path, provider: str) -> None:
    with serving(provider) as server:
        server.fault("submit", faults.stall(), times=1)
        with Child(tmp_path, provider, server.url) as child:
            child.until(lambda: server.submits == 1)
            child.kill()
        with NextBlender(tmp_path, provider, server.url) as later:
            check_doubt(later.follow())
            with pytest.raises(KeyError):
                later.queue.fetch_again(JOB)
            new_id = later.queue.run_again(JOB)
            later.until(lambda: later.queue.jobs[new_id].state is State.READY)
            later.check_spent(2 * price(provider))
            assert server.submits == server.submit_posts == 2
            check_whole(later.queue.jobs[new_id])
