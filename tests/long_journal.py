# SPDX-License-Identifier: GPL-3.0-or-later
"""A journal as years of work leave it behind."""

import io
import json
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from sam3d.engine.gltf.writer import write_glb
from sam3d.jobs import database
from sam3d.jobs.model import Charge, Destination, Job, State
from sam3d.jobs.serialization import to_record
from sam3d.providers.base import ReconstructionOptions, Request, Subject, Task

LEFT_OPEN = 20
BALL = 80
"""Quads of a model from pole to pole, and around."""
A_JOB_EVERY = 3600.0
"""Seconds between two jobs of the past."""
FAILURE = (
    "The reconstruction failed at WaveSpeedAI (no object was found): try another photo, prompt or mask. "
    "It may have been charged: look into your account at WaveSpeedAI before you run it again."
)
NOTE = "The mask (1024 x 768) was stretched to the photo's shape."


def make_journal(path: Path, count: int) -> None:
    """Write a journal of `count` jobs, the newest now: most imported, some failed, LEFT_OPEN of them still to fetch."""
    database.create(path)
    jobs = list(_jobs(path.parent / "results", count))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO jobs VALUES (?, ?, ?, '', ?)",
            [(job.id, job.created, job.unfetched, json.dumps(to_record(job))) for job in jobs],
        )
        connection.executemany(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)",
            [
                (job.id, job.provider, job.options.subject.value, _day(job.created), job.cost, _seconds(job))
                for job in jobs
            ],
        )


def make_models(path: Path, count: int) -> None:
    """Give the latest jobs of a journal that have arrived the models that they name: a ball with a texture."""
    across, down = np.meshgrid(np.linspace(0, 2 * np.pi, BALL + 1), np.linspace(0, np.pi, BALL + 1))
    places = np.stack([np.sin(down) * np.sin(across), np.cos(down), np.sin(down) * np.cos(across)], -1).reshape(-1, 3)
    first = (np.arange(BALL)[:, None] * (BALL + 1) + np.arange(BALL)).ravel()
    faces = np.concatenate(
        [
            np.stack([first, first + BALL + 1, first + 1], 1),
            np.stack([first + 1, first + BALL + 1, first + BALL + 2], 1),
        ]
    )
    uv = np.stack([across, down], -1).reshape(-1, 2) / (2 * np.pi, np.pi)
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (512, 512, 3), np.uint8)).save(stream, "JPEG")
    glb = write_glb(places, places.astype(np.float32), uv, faces, stream.getvalue())
    with closing(sqlite3.connect(path)) as connection:
        records = connection.execute("SELECT record FROM jobs ORDER BY created DESC LIMIT ?", (count,)).fetchall()
    for (record,) in records:
        if model := json.loads(record)["model"]:
            Path(model).parent.mkdir(parents=True)
            Path(model).write_bytes(glb)


def _jobs(results: Path, count: int) -> Iterator[Job]:
    numbers, now = random.Random(1), time.time()
    for number in range(count):
        job_id = f"{numbers.getrandbits(128):032x}"
        folder = results / f"2026-01-31_12-00-00_market stall {number}_{job_id[:6]}"
        points = tuple((float(numbers.randrange(2000)), float(numbers.randrange(1500))) for _ in range(4))
        options = ReconstructionOptions(
            numbers.choice(list(Subject)), "a wooden market stall with fruit", points, seed=number
        )
        request = Request(job_id, folder / "photo.jpg", (folder / "mask.png",), options, folder)
        created = now - (count - number) * A_JOB_EVERY
        job = Job(
            id=job_id,
            provider=numbers.choice(["WAVESPEED", "SEGMIND", "RUNWARE"]),
            photo="market stall.jpg",
            options=options,
            destination=Destination("/projects/market/square.blend", "Scene", "market stall", "stall", (1.0, 2.0, 0.0)),
            folder=folder,
            price=0.02,
            created=created,
            state=State.IMPORTED,
            fraction=1.0,
            submitted=created + 1.0,
            finished=created + numbers.uniform(18.0, 45.0),
            request=request,
            task=Task(f"pred_{numbers.getrandbits(64):016x}", request),
            charge=Charge.CHARGED,
            model=folder / "model.glb",
            extras=(folder / "model.ply", folder / "artifacts.zip"),
            model_name="wavespeed-ai/sam-3d-objects",
            cost=0.02,
            notes=(NOTE,),
        )
        if number % (count // LEFT_OPEN) == 0:
            job = replace(job, state=State.FAILED, model=None, extras=(), message=FAILURE)
        elif number % 4 == 1:
            job = replace(job, state=State.FAILED, model=None, extras=(), message=FAILURE, unfetchable=True)
        yield job


def _day(moment: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(moment))


def _seconds(job: Job) -> float | None:
    return None if job.finished is None or job.submitted is None else job.finished - job.submitted
