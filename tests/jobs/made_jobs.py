# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as they stand at one moment, without the road that leads there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sam3d.jobs.model import Charge, Destination, Job, State
from sam3d.providers.base import ReconstructionOptions, Request, Subject, Task


def make_job(folder: Path, name: str = "job", state: State = State.WAITING, **changes: Any) -> Job:
    """A job with its request; `folder` is its own."""
    options = ReconstructionOptions(Subject.BODY, "a dancer", ((10.0, 20.5), (3.0, 4.0)), (1, 2, 30, 40), seed=7)
    job = Job(
        id=name,
        provider="WAVESPEED",
        photo="stage.jpg",
        options=options,
        destination=Destination("/stage.blend", "Scene", "stage", "dancer", (1.0, 2.0, 3.0), height=1.7),
        folder=folder,
        price=0.02,
        created=1000.0,
        state=state,
        request=Request(name, folder / "photo.jpg", (folder / "mask.png",), options, folder),
    )
    return replace(job, **changes)


def submitted(job: Job, **changes: Any) -> Job:
    """The job once its service has taken it."""
    assert job.request is not None
    return replace(job, task=Task("task-1", job.request), charge=Charge.CHARGED, submitted=1001.0, **changes)


def delivered(job: Job, **changes: Any) -> Job:
    """The job once its result lies in its folder."""
    done = {
        "state": State.READY,
        "finished": 1031.5,
        "model": job.folder / "model.glb",
        "extras": (job.folder / "parts" / "keypoints.json", job.folder.parent / "elsewhere.ply"),
        "model_name": "sam-3d-body",
        "cost": 0.015,
        "notes": ("A note.",),
    }
    return submitted(job, **done | changes)
