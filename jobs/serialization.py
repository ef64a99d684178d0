# SPDX-License-Identifier: GPL-3.0-or-later
"""A job as JSON and back. No bpy."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from ..providers.base import Request, Subject, Task, Wish
from .model import Charge, Destination, Job, State

KNOWN = {kind: frozenset(field.name for field in fields(kind)) for kind in (Job, Destination, Wish)}


def to_record(job: Job) -> dict[str, Any]:
    """Everything that there is to know of a job, as JSON knows it. A job holds no key, so neither does this."""
    record = asdict(job)
    record["folder"], record["model"] = str(job.folder), _text(job.model)
    record["extras"] = [str(path) for path in job.extras]
    if job.request is not None:
        request = job.request
        record["request"] = {
            "id": request.id,
            "photo": str(request.photo),
            "masks": [str(path) for path in request.masks],
            "wish": asdict(request.wish),
        }
    if job.task is not None:
        record["task"] = {"id": job.task.id, "answer": _text(job.task.answer)}
    return record


def from_record(record: dict[str, Any]) -> Job:
    """The job that `to_record` has written; what a newer version has added is left out."""
    folder = Path(record["folder"])
    request = _request(record["request"], folder)
    return Job(
        **_known(Job, record)
        | {
            "folder": folder,
            "state": State(record["state"]),
            "charge": Charge(record["charge"]),
            "wish": _wish(record["wish"]),
            "destination": _destination(record["destination"]),
            "request": request,
            "task": _task(record["task"], request),
            "model": _path(record["model"]),
            "extras": tuple(Path(path) for path in record["extras"]),
            "notes": tuple(record["notes"]),
        }
    )


def _request(record: dict[str, Any] | None, folder: Path) -> Request | None:
    if record is None:
        return None
    masks = tuple(Path(path) for path in record["masks"])
    return Request(record["id"], Path(record["photo"]), masks, _wish(record["wish"]), folder)


def _task(record: dict[str, Any] | None, request: Request | None) -> Task | None:
    return None if record is None or request is None else Task(record["id"], request, _path(record["answer"]))


def _destination(record: dict[str, Any]) -> Destination:
    return Destination(**_known(Destination, record) | {"location": tuple(record["location"])})


def _wish(record: dict[str, Any]) -> Wish:
    # JSON has no tuples.
    points, box = tuple((x, y) for x, y in record["points"]), record["box"]
    plain = {"subject": Subject(record["subject"]), "points": points, "box": tuple(box) if box else None}
    return Wish(**_known(Wish, record) | plain)


def _known(kind: type[Job | Destination | Wish], record: dict[str, Any]) -> dict[str, Any]:
    """What this version knows of a record."""
    return {name: value for name, value in record.items() if name in KNOWN[kind]}


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
