# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist is told when a job ends otherwise than well, above all about the money. No bpy."""

import errno
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..providers.base import Service
from .model import Charge, Job, State

RETRY_IS_FREE = "Retry fetches the result at no cost."


def at_failure(message: str, job: Job, service: Service) -> str:
    """A failure's own sentence, and what it means for the money."""
    if not job.price:
        return message
    if job.charge is Charge.PERHAPS:
        return f"{message} It may have been charged: look into your account at {service.name} before you run it again."
    if job.fetchable:
        return f"{message} {RETRY_IS_FREE}"
    return f"{message} Nothing was charged." if job.charge is Charge.NOTHING else message


def at_cancel(job: Job, service: Service) -> str:
    """What cancelling means for a job in this state."""
    if not job.price:
        return "Cancelled."
    if job.model is not None:
        return "Cancelled, but the result had already arrived: press Import to use it."
    if job.charge is Charge.NOTHING:
        return "Cancelled before it was sent: nothing was charged."
    if job.task is None:
        return f"Cancelled while it was being sent: it may have been charged by {service.name}."
    return f"Cancelled here; {service.name} may finish and charge it all the same. {RETRY_IS_FREE}"


def at_start(job: Job, services: Mapping[str, Service]) -> Job:
    """A job of an earlier session as this one finds it: what was at work has lost its worker."""
    service = services.get(job.provider)
    if not job.at_work or service is None:
        return job
    message = at_failure("Blender was closed while this job was at work.", job, service)
    if job.request is None:
        message += " Press Reconstruct to start it anew."
    return replace(job, state=State.FAILED, finished=job.finished or job.created, stage="", message=message)


def disk_sentence(error: OSError | sqlite3.Error, folder: Path) -> str:
    """What an artist should know when the disk refuses."""
    if isinstance(error, sqlite3.Error):
        return f"The job could not be recorded ({error}): free some disk space and start it again."
    number = error.errno
    if number == errno.ENOSPC:
        return f"The disk is full: free some space for {folder.parent}, or choose another results folder."
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Nothing can be written to {folder.parent}: choose another results folder in the preferences."
    return (
        f"The results folder {folder.parent} cannot be used ({error.strerror}): choose another one in the preferences."
    )
