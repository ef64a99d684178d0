# SPDX-License-Identifier: GPL-3.0-or-later
"""Other shapes that a draft's photo may show, made after it on a thread of its own, and kept beside it. No bpy.

They are made when they are first wanted, from the pictures in the job's folder, so drafts of earlier versions get
theirs, too.
"""

import json
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..engine.atomic_write import write_atomic
from ..engine.matching.evidence import KnownPose
from ..log import get_logger
from ..providers.base import Subject
from ..providers.draft.readings import make_readings
from ..providers.errors import Cancelled, InvalidInput
from .model import Job
from .thumbnails import look_at

LOG = get_logger(__name__)
FILE = "readings.json"
DRAFT = "draft "
"""Before the kind of shape in the name of a draft's model."""
MOST = 2
"""Readings beside the one that has come."""


@dataclass(frozen=True)
class Reading:
    """A draft of the same photo: its kind of shape, its model and picture, and how the engine has seen it.

    `written` is when the picture was.
    """

    kind: str
    model: Path
    picture: Path
    written: int
    pose: KnownPose


def kind_of(job: Job) -> str:
    """The kind of shape that a job's model is; empty for what is no draft."""
    return job.model_name.removeprefix(DRAFT) if job.model_name.startswith(DRAFT) else ""


def has_readings(job: Job) -> bool:
    """Whether other readings of a job's photo can be made."""
    return (
        job.provider == "DRAFT"
        and job.options.subject is Subject.OBJECT
        and job.model is not None
        and job.request is not None
        and job.pose is not None
        and bool(kind_of(job))
    )


class Readings:
    """Those that were asked for. Every method is for the main thread and returns at once, but `close`."""

    def __init__(self) -> None:
        """None is wanted yet."""
        self.known: dict[str, tuple[Reading, ...]] = {}
        """What was found, by the ids of jobs."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sam3d-readings")
        self._made: deque[tuple[str, tuple[Reading, ...]]] = deque()
        self._asked: set[str] = set()
        self._stop = threading.Event()

    @property
    def busy(self) -> bool:
        """Whether readings are being made or wait to be drained."""
        return bool(self._asked)

    def want(self, job: Job) -> None:
        """See to the readings of a job that has them."""
        if job.id not in self.known and job.id not in self._asked:
            self._asked.add(job.id)
            self._thread.submit(self._work, job)

    def drain(self) -> list[Reading]:
        """Take over what was made since."""
        found: list[Reading] = []
        while self._made:
            job, readings = self._made.popleft()
            self.known[job] = readings
            self._asked.discard(job)
            found += readings
        return found

    def close(self) -> None:
        """Drop what waits, and stop the one that is being made."""
        self._stop.set()
        self._thread.shutdown(cancel_futures=True)

    def _work(self, job: Job) -> None:
        found: tuple[Reading, ...] = ()
        try:
            found = readings_of(job, self._stop)
        except Cancelled:
            pass
        except (OSError, InvalidInput) as error:
            LOG.info("No other readings of %s: %s", job.model, error)
        except Exception:  # the last resort: what nobody foresaw must not keep the others waiting
            LOG.info("No other readings of %s", job.model, exc_info=True)
        self._made.append((job.id, found))


def readings_of(job: Job, stop: threading.Event) -> tuple[Reading, ...]:
    """All readings of a job, that which has come first, made where they were not yet; one alone counts as none.

    Raises Cancelled once `stop` is set, OSError and InvalidInput where they cannot be made.
    """
    assert job.model is not None
    file = job.model.with_name(FILE)
    try:
        found = _read(file)
    except (OSError, ValueError, KeyError, TypeError):
        write_atomic(file, json.dumps(_make(job, stop)).encode())
        found = _read(file)
    return tuple(found) if len(found) > 1 else ()


def _read(file: Path) -> list[Reading]:
    """What is noted, with pictures; raises OSError, ValueError, KeyError or TypeError where that is not readable."""
    found = []
    for entry in json.loads(file.read_bytes()):
        model = file.with_name(entry["model"])
        pose = KnownPose(np.array(entry["matrix"], np.float64).reshape(4, 4), float(entry["focal"]))
        thumbnail = look_at(model)
        if thumbnail.file is not None:
            found.append(Reading(entry["kind"], model, thumbnail.file, thumbnail.file.stat().st_mtime_ns, pose))
    return found


def _make(job: Job, stop: threading.Event) -> list[dict[str, object]]:
    """Make the models of further readings beside a job's own; gives what there is to note of all."""
    request, model = job.request, job.model
    assert request is not None and model is not None and job.pose is not None

    def report(_fraction: float, _stage: str) -> None:
        if stop.is_set():
            raise Cancelled

    made = make_readings(request, kind_of(job), model, MOST, report)
    return [_entry(kind_of(job), model, job.pose), *(_entry(*reading) for reading in made)]


def _entry(kind: str, model: Path, pose: KnownPose) -> dict[str, object]:
    return {"kind": kind, "model": model.name, "matrix": pose.matrix.tolist(), "focal": pose.focal}


def others(readings: Sequence[Reading], job: Job) -> list[Reading]:
    """The readings that a job's model is not."""
    return [reading for reading in readings if reading.model != job.model]
