# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with a job, each in one sentence for an artist."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """WaveSpeed's codes for tasks that end without a result."""

    INPUT = 1401
    MEDIA = 1402
    FAILED = 1403
    TIMEOUT = 5004


class JobError(Exception):
    """A job cannot be done; `str(error)` is the sentence. `again`: another try with a fresh worker may help."""

    code = Code.FAILED
    again = True


class Refused(JobError):
    """The photo, the mask or an option cannot be used as it is: another try would end alike."""

    code = Code.INPUT
    again = False


class BadPicture(Refused):
    """A picture cannot be read."""

    code = Code.MEDIA


class OutOfMemory(JobError):
    """The GPU, or the computer, has too little memory for the job."""


class TookTooLong(JobError):
    """A worker was hung or too slow, and was ended."""

    code = Code.TIMEOUT


class WorkerLost(JobError):
    """The worker process ended, or its GPU failed it, in the middle of the job."""


class Stopped(Exception):
    """The job was cancelled, or the server is being shut down."""
