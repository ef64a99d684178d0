# SPDX-License-Identifier: GPL-3.0-or-later
"""The subjects of one photo go their way together: one photo, one upload, places beside one another."""

import io
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from loopback import faults
from loopback.wavespeed import WaveSpeedServer
from numpy.typing import NDArray
from PIL import Image

from sam3d.jobs.journal import Journal
from sam3d.jobs.model import Destination, Job, State
from sam3d.jobs.queue import JobQueue
from sam3d.jobs.retry import RetryPolicy
from sam3d.jobs.worker import NewJob
from sam3d.photos import batch as batch_module
from sam3d.photos.batch import Batch, SubjectPrompt
from sam3d.photos.decode import open_picture
from sam3d.photos.errors import PhotoError
from sam3d.photos.layout import Frame
from sam3d.photos.picture import PictureFile
from sam3d.photos.prompts import PointPrompt, Prompts
from sam3d.providers import SERVICES, Credentials, ReconstructionOptions

WIDTH, HEIGHT = 400, 300
BOXES = [(20, 150, 120, 290), (180, 220, 240, 290), (300, 100, 390, 290)]
BOUND = 120.0


@pytest.fixture
def server() -> Iterator[WaveSpeedServer]:
    with WaveSpeedServer(balance=10.0) as made:
        yield made


@pytest.fixture
def queue(server: WaveSpeedServer, tmp_path: Path) -> Iterator[JobQueue]:
    made = JobQueue(SERVICES, tmp_path / "user" / "journal.sqlite3", RetryPolicy(tries=2, first=0.01, longest=0.05))
    made.allow({"WAVESPEED": Credentials(server.url, server.key)}, 0.0)
    yield made
    made.close()


def photo(folder: Path) -> PictureFile:
    path = folder / "desk.jpg"
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path, quality=90)
    return PictureFile(path)


def mask(folder: Path, box: tuple[int, int, int, int], size: tuple[int, int] = (WIDTH, HEIGHT)) -> PictureFile:
    image = Image.new("L", size)
    image.paste(255, box)
    path = folder / f"mask-{box[0]}-{box[1]}.png"
    image.save(path)
    return PictureFile(path)


def disc(center: tuple[int, int]) -> NDArray[np.bool_]:
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside: NDArray[np.bool_] = (x - center[0]) ** 2 + (y - center[1]) ** 2 < 50**2
    return inside


def discs(folder: Path) -> PictureFile:
    """A red disc at the left and a blue one at the right, on a background with some noise."""
    pixels = np.random.default_rng(2).normal(150, 12, (HEIGHT, WIDTH, 3))
    pixels[disc((80, 150))] = (190, 40, 30)
    pixels[disc((280, 150))] = (40, 60, 190)
    path = folder / "discs.png"
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)
    return PictureFile(path)


def iou(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    return float((first & second).sum() / (first | second).sum())


def new_jobs(batch: Batch, folder: Path, count: int, variations: int = 1, **destination: float) -> list[NewJob]:
    place = Destination("", "Scene", "desk", "thing", (10.0, 20.0, 30.0), **destination)  # type: ignore[arg-type]
    return [
        NewJob(
            batch,
            number,
            Job(
                id=f"job-{number}-{alternative}",
                provider="WAVESPEED",
                photo="desk",
                options=ReconstructionOptions(alternative=alternative),
                destination=place,
                folder=folder / "results" / f"{number}-{alternative}",
                group="one press",
                price=0.02,
            ),
            arranged=True,
        )
        for number in range(count)
        for alternative in range(variations)
    ]


def run(queue: JobQueue, new_jobs: list[NewJob]) -> dict[str, Job]:
    for new_job in new_jobs:
        queue.start(new_job)
    return finish(queue)


def finish(queue: JobQueue) -> dict[str, Job]:
    end = time.monotonic() + BOUND
    while queue.at_work():
        assert time.monotonic() < end, queue.jobs
        queue.drain()
        time.sleep(0.005)
    return queue.jobs


def test_one_upload_of_the_photo_serves_all(queue: JobQueue, server: WaveSpeedServer, tmp_path: Path) -> None:
    batch = Batch(photo(tmp_path), [SubjectPrompt((mask(tmp_path, box),)) for box in BOXES])
    jobs = run(queue, new_jobs(batch, tmp_path, 3))
    assert [job.state for job in jobs.values()] == [State.READY] * 3
    assert server.submits == 3
    assert server.count("put") == 4  # the photo and three masks
    assert len({submit.json["image"] for submit in server.of("submit")}) == 1
    assert len({submit.json["mask_images"][0] for submit in server.of("submit")}) == 3


def test_pictures_that_the_service_could_not_read_are_uploaded_anew(
    queue: JobQueue, server: WaveSpeedServer, tmp_path: Path
) -> None:
    server.outcome, server.error = "failed", (1402, "media fetch failed")
    jobs = run(queue, new_jobs(Batch(photo(tmp_path)), tmp_path, 1))
    (job,) = jobs.values()
    assert job.state is State.FAILED
    server.outcome = "completed"
    again = queue.run_again(job.id)
    assert finish(queue)[again].state is State.READY
    assert server.count("put") == 2


def test_they_stand_as_in_the_photo(queue: JobQueue, tmp_path: Path) -> None:
    batch = Batch(photo(tmp_path), [SubjectPrompt((mask(tmp_path, box),)) for box in BOXES])
    jobs = run(queue, new_jobs(batch, tmp_path, 3))
    places = [jobs[f"job-{number}-0"].destination for number in range(3)]
    assert [place.location[0] for place in places] == sorted(place.location[0] for place in places)
    assert all(place.location[1:] == (20.0, 30.0) for place in places)  # all stand on one line
    assert places[2].height == pytest.approx(1.0)
    assert places[1].height == pytest.approx(70 / 190)
    step = (places[2].location[0] - places[0].location[0]) * 190
    assert step == pytest.approx(345 - 70)
    recorded = {job.id: job for job in Journal(tmp_path / "user" / "journal.sqlite3").read()}
    assert [recorded[f"job-{number}-0"].destination for number in range(3)] == places
    assert all(job.group == "one press" for job in recorded.values())


def test_variations_stand_further_to_the_right(queue: JobQueue, tmp_path: Path) -> None:
    batch = Batch(photo(tmp_path), [SubjectPrompt((mask(tmp_path, box),)) for box in BOXES[:2]])
    jobs = run(queue, new_jobs(batch, tmp_path, 2, variations=2))
    first = [jobs[f"job-{number}-0"].destination.location[0] for number in range(2)]
    second = [jobs[f"job-{number}-1"].destination.location[0] for number in range(2)]
    assert first[0] < first[1] < second[0] < second[1]
    assert second[0] - first[0] == pytest.approx(second[1] - first[1])


def test_marks_become_masks_on_the_way(queue: JobQueue, server: WaveSpeedServer, tmp_path: Path) -> None:
    """A box for one, points for another: both are sent as masks to a service that takes no more."""
    marked = discs(tmp_path)
    prompts = [
        SubjectPrompt(prompts=Prompts(box=(20, 90, 145, 215))),
        SubjectPrompt(prompts=Prompts((PointPrompt(280, 150), PointPrompt(10, 10, positive=False)))),
    ]
    run(queue, new_jobs(Batch(marked, prompts), tmp_path, 2))
    for number, center in enumerate([(80, 150), (280, 150)]):
        sent = np.asarray(Image.open(tmp_path / "results" / f"{number}-0" / "mask.png")) > 0
        assert iou(sent, disc(center)) > 0.95
    assert server.submits == 2


def test_marks_that_the_service_understands_are_sent_as_they_are(tmp_path: Path) -> None:
    batch = Batch(discs(tmp_path), [SubjectPrompt(prompts=Prompts(box=(20, 90, 145, 215)), prompts_are_sent=True)])
    assert batch.subject_mask(0).masks == ()
    (place,), _ = batch.places(height=0.0, bodies=False)
    assert place.width == pytest.approx(1.0, abs=0.02)  # as wide as high: the disc's, not the photo's


def test_marks_outside_the_photo_are_refused(tmp_path: Path) -> None:
    batch = Batch(discs(tmp_path), [SubjectPrompt(prompts=Prompts((PointPrompt(900, 10),)))])
    with pytest.raises(PhotoError, match="outside the photo"):
        batch.subject_mask(0)


def test_marks_turn_with_the_photo(tmp_path: Path) -> None:
    """The artist marks the photo as Blender shows it, which is as it is stored; it is sent upright, and smaller."""
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    Image.open(discs(tmp_path).path).save(path, exif=exif, quality=95)
    chosen = Batch(PictureFile(path), [SubjectPrompt(prompts=Prompts((PointPrompt(280, 150),)))], 200).subject_mask(0)
    sent = np.asarray(Image.open(io.BytesIO(chosen.masks[0]))) > 0
    expected = Image.fromarray(disc((280, 150))).transpose(Image.Transpose.ROTATE_270).resize((150, 200))
    assert iou(sent, np.asarray(expected)) > 0.9


def test_a_mask_that_cannot_be_used_fails_alone(queue: JobQueue, server: WaveSpeedServer, tmp_path: Path) -> None:
    black = tmp_path / "black.png"
    Image.new("L", (WIDTH, HEIGHT)).save(black)
    pictures = mask(tmp_path, BOXES[0]), PictureFile(black), mask(tmp_path, BOXES[2])
    subjects = [SubjectPrompt((picture,)) for picture in pictures]
    jobs = run(queue, new_jobs(Batch(photo(tmp_path), subjects), tmp_path, 3))
    assert [job.state for job in jobs.values()] == [State.READY, State.FAILED, State.READY]
    assert "all black" in jobs["job-1-0"].message
    assert server.submits == 2


def test_one_that_fails_there_is_run_again_alone(queue: JobQueue, server: WaveSpeedServer, tmp_path: Path) -> None:
    server.fault("submit", faults.refuse(400), times=1)
    batch = Batch(photo(tmp_path), [SubjectPrompt((mask(tmp_path, box),)) for box in BOXES])
    jobs = run(queue, new_jobs(batch, tmp_path, 3))
    (failed,) = [job for job in jobs.values() if job.state is State.FAILED]
    server.mend()
    again = queue.run_again(failed.id)
    assert finish(queue)[again].state is State.READY
    assert queue.jobs[again].group == "one press"
    assert queue.jobs[again].destination == failed.destination
    assert server.submits == 3


def test_the_photo_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def counting(picture: PictureFile, role: str, longest_edge: int | None = None) -> object:
        opened.append(role)
        return open_picture(picture, role, longest_edge)

    monkeypatch.setattr(batch_module, "open_picture", counting)
    batch = Batch(photo(tmp_path), [SubjectPrompt((mask(tmp_path, box),)) for box in BOXES])
    for number in range(3):
        batch.places(height=0.0, bodies=False)
        assert batch.subject_mask(number).frame == Frame(*BOXES[number])
    assert opened == ["photo", "mask", "mask", "mask"]


def test_a_photo_that_cannot_be_used_is_told_to_each(tmp_path: Path) -> None:
    batch = Batch(PictureFile(tmp_path / "none.jpg"), [SubjectPrompt((mask(tmp_path, BOXES[0]),))] * 2)
    for number in range(2):
        with pytest.raises(PhotoError, match="file is missing"):
            batch.subject_mask(number)
