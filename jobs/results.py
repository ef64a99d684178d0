# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task has delivered, as jobs: the first result is the job's own, each other one becomes a job. No bpy."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..log import get_logger
from ..providers.base import Result, Subject
from ..providers.errors import ProviderError, UnexpectedResponse
from .group_of_people import stand_together
from .model import Destination, Job, State

LOG = get_logger(__name__)

Delivered = Result | ProviderError
"""One of a task's results, or the error in its place."""


def finished_jobs(job: Job, delivered: Sequence[Delivered]) -> list[Job]:
    """A job for each result of a task, by the task's first job; one that is missing has failed and can be fetched.

    Where a service names no cost, each bears its share of the stated price; else those that have come bear it all.
    """
    share = job.price / len(delivered)
    named = any(isinstance(result, Result) and result.cost is not None for result in delivered)
    destinations = _destinations(job, delivered)
    return [
        _with_result(job, result, number, 0.0 if named and isinstance(result, ProviderError) else share, destination)
        for number, (result, destination) in enumerate(zip(delivered, destinations, strict=True))
    ]


def fetched_again(job: Job, delivered: Sequence[Delivered]) -> Job:
    """A job whose task was fetched before, with its own of the results: the others are jobs that have theirs.

    Raises UnexpectedResponse where its own is still missing.
    """
    number = _number_of(job, delivered)
    result = delivered[number]
    if isinstance(result, ProviderError):
        sentence = missing_message(result, job.options.subject, number)
        raise UnexpectedResponse(sentence, raw=result.raw) from result
    destination = replace(job.destination, turn=job.destination.turn if result.frontal else 0.0)
    if job.model is None:  # its place is kept; its size next to the others is known only now
        destination = replace(destination, height=_destinations(job, delivered)[number].height)
    again = _with_result(job, replace(result, cost=job.cost), number, 0.0, destination)
    return replace(again, id=job.id, created=job.created)


def _number_of(job: Job, delivered: Sequence[Delivered]) -> int:
    """Which of a task's results is a job's own: that of the same file, else by the job's id."""
    for number, result in enumerate(delivered):
        if job.model is not None and isinstance(result, Result) and result.model.name == job.model.name:
            return number
    ids = [job_id(job.task_name, number) for number in range(len(delivered))]
    return ids.index(job.id) if job.id in ids else 0


def job_id(task_name: str, number: int) -> str:
    """The id of the job of a task's n-th result: the same each time, so that fetching again makes no further jobs."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{task_name} {number}").hex if number else task_name


def missing_message(error: ProviderError, subject: Subject, number: int) -> str:
    """The sentences for the n-th of several results, from 0, which could not be had."""
    what = "Person" if subject is Subject.BODY else "Result"
    return f"{what} {number + 1} did not arrive. {error}"


def _with_result(job: Job, result: Delivered, number: int, share: float, destination: Destination) -> Job:
    changes: dict[str, Any] = {"fraction": 1.0, "stage": "", "finished": time.time(), "destination": destination}
    if isinstance(result, ProviderError):
        message = missing_message(result, job.options.subject, number)
        changes |= {"state": State.FAILED, "message": message, "model": None, "extras": (), "cost": share}
    else:
        options = job.options
        changes |= {
            "state": State.READY,
            "message": "",
            "options": options if result.seed is None else replace(options, seed=result.seed),
            "model": result.model,
            "extras": result.extras,
            "pose": result.pose,
            "model_name": result.model_name,
            "cost": share if result.cost is None else result.cost,
            "notes": (*job.notes, *(note for note in result.notes if note not in job.notes)),
        }
    if number:
        # a moment later, to keep the order
        changes |= {"id": job_id(job.task_name, number), "created": job.created + number * 1e-3}
    return replace(job, **changes)


def _destinations(job: Job, delivered: Sequence[Delivered]) -> list[Destination]:
    """Where each result is to stand: variations beside the first, people as they stand to each other."""
    base = job.destination
    x, y, z = base.location
    places = [
        replace(base, location=(x + number * base.stride, y, z), turn=base.turn if _is_frontal(result) else 0.0)
        for number, result in enumerate(delivered)
    ]
    if job.options.subject is not Subject.BODY or len(delivered) < 2:
        return places
    models = [None if isinstance(result, ProviderError) else result.model for result in delivered]
    extras = [extra for result in delivered if isinstance(result, Result) for extra in result.extras]
    try:
        standings = stand_together(models, extras, base.height)
    except Exception:  # whatever it is, the results are there and paid for: they arrive beside one another
        LOG.exception("It could not be told how they stand to each other")
        return places
    return [
        replace(
            place,
            location=(x + dx / base.unit, y + dy / base.unit, z + dz / base.unit),
            height=standing.height,
        )
        for place, standing in zip(places, standings, strict=True)
        for dx, dy, dz in [standing.offset]
    ]


def _is_frontal(result: Delivered) -> bool:
    return isinstance(result, Result) and result.frontal
