# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a job's time is true: no time is promised that has gone by, and none that is nothing."""

from pathlib import Path

import pytest
from made_jobs import make_job, submitted

from sam3d.jobs.durations import clock, time_so_far, usual_time


@pytest.mark.parametrize(
    ("expected", "words"), [(0.2, "a few seconds"), (4.9, "a few seconds"), (7.6, "about 0:08"), (95.0, "about 1:35")]
)
def test_usual_time(expected: float, words: str) -> None:
    assert usual_time(expected) == words


@pytest.mark.parametrize(
    ("elapsed", "expected", "words"),
    [
        (12.0, 30.0, "0:12 of about 0:30"),
        (3.0, 2.0, "0:03 of a few seconds"),
        (12.0, 2.0, "0:12, longer than usual"),
        (31.0, 30.0, "0:31, longer than usual"),
        (-5.0, 30.0, "0:00 of about 0:30"),
        (3723.0, 30.0, "1:02:03, longer than usual"),
    ],
)
def test_time_so_far(tmp_path: Path, elapsed: float, expected: float, words: str) -> None:
    """Also where the computer's clock was set back meanwhile."""
    job = submitted(make_job(tmp_path))
    assert job.submitted is not None
    assert time_so_far(job, expected, job.submitted + elapsed) == words


def test_waiting_its_turn_is_no_work(tmp_path: Path) -> None:
    job = make_job(tmp_path)
    assert not time_so_far(job, 2.0, job.created + 60.0)


def test_hours() -> None:
    assert [clock(seconds) for seconds in (7.9, 59.99, 3600.0)] == ["0:07", "0:59", "1:00:00"]
