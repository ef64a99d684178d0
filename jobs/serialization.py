# SPDX-License-Identifier: GPL-3.0-or-later
"""A job as JSON and back. No bpy.

The journal outlives every version, so its names never change: what is called otherwise in the code by now is renamed
here, on the way in and on the way out.
"""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..engine.matching.camera import PhotoCamera
from ..engine.matching.evidence import KnownPose
from ..providers.base import AddedPhoto, ReconstructionOptions, Request, Subject, Task
from .model import Charge, Destination, Job, State, legible

IN_JOURNAL = {"options": "wish", "unfetchable": "over"}
"""Fields of a job and of its request that the journal calls otherwise."""
HERE = {theirs: ours for ours, theirs in IN_JOURNAL.items()}
CHARGES = {Charge.NOTHING: "NOTHING", Charge.POSSIBLE: "PERHAPS", Charge.CHARGED: "TAKEN"}
"""What the journal calls them."""
ADDED = {
    "identity": "",
    "origin": None,
    "unit": 1.0,
    "source": "",
    "room": None,
    "replaces": (),
    "closed": False,
    "even_light": False,
    "placement": "",
    "camera": None,
}
"""Of a destination and of options, since the first version, with what they are where there is nothing to tell."""
KNOWN = {kind: frozenset(field.name for field in fields(kind)) for kind in (Job, Destination, ReconstructionOptions)}

Record = dict[str, Any]


def to_record(job: Job) -> Record:
    """Everything that there is to know of a job, as JSON knows it. A job holds no key, so neither does this."""
    record = asdict(job)
    record["folder"], record["model"] = str(job.folder), _text(job.model)
    record["extras"] = [str(path) for path in job.extras]
    record["charge"] = CHARGES[job.charge]
    record["destination"] = _told(record["destination"])
    record["options"] = _told(record["options"])
    if job.request is not None:
        request = job.request
        record["request"] = _renamed(
            {
                "id": request.id,
                "photo": str(request.photo),
                "masks": [str(path) for path in request.masks],
                "options": _told(asdict(request.options)),
            }
            | ({"views": [_view_record(view) for view in request.views]} if request.views else {}),
            IN_JOURNAL,
        )
    if job.task is not None:
        record["task"] = {"id": job.task.id, "answer": _text(job.task.response)}
    if not job.address:
        del record["address"]  # as the versions before wrote it
    del record["pose"]
    if job.pose is not None:
        record["pose"] = {"matrix": job.pose.matrix.tolist(), "focal": job.pose.focal}
    return _renamed(record, IN_JOURNAL)


def from_record(record: Record) -> Job:
    """The job that `to_record` has written; what a newer version has added is left out."""
    record = _renamed(record, HERE)
    folder = Path(record["folder"])
    request = _request(record["request"], folder)
    return Job(
        **_known(Job, record)
        | {
            "photo": legible(record["photo"]),
            "folder": folder,
            "state": State(record["state"]),
            "charge": {theirs: ours for ours, theirs in CHARGES.items()}[record["charge"]],
            "options": _options(record["options"]),
            "destination": _destination(record["destination"]),
            "request": request,
            "task": _task(record["task"], request),
            "model": _path(record["model"]),
            "extras": tuple(Path(path) for path in record["extras"]),
            "notes": tuple(record["notes"]),
            "pose": _pose(record.get("pose")),
        }
    )


def _told(record: Record) -> Record:
    """What there is to tell, as the first version wrote it where there is nothing more."""
    return {name: value for name, value in record.items() if name not in ADDED or value != ADDED[name]}


def _renamed(record: Record, names: dict[str, str]) -> Record:
    return {names.get(name, name): value for name, value in record.items()}


def _request(record: Record | None, folder: Path) -> Request | None:
    if record is None:
        return None
    record = _renamed(record, HERE)
    masks = tuple(Path(path) for path in record["masks"])
    views = tuple(_view(view) for view in record.get("views", ()))
    return Request(record["id"], Path(record["photo"]), masks, _options(record["options"]), folder, views)


def _view_record(view: AddedPhoto) -> Record:
    return asdict(view) | {"photo": str(view.photo), "mask": str(view.mask)}


def _view(record: Record) -> AddedPhoto:
    camera = record["camera"]
    return AddedPhoto(Path(record["photo"]), Path(record["mask"]), PhotoCamera(**camera) if camera else None)


def _task(record: Record | None, request: Request | None) -> Task | None:
    return None if record is None or request is None else Task(record["id"], request, _path(record["answer"]))


def _pose(record: Record | None) -> KnownPose | None:
    return None if record is None else KnownPose(np.array(record["matrix"], np.float64), record["focal"])


def _destination(record: Record) -> Destination:
    names = {name: legible(record[name]) for name in ("collection", "name")}
    places = {name: tuple(record[name]) for name in ("location", "origin", "room") if record.get(name) is not None}
    replaces = tuple((name, number) for name, number in record.get("replaces", ()))
    return Destination(**_known(Destination, record) | names | places | {"replaces": replaces})


def _options(record: Record) -> ReconstructionOptions:
    # JSON has no tuples.
    points, box = tuple((x, y) for x, y in record["points"]), record["box"]
    prompt, camera = legible(record["prompt"]), record.get("camera")
    plain = {
        "prompt": prompt,
        "subject": Subject(record["subject"]),
        "points": points,
        "box": tuple(box) if box else None,
        "camera": PhotoCamera(**camera) if camera else None,
    }
    return ReconstructionOptions(**_known(ReconstructionOptions, record) | plain)


def _known(kind: type[Job | Destination | ReconstructionOptions], record: Record) -> Record:
    """What this version knows of a record."""
    return {name: value for name, value in record.items() if name in KNOWN[kind]}


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
