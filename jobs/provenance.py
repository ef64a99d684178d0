# SPDX-License-Identifier: GPL-3.0-or-later
"""A small JSON beside each result that tells how it was made, for people and for scripts. No bpy."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from ..engine.atomic_write import write_atomic
from ..providers.base import AddedPhoto
from .close_up_extras import read_close_up
from .model import Job


def write_provenance(job: Job) -> None:
    """Write NAME.json beside the job's NAME.glb; raises OSError where the disk refuses."""
    assert job.model is not None
    path = job.model.with_suffix(".json")
    text = json.dumps(_told(job), indent=2, ensure_ascii=False) + "\n"
    write_atomic(path, text.encode("utf-8", "backslashreplace"))  # half a character becomes an escape of JSON


def _told(job: Job) -> dict[str, Any]:
    request, options, close_up = job.request, job.options, read_close_up(job.folder)
    return {
        "made_by": "SAM 3D for Blender",
        "service": job.provider,
        "model": job.model_name,
        "subject": options.subject.value,
        "photo": job.photo,
        "name": job.destination.name,
        "prompt": options.prompt,
        "points": options.points,
        "box": options.box,
        "seed": options.seed,
        "cost_in_dollars": job.cost,
        "started": _moment(job.created),
        "finished": _moment(job.finished),
        "job": job.id,
        "task": None if job.task is None else job.task.id,
        "files": {
            "photo": None if request is None else request.photo.name,
            "masks": [] if request is None else [mask.name for mask in request.masks],
            "model": None if job.model is None else job.model.name,
            "extras": [_inside(extra, job.folder) for extra in job.extras],
        }
        | ({"views": [_view(view, job.folder) for view in request.views]} if request and request.views else {}),
        "notes": job.notes,
    } | ({} if close_up is None else {"close_up": close_up})


def _view(view: AddedPhoto, folder: Path) -> dict[str, str]:
    return {"photo": _inside(view.photo, folder), "mask": _inside(view.mask, folder)}


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def _inside(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
