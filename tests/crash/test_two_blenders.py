# SPDX-License-Identifier: GPL-3.0-or-later
"""Several Blenders share one journal: a job belongs to the one that has it, for as long as that one is alive."""

import math
import sqlite3
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest
from crash import JOB, Child, NextBlender, check_trust, check_whole, make_new_job, serving
from loopback import faults

from sam3d.jobs.model import State


def owners(folder: Path) -> dict[str, str]:
    """Which Blender has which job."""
    with closing(sqlite3.connect(folder / "user" / "journal.sqlite3")) as connection:
        return dict(connection.execute("SELECT id, owner FROM jobs").fetchall())


def test_a_second_blender_leaves_the_jobs_of_the_first_alone(tmp_path: Path) -> None:
    with serving("WAVESPEED") as server:
        server.job_seconds = math.inf
        with Child(tmp_path, "WAVESPEED", server.url) as first:
            first.until(lambda: server.polls >= 1)
            had_by = owners(tmp_path)
            with NextBlender(tmp_path, "WAVESPEED", server.url) as second:
                second.queue.drain()
                assert second.queue.jobs == {}
                assert second.queue.at_work() == []
            assert owners(tmp_path) == had_by
            assert list(had_by) == [JOB]
            server.job_seconds = 0.0
            first.until(lambda: first.said("states READY"))
            first.kill()
        with NextBlender(tmp_path, "WAVESPEED", server.url) as third:
            job = third.follow()
            assert job.state is State.READY
            check_whole(job)
        assert server.submits == server.submit_posts == 1
        check_trust(server, tmp_path)


def two_that_start_together(stack: ExitStack, folder: Path, url: str) -> list[Child]:
    """Two Blenders that have just looked at the journal, at the same moment."""
    both = [stack.enter_context(Child(folder, "RUNWARE", url, "resume")) for _ in range(2)]
    for child in both:
        child.until(partial(child.said, "about to look"))
    for child in both:
        child.go()
    for child in both:
        child.until(partial(child.said, "found"))
    return both


@pytest.mark.parametrize("attempt", range(3))
def test_one_of_two_blenders_that_start_together_takes_the_job(tmp_path: Path, attempt: int) -> None:
    with serving("RUNWARE") as server, ExitStack() as stack:
        server.job_seconds = math.inf
        with Child(tmp_path, "RUNWARE", server.url) as first:
            first.until(lambda: server.polls >= 1)
            first.kill()
        both = two_that_start_together(stack, tmp_path, server.url)
        taken = [child for child in both if child.said(f"found {JOB}")]
        assert len(taken) == 1, [child.lines for child in both]
        server.job_seconds = 0.0
        taken[0].until(lambda: taken[0].said("states READY"))
        assert server.submits == server.submit_posts == 1
        assert server.count("download") == 1
        assert len(list((tmp_path / "user").glob("*.alive"))) == 2  # the sign of the dead one is gone


def test_one_of_two_blenders_fetches_what_a_lost_network_has_left(tmp_path: Path) -> None:
    """The job had failed, so no Blender has it; both see it, and one goes on with it."""
    with serving("RUNWARE") as server, ExitStack() as stack:
        server.job_seconds = math.inf
        server.fault("poll", faults.refuse(503))
        with NextBlender(tmp_path, "RUNWARE", server.url) as first:
            first.queue.start(make_new_job(tmp_path, "RUNWARE"))
            assert first.follow().unfetched
        server.mend()
        both = two_that_start_together(stack, tmp_path, server.url)

        def leaves_it(child: Child) -> bool:
            """Whether it has come too late: before it looked at the journal, or after."""
            return child.lines[1] == "found" or child.said("states FAILED")

        both[0].until(lambda: any(map(leaves_it, both)))
        (taken,) = (child for child in both if not leaves_it(child))
        server.job_seconds = 0.0
        taken.until(lambda: taken.said("states READY"))
        assert server.count("download") == 1
        assert server.submits == server.submit_posts == 1
