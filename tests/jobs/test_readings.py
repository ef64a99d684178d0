# SPDX-License-Identifier: GPL-3.0-or-later
"""Other readings of a draft's photo are made when they are wanted, and kept beside the draft."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sam3d.engine.draft import reconstruct
from sam3d.jobs.model import Destination, Job, State
from sam3d.jobs.readings import FILE, Reading, Readings, has_readings, others, readings_of
from sam3d.jobs.serialization import from_record, to_record
from sam3d.providers.base import ReconstructionOptions, Request, Subject
from sam3d.providers.errors import Cancelled

BOUND = 120.0
SIZE = 160


@pytest.fixture
def readings() -> Iterator[Readings]:
    made = Readings()
    yield made
    made.close()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A draft of a gray ball, as the provider leaves it."""
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5 - SIZE / 2
    mask = np.hypot(x, y) < 0.35 * SIZE
    photo = np.where(mask[..., None], np.uint8(150), np.uint8(235)) * np.ones(3, np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    Image.fromarray(mask.astype(np.uint8) * 255).save(tmp_path / "mask.png")
    draft = reconstruct(photo, mask)
    model = tmp_path / "draft.glb"
    model.write_bytes(draft.glb)
    options = ReconstructionOptions()
    return Job(
        id="job",
        provider="DRAFT",
        photo="ball",
        options=options,
        destination=Destination("", "Scene", "ball", "ball", (0.0, 0.0, 0.0)),
        folder=tmp_path,
        state=State.IMPORTED,
        request=Request("job", tmp_path / "photo.png", (tmp_path / "mask.png",), options, tmp_path),
        model=model,
        model_name=f"draft {draft.kind}",
        pose=draft.pose,
    )


def wait_for(readings: Readings) -> list[Reading]:
    found, end = readings.drain(), time.monotonic() + BOUND
    while readings.busy:
        assert time.monotonic() < end
        time.sleep(0.01)
        found += readings.drain()
    return found


def test_one_or_two_others_are_made_and_kept(readings: Readings, job: Job, tmp_path: Path) -> None:
    readings.want(job)
    found = wait_for(readings)
    assert tuple(found) == readings.known[job.id]
    assert (found[0].model, f"draft {found[0].kind}") == (job.model, job.model_name)
    rest = others(found, job)
    assert 1 <= len(rest) <= 2 and rest == found[1:]
    assert len({reading.kind for reading in found}) == len(found)
    for reading in found:
        assert reading.model.parent == reading.picture.parent == tmp_path
        with Image.open(reading.picture) as picture:
            assert picture.size == (256, 256)

    assert job.model is not None
    taken = replace(job, model=rest[0].model, model_name=f"draft {rest[0].kind}", pose=rest[0].pose)
    assert [reading.model for reading in others(found, taken)] == [job.model, *(each.model for each in rest[1:])]
    again = from_record(to_record(taken))
    assert (again.model, again.model_name) == (taken.model, taken.model_name)
    assert has_readings(again)


def test_what_is_there_is_not_made_again(readings: Readings, job: Job) -> None:
    first = readings_of(job, threading.Event())
    assert job.model is not None and job.request is not None
    written = {reading.model: reading.model.stat().st_mtime_ns for reading in first}
    job.request.photo.unlink()
    readings.want(job)
    assert [(each.kind, each.model) for each in wait_for(readings)] == [(each.kind, each.model) for each in first]
    assert written == {reading.model: reading.model.stat().st_mtime_ns for reading in first}


def test_pictures_that_are_gone_leave_no_readings(readings: Readings, job: Job) -> None:
    assert job.request is not None
    job.request.photo.unlink()
    readings.want(job)
    assert wait_for(readings) == [] and readings.known[job.id] == ()


@pytest.mark.parametrize("content", ["", "[", "[{}]", '{"kind": 1}'])
def test_a_damaged_note_of_them_takes_nothing_away(readings: Readings, job: Job, content: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(content)
    readings.want(job)
    assert len(wait_for(readings)) >= 2


def test_a_blender_that_closes_waits_for_none(job: Job, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        readings_of(job, stop)
    assert not (tmp_path / FILE).exists()


def test_only_drafts_of_objects_have_any(job: Job) -> None:
    assert has_readings(job)
    people = replace(job.options, subject=Subject.BODY)
    for change in ({"provider": "LOCAL"}, {"options": people}, {"model": None}, {"request": None}, {"pose": None}):
        assert not has_readings(replace(job, **change))
