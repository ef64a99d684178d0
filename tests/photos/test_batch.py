# SPDX-License-Identifier: GPL-3.0-or-later
"""The subjects of one photo go their way together: one photo, one upload, places beside one another."""

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from loopback import faults
from loopback.wavespeed import WaveSpeedServer
from numpy.typing import NDArray
from PIL import Image

from sam3d.jobs.close_up_extras import add_whole_photo
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
from sam3d.photos.preparation import PreparedFiles, prepare
from sam3d.photos.prompts import NO_PROMPTS, PointPrompt, Prompts
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
            copies=variations,
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


LARGE = (8064, 6048)
"""The size of a photo of 48 megapixels."""


@pytest.fixture(scope="module")
def large_photo(tmp_path_factory: pytest.TempPathFactory) -> PictureFile:
    """Gray, with a red patch of 200 x 300 pixels."""
    image = Image.new("RGB", LARGE, (120, 130, 140))
    image.paste((200, 30, 20), PATCH)
    path = tmp_path_factory.mktemp("large") / "large.jpg"
    image.save(path, quality=92, subsampling=0)
    return PictureFile(path)


PATCH = (6000, 1000, 6200, 1300)


def close_up_of(
    batch: Batch, folder: Path, number: int = 0, prompts: Prompts = NO_PROMPTS, **options: bool
) -> tuple[PreparedFiles, NDArray[np.uint8]]:
    prepared = prepare(batch, number, folder, prompts, takes_close_ups=True, **options)
    return prepared, np.asarray(Image.open(prepared.photo).convert("RGB"))


def red(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((pixels[..., 0] > 160) & (pixels[..., 2] < 80))


def test_a_small_subject_of_a_large_photo_arrives_with_all_its_pixels(large_photo: PictureFile, tmp_path: Path) -> None:
    batch = Batch(large_photo, [SubjectPrompt((mask(tmp_path, PATCH, LARGE),))])
    prepared, sent = close_up_of(batch, tmp_path)
    (white,) = (np.asarray(Image.open(path)) > 0 for path in prepared.masks)
    assert max(sent.shape) == 2048 and white.shape == sent.shape[:2]
    assert white.sum() == 200 * 300
    assert (red(sent) != white).mean() < 1e-4
    told = json.loads((tmp_path / "close-up.json").read_text())
    left, top, _, _ = told["window"]
    rows, columns = np.nonzero(white)
    assert (columns.min() + left, rows.min() + top) == PATCH[:2]
    assert told["photo_size"] == list(LARGE)


def test_the_places_of_close_ups_are_those_of_the_photo(large_photo: PictureFile, tmp_path: Path) -> None:
    boxes = [PATCH, (400, 3000, 1400, 5000)]
    places, _ = Batch(large_photo, [SubjectPrompt((mask(tmp_path, box, LARGE),)) for box in boxes]).places(
        height=0.0, bodies=False
    )
    assert places[0].height / places[1].height == pytest.approx(300 / 2000, rel=0.02)
    assert places[1].x < places[0].x


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_close_up_of_a_lying_photo_is_upright_with_all_that_goes_along(tmp_path: Path, orientation: int) -> None:
    """Mask, box and points are told over the photo as Blender shows it."""
    image = Image.new("RGB", (3000, 2000), (120, 130, 140))
    box = (2500, 1500, 2700, 1600)
    image.paste((200, 30, 20), box)
    image.paste((255, 255, 0), (2500, 1500, 2520, 1510))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "lying.png"
    image.save(path, exif=exif)
    prompts = Prompts((PointPrompt(2605, 1550),), box)
    subject = SubjectPrompt((mask(tmp_path, box, image.size),), prompts)
    prepared, sent = close_up_of(Batch(PictureFile(path), [subject], 600), tmp_path, prompts=prompts)
    rows, columns = np.nonzero(np.asarray(Image.open(prepared.masks[0])))
    assert prepared.prompts.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert len(rows) == 200 * 100
    ((x, y),) = prepared.prompts.positive_points
    assert red(sent)[round(y), round(x)]
    yellow = np.nonzero((sent[..., 1] > 200) & (sent[..., 2] < 60))
    corner = {3: (-1, -1), 6: (0, -1), 8: (-1, 0)}[orientation]
    assert len(yellow[0]) == 200
    ends = [
        (low if end == 0 else high)
        for end, low, high in zip(corner, (rows.min(), columns.min()), (rows.max(), columns.max()), strict=True)
    ]
    assert ends[0] in yellow[0] and ends[1] in yellow[1]


def test_all_masks_of_one_run_are_in_its_close_up(large_photo: PictureFile, tmp_path: Path) -> None:
    boxes = [PATCH, (5000, 1400, 5100, 1500)]
    subject = SubjectPrompt(tuple(mask(tmp_path, box, LARGE) for box in boxes))
    prepared, _ = close_up_of(Batch(large_photo, [subject]), tmp_path)
    areas = [(np.asarray(Image.open(path)) > 0).sum() for path in prepared.masks]
    assert areas == [200 * 300, 100 * 100]


def test_what_a_close_up_would_not_gain_or_might_miss_is_sent_whole(large_photo: PictureFile, tmp_path: Path) -> None:
    """A large subject; one that points alone tell; a service that reckons with the camera."""
    whole = (1536, 2048, 3)
    large = Batch(large_photo, [SubjectPrompt((mask(tmp_path, (100, 100, 6000, 5900), LARGE),))])
    assert close_up_of(large, tmp_path)[1].shape == whole
    pointed = Prompts((PointPrompt(6100, 1100),))
    clicked = Batch(large_photo, [SubjectPrompt(prompts=pointed, prompts_are_sent=True)])
    assert close_up_of(clicked, tmp_path, prompts=pointed)[1].shape == whole
    person = prepare(Batch(large_photo, [SubjectPrompt((mask(tmp_path, PATCH, LARGE),))]), 0, tmp_path)
    with Image.open(person.photo) as sent:
        assert sent.size == whole[1::-1]


def test_a_box_that_is_sent_is_in_its_close_up(large_photo: PictureFile, tmp_path: Path) -> None:
    boxed = Prompts(box=PATCH)
    batch = Batch(large_photo, [SubjectPrompt(prompts=boxed, prompts_are_sent=True)])
    prepared, sent = close_up_of(batch, tmp_path, prompts=boxed)
    rows, columns = np.nonzero(red(sent))
    assert prepared.masks == () and prepared.prompts.box is not None
    assert prepared.prompts.box == pytest.approx((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1), abs=1)
    assert columns.max() - columns.min() == pytest.approx(199, abs=1)


def test_alpha_and_cut_outs_have_close_ups_too(tmp_path: Path) -> None:
    image = Image.new("RGBA", (4000, 3000), (0, 0, 0, 0))
    image.paste((200, 30, 20, 255), (3000, 2000, 3200, 2300))
    path = tmp_path / "clear.png"
    image.save(path)
    prepared, _ = close_up_of(Batch(PictureFile(path), longest_edge=512), tmp_path)
    assert (np.asarray(Image.open(prepared.masks[0])) > 0).sum() == 200 * 300
    prepared, sent = close_up_of(Batch(PictureFile(path), longest_edge=512), tmp_path, takes_masks=False)
    assert prepared.masks == () and red(sent).sum() == 200 * 300


def test_a_close_ups_camera_is_told_for_the_whole_photo(tmp_path: Path) -> None:
    told = {"photo_size": [8000, 6000], "window": [4000, 1000, 7000, 4000], "size": [1500, 1500]}
    (tmp_path / "close-up.json").write_text(json.dumps(told))
    details, other = tmp_path / "details.json", tmp_path / "other.json"
    details.write_text(json.dumps({"focal_length": 1200.0, "size": [1500, 1500], "objects": []}))
    other.write_text("[1]")
    for _ in range(2):  # fetched again, it stays
        add_whole_photo([details, other, tmp_path / "gone.json"], tmp_path)
    photo = json.loads(details.read_text())["photo"]
    assert photo["focal_length"] == 2400.0 and photo["principal_point"] == [5500, 2500]
