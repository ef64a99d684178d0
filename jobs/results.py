# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task has delivered, as jobs: the first result is the job's own, each other one becomes a job. No bpy."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..providers.base import Result
from .model import Job, State


def finished_jobs(job: Job, results: Sequence[Result]) -> list[Job]:
    """A job for each result; where a service names no cost, each bears its share of the stated price."""
    share = job.price / len(results)
    return [_with_result(job, result, number, share) for number, result in enumerate(results)]


def _with_result(job: Job, result: Result, number: int, share: float) -> Job:
    options = job.options
    changes: dict[str, Any] = {
        "state": State.READY,
        "fraction": 1.0,
        "stage": "",
        "message": "",
        "finished": time.time(),
        "options": options if result.seed is None else replace(options, seed=result.seed),
        "model": result.model,
        "extras": result.extras,
        "model_name": result.model_name,
        "cost": share if result.cost is None else result.cost,
        "destination": job.destination if result.frontal else replace(job.destination, turn=0.0),
        "notes": (*job.notes, *(note for note in result.notes if note not in job.notes)),
    }
    if number:
        # The same id each time, so that fetching again makes no further jobs; a moment later, to keep the order.
        changes["id"] = uuid.uuid5(uuid.NAMESPACE_OID, f"{job.id} {number}").hex
        changes["created"] = job.created + number * 1e-3
        x, y, z = job.destination.location
        changes["destination"] = replace(job.destination, location=(x + number * job.destination.stride, y, z))
    return replace(job, **changes)
