# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever ends a job, the artist reads what it means for the money, and what to do."""

import errno
import sqlite3
from pathlib import Path

import pytest
from made_jobs import delivered, make_job, submitted

from sam3d.jobs.messages import cancel_message, disk_message, failure_message, recovered
from sam3d.jobs.model import AT_WORK, Charge, Job, State
from sam3d.providers import SERVICES

SERVICE = SERVICES["WAVESPEED"]
FOLDER = Path("/results/job")
JOB = make_job(FOLDER)
LOST = make_job(FOLDER, charge=Charge.POSSIBLE)


@pytest.mark.parametrize(
    ("job", "says", "never"),
    [
        (JOB, "Nothing was charged.", "Retry asks"),
        (LOST, "may have been charged: look into your account at WaveSpeedAI", "try again"),
        (submitted(JOB), "Retry asks for the result at no cost.", "try again"),
        (submitted(JOB, unfetchable=True), "try again", "charged"),
        (make_job(FOLDER, price=0.0), "try again", "charged"),
    ],
    ids=["not sent", "in doubt", "taken", "nothing to fetch", "free"],
)
def test_a_failure_tells_what_was_paid(job: Job, says: str, never: str) -> None:
    message = failure_message("The photo is blurred: try again", job, SERVICE)
    assert message.startswith("The photo is blurred") and message.endswith(".")
    assert says in message and never not in message


@pytest.mark.parametrize("end", [".", "!", "?", "…"])
def test_a_services_words_end_as_they_did(end: str) -> None:
    assert failure_message(f"No{end}", make_job(FOLDER, price=0.0), SERVICE) == f"No{end}"


@pytest.mark.parametrize(
    ("job", "says"),
    [
        (make_job(FOLDER, price=0.0), "Cancelled."),
        (JOB, "before it was sent: nothing was charged"),
        (LOST, "it may have been charged by WaveSpeedAI"),
        (submitted(JOB), "WaveSpeedAI may finish and charge it all the same. Retry asks"),
        (delivered(JOB), "the result had already arrived: press Import"),
    ],
    ids=["free", "not sent", "being sent", "taken", "arrived"],
)
def test_cancelling_tells_what_becomes_of_the_money(job: Job, says: str) -> None:
    assert says in cancel_message(job, SERVICE)


@pytest.mark.parametrize("state", sorted(AT_WORK))
def test_what_was_at_work_has_lost_its_worker(state: State) -> None:
    job = make_job(FOLDER, state=state, stage="Sending")
    found = recovered(job, SERVICE)
    assert (found.state, found.stage, found.finished) == (State.FAILED, "", job.created)
    assert "Blender was closed" in found.message and "anew" not in found.message
    assert (
        "Press Reconstruct to start it anew." in recovered(make_job(FOLDER, state=state, request=None), SERVICE).message
    )
    assert recovered(make_job(FOLDER, state=state, finished=1010.0), SERVICE).finished == 1010.0


@pytest.mark.parametrize("state", sorted(set(State) - AT_WORK))
def test_what_had_ended_stays_as_it_was(state: State) -> None:
    job = make_job(FOLDER, state=state)
    assert recovered(job, SERVICE) == job


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left"), "The disk is full: free some space for /results,"),
        (OSError(errno.EACCES, "Permission denied"), "Nothing can be written to /results"),
        (OSError(errno.EPERM, "Not permitted"), "Nothing can be written to /results"),
        (OSError(errno.EROFS, "Read-only"), "Nothing can be written to /results"),
        (OSError(errno.EIO, "Input/output error"), "/results cannot be used (Input/output error)"),
        (sqlite3.OperationalError("disk I/O error"), "could not be recorded (disk I/O error): free some disk space"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_disk_that_refuses_is_told_by_its_reason(error: OSError | sqlite3.Error, says: str) -> None:
    assert says in disk_message(error, FOLDER)
