# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk refuses after the submit, or a folder goes: what is paid for is fetched all the same, and paid once."""

import math
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from crash import JOB, KEY, SERVERS, Child, NextBlender, check_whole, make_new_job, serving

from sam3d.jobs import database
from sam3d.jobs.model import State
from sam3d.providers.base import Credentials


@pytest.mark.parametrize("provider", SERVERS)
def test_killed_and_the_journal_is_gone(tmp_path: Path, provider: str) -> None:
    """The second place alone knows the job."""
    with serving(provider) as server:
        server.job_seconds = math.inf
        receipts = tmp_path / "user" / "receipts" / f"{JOB}.receipt.json"
        with Child(tmp_path, provider, server.url) as child:
            child.until(lambda: server.polls >= 1)
            assert receipts.is_file()
            child.kill()
        for file in (tmp_path / "user").glob("journal.sqlite3*"):
            file.unlink()
        server.job_seconds = 0.0
        with NextBlender(tmp_path, provider, server.url) as later:
            job = later.follow()
            assert job.state is State.READY
            check_whole(job)
        assert server.submits == server.submit_posts == 1
        assert not receipts.exists()


def test_a_locked_journal_does_not_hold_up_what_is_paid_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "TIMEOUT", 0.05)
    journal = tmp_path / "user" / "journal.sqlite3"
    with serving("WAVESPEED") as server:
        server.job_seconds = math.inf
        with NextBlender(tmp_path, "WAVESPEED", server.url) as blender:
            blender.queue.start(make_new_job(tmp_path, "WAVESPEED"))
            blender.until(lambda: server.polls >= 1)
            with closing(sqlite3.connect(journal, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                server.job_seconds = 0.0
                job = blender.follow()
                assert job.state is State.READY
                check_whole(job)
        with NextBlender(tmp_path, "WAVESPEED", server.url) as later:
            assert later.follow().model == job.model  # recorded when the lock was gone
        assert server.submits == server.submit_posts == 1


@pytest.mark.parametrize("how", ["removed", "a file"])
@pytest.mark.parametrize("provider", SERVERS)
def test_the_results_folder_goes_during_a_job(tmp_path: Path, provider: str, how: str) -> None:
    with serving(provider) as server:
        server.job_seconds = math.inf
        with NextBlender(tmp_path, provider, server.url) as blender:
            blender.queue.start(make_new_job(tmp_path, provider))
            blender.until(lambda: server.polls >= 1)
            shutil.rmtree(tmp_path / "results")
            if how == "a file":
                (tmp_path / "results").write_text("in the way")
            chosen = tmp_path / "chosen"
            blender.queue.allow({provider: Credentials(server.url, KEY)}, 0.0, (chosen,))
            server.job_seconds = 0.0
            job = blender.follow()
            assert job.state is State.READY, job.message
            assert job.model is not None
            assert job.model.is_file()
            moved = chosen if how == "a file" else tmp_path / "results"
            assert job.folder.parent == moved
            assert any("could not be used" in note for note in job.notes) is (how == "a file")
        assert server.submits == server.submit_posts == 1
