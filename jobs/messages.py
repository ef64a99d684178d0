# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist is told when a job ends otherwise than well, above all about the money. No bpy."""

import errno
import re
import sqlite3
from dataclasses import replace
from pathlib import Path

from ..providers.base import Account, Service
from .model import Charge, Job, State

RETRY_IS_FREE = "Retry asks for the result at no cost."
ADVICE = re.compile(r"[:.,]( or| then)? (try again|press Retry)\b[^:.]*\.$", re.IGNORECASE)
"""The end of a sentence that says to try again, which does not know of the money."""


def failure_message(message: str, job: Job, service: Service) -> str:
    """A failure's own sentence, and what it means for the money."""
    message = message if message.endswith((".", "!", "?", "…")) else f"{message}."  # it may end in a service's words
    if not job.price:
        return message
    fact = without_advice(message)
    if job.fetchable:
        return f"{fact} {RETRY_IS_FREE}"
    if job.charge is Charge.POSSIBLE:
        account = f"your account at {service.name}"
        return f"{fact} The job may have been charged: look into {account} before you run it again."
    return f"{message} Nothing was charged." if job.charge is Charge.NOTHING else message


def without_advice(message: str) -> str:
    """The sentence for where it is already tried again, or where that must be thought over."""
    return ADVICE.sub(".", message)


def cancel_message(job: Job, service: Service) -> str:
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


def has_charged(job: Job, service: Service) -> str:
    """The beginning of a sentence on what a job may have cost, to be followed by what was charged."""
    return f"{service.name} {'may have charged' if job.charge is Charge.POSSIBLE else 'has taken'}"


def earlier_charge(job: Job, service: Service) -> tuple[str, ...]:
    """What a job that is run again in another's place has to say of that one's money."""
    if not job.price or job.charge is Charge.NOTHING:
        return ()
    return (f"{has_charged(job, service)} an earlier run of this job as well.",)


def recovered(job: Job, service: Service | None) -> Job:
    """A job of an earlier session as this one finds it: what was at work has lost its worker.

    `service` is None where this version does not know it.
    """
    if not job.at_work:
        return job
    message = _closed_message(job, service)
    return replace(job, state=State.FAILED, finished=job.finished or job.created, stage="", message=message)


def _closed_message(job: Job, service: Service | None) -> str:
    """What it means for a job that Blender was closed while it was at work."""
    if job.lost and job.message:  # it was only asked about once more: what is known of it is what was known
        return job.message
    if service is None:
        return "Blender was closed while this job was at work, and this version does not know its service."
    cause = "Blender was closed while this job was at work."
    if job.lost:
        cause = f"Blender was closed before the answer of {service.name} came."
    message = failure_message(cause, job, service)
    return message if job.request else f"{message} Press Reconstruct to start it anew."


def check_message(account: Account, service: Service) -> str:
    """What an answer about the account means: whether the key works, and whether there is credit for a run."""
    if account.balance is None:
        return account.note or "The key works."
    cheapest = min(
        account.prices.get(subject, capabilities.price) for subject, capabilities in service.capabilities.items()
    )
    if account.balance <= 0.0:
        return f"The key works, but there is no credit: top up the account at {service.name}."
    if account.balance < cheapest:
        shortage = f"too little credit for a run (${account.balance:.3f} of ${cheapest:.3f})"
        return f"The key works, but there is {shortage}: top up the account at {service.name}."
    return f"The key works. Balance ${account.balance:.2f}. {account.note}".rstrip()


def disk_message(error: OSError | sqlite3.Error, folder: Path) -> str:
    """What an artist should know when the disk refuses."""
    if isinstance(error, sqlite3.Error):
        return _record_message(error)
    number = error.errno
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"The disk is full: free some space for {folder.parent}, or choose another results folder."
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Nothing can be written to {folder.parent}: choose another results folder in the preferences."
    return (
        f"The results folder {folder.parent} cannot be used ({error.strerror}): choose another one in the preferences."
    )


def _record_message(error: sqlite3.Error) -> str:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "The job could not be recorded, because another program holds the list of jobs: start it again later."
    if code in (0, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return f"The job could not be recorded ({error}): free some disk space and start it again."
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return f"The job could not be recorded ({error}): let Blender write to its own folders, and start it again."
    return f"The job could not be recorded, because the list of jobs cannot be used ({error}): restart Blender."
