# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of one photo get their places in it, which are kept beside them; journals know of it, and did without."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from math import radians
from pathlib import Path

import numpy as np
import pytest
from made_jobs import delivered, make_job
from photo_of_blocks import CABINET, CHAIR, TRUCK, Standing, take_photo, write_model
from PIL import Image

from sam3d.engine.arrays import Mask
from sam3d.engine.matching.camera import PhotoCamera, focal_of_lens
from sam3d.engine.matching.evidence import KnownPose
from sam3d.engine.matching.guides import Guide, GuideError
from sam3d.jobs.matching import match_arriving, match_jobs
from sam3d.jobs.model import AS_IN_PHOTO, BEING_PLACED, OTHERS_FIRST, Job, State
from sam3d.jobs.places import read_place, write_place
from sam3d.jobs.scene_scale import Extent, scene_scale
from sam3d.jobs.serialization import from_record, to_record
from sam3d.photos.batch import Batch, SubjectPrompt
from sam3d.photos.camera_guesses import CameraWishes
from sam3d.photos.picture import PictureFile
from sam3d.photos.prompts import Prompts
from sam3d.photos.whole_photo import LONGEST_EDGE, read_whole_photo, write_whole_photo
from sam3d.providers.base import Subject

WIDTH, HEIGHT = 720, 480
TRUE = PhotoCamera(WIDTH, HEIGHT, focal_of_lens(42, WIDTH, HEIGHT), radians(22), radians(-1))
THREE = {
    "truck": Standing(TRUCK, (-0.55, 2.2, 0), 0.7, radians(65)),
    "chair": Standing(CHAIR, (0.2, 2.9, 0), 0.8, radians(-30)),
    "cabinet": Standing(CABINET, (0.75, 2.3, 0), 0.6, radians(160)),
}
KNOWN = CameraWishes(camera=TRUE)


def taken(folder: Path, *, lens: int = 0) -> tuple[PictureFile, list[PictureFile]]:
    """A photo of three things and their masks, as files; its EXIF tells a lens where one is given."""
    picture, masks = take_photo(TRUE, list(THREE.values()))
    exif = Image.Exif()
    if lens:
        exif.get_ifd(0x8769)[0xA405] = lens
    Image.fromarray(picture).save(folder / "photo.png", exif=exif)
    return PictureFile(folder / "photo.png"), [
        saved(folder / f"{name}.png", mask) for name, mask in zip(THREE, masks, strict=True)
    ]


def saved(file: Path, mask: Mask) -> PictureFile:
    Image.fromarray(mask.astype(np.uint8) * 255).save(file)
    return PictureFile(file)


def placed_jobs(folder: Path, batch: Batch, names: Sequence[str] = tuple(THREE), *, height: float = 0.0) -> list[Job]:
    """Jobs whose results have come, one for each thing."""
    jobs = []
    for number, name in enumerate(names):
        own = folder / f"job {name}"
        own.mkdir()
        write_whole_photo(batch, number, own)
        job = make_job(own, name, group="one press")
        destination = replace(job.destination, name=name, placement=AS_IN_PHOTO, height=height)
        options = replace(job.options, subject=Subject.OBJECT)
        done = delivered(replace(job, destination=destination, options=options))
        jobs.append(replace(done, model=write_model(own / "model.glb", THREE[name].blocks)))
    return jobs


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    photo, masks = taken(tmp_path)
    return Batch(photo, [SubjectPrompt((mask,)) for mask in masks])


def test_results_get_their_places_and_keep_them(tmp_path: Path, batch: Batch) -> None:
    jobs = placed_jobs(tmp_path, batch, height=2.4)
    match = match_jobs(jobs, KNOWN)
    assert match.camera == TRUE and match.photo.size == (WIDTH, HEIGHT)
    for job in jobs:
        place, one = match.places[job.id], THREE[job.id]
        assert place.placed.base is not None
        assert np.linalg.norm(np.array(place.placed.base) - one.base) < 0.02
        assert abs(np.cbrt(np.linalg.det(place.placed.matrix[:3, :3])) / one.size - 1) < 0.03
        assert job.model is not None
        kept = read_place(job.model)
        assert kept is not None and np.allclose(kept.placed.matrix, place.placed.matrix)
        assert replace(kept, placed=place.placed) == place
        # the tallest of them, the chair, is 2.4 m high
        assert abs(place.scale * 0.8 / 2.4 - 1) < 0.03
    (tmp_path / "job chair" / "model.place.json").write_text("{")
    assert read_place(tmp_path / "job chair" / "model.glb") is None


def test_variations_are_placed_each_by_itself(tmp_path: Path, batch: Batch) -> None:
    jobs = placed_jobs(tmp_path, batch, ["truck", "chair"])
    assert jobs[0].request is not None
    again = replace(
        jobs[0],
        id="again",
        request=replace(jobs[0].request, id="again"),
        options=replace(jobs[0].options, alternative=1),
        model=write_model(tmp_path / "again.glb", TRUCK),
    )
    places = match_jobs([*jobs, again], KNOWN).places
    assert np.allclose(places["again"].placed.matrix, places["truck"].placed.matrix, atol=0.02)


def test_what_cannot_be_read_keeps_none_of_the_others_from_its_place(tmp_path: Path, batch: Batch) -> None:
    """A damaged model, and a job whose files were taken away."""
    damaged, bare, whole = placed_jobs(tmp_path, batch)
    assert damaged.model is not None
    damaged.model.write_bytes(b"glTF")
    shutil.rmtree(bare.folder)
    match = match_jobs([damaged, bare, whole], KNOWN)
    assert list(match.places) == [whole.id]
    assert not match_jobs([damaged, bare], KNOWN).places


def test_guides_that_contradict_each_other_keep_no_result_waiting(tmp_path: Path, batch: Batch) -> None:
    crossed = tuple(Guide("X", (100, 100 + 50 * n), (600, 150 + 100 * n)) for n in range(2))
    crossed += tuple(Guide("Y", (100, 400 - 60 * n), (650, 100 + 90 * n)) for n in range(2))
    crossed += tuple(Guide("HORIZON", (10, 40 + 400 * n), (700, 470 - 450 * n)) for n in range(2))
    wishes, jobs = CameraWishes(guides=crossed), placed_jobs(tmp_path, batch)
    with pytest.raises(GuideError):
        match_jobs(jobs, wishes)
    match = match_arriving(jobs, wishes, lambda share, stage: None)
    assert match.places.keys() == THREE.keys() and "contradict" in match.notes[0]


def test_one_of_several_people_has_no_place(tmp_path: Path, batch: Batch) -> None:
    """One mask, two results of one task: nobody can tell which is where."""
    first = placed_jobs(tmp_path, batch, ["truck"])[0]
    second = replace(first, id="second")
    assert not match_jobs([first, second], KNOWN).places


def test_a_lens_that_the_artist_has_typed_goes_before_file_and_lines(tmp_path: Path) -> None:
    photo, masks = taken(tmp_path, lens=42)
    by_file, typed = Batch(photo).camera(), Batch(photo, wishes=CameraWishes(lens=60.0)).camera()
    assert abs(by_file.camera.lens - 42) < 1.5
    assert abs(typed.camera.lens - 60) < 1e-6 and typed.lens_from == "your settings"
    batch = Batch(photo, [SubjectPrompt((mask,)) for mask in masks])
    match = match_jobs(placed_jobs(tmp_path, batch), CameraWishes(lens=60.0))
    assert match.camera is not None and abs(match.camera.lens - 60) < 0.1


def test_the_whole_photo_is_kept_whatever_is_sent(tmp_path: Path) -> None:
    """A large photo of which a part would be sent, and prompts that the service understands itself."""
    picture, masks = take_photo(TRUE, list(THREE.values()))
    large = Image.fromarray(picture).resize((WIDTH * 4, HEIGHT * 4))
    large.save(tmp_path / "large.png")
    rows, columns = np.nonzero(masks[0])
    box = (int(columns.min()) * 4 - 20, int(rows.min()) * 4 - 20, int(columns.max()) * 4 + 20, int(rows.max()) * 4 + 20)
    prompt = SubjectPrompt((), Prompts(box=box), prompts_are_sent=True)
    folder = tmp_path / "job"
    folder.mkdir()
    batch = Batch(PictureFile(tmp_path / "large.png"), [prompt])
    write_whole_photo(batch, 0, folder)
    whole = read_whole_photo(folder)
    assert whole.size == (WIDTH * 4, HEIGHT * 4) and max(whole.picture.shape[:2]) == LONGEST_EDGE
    (found,) = whole.masks
    true = np.asarray(Image.fromarray(masks[0]).resize(found.shape[::-1]))
    assert (found & true).sum() / (found | true).sum() > 0.85


@pytest.mark.parametrize(
    ("extents", "height", "scale"),
    [
        ([Extent(0.5, 0.8), Extent(0.25, 0.4)], 0.0, 1.25),
        ([Extent(0.5, 0.8), Extent(0.25, 0.4)], 2.0, 4.0),
        ([Extent(0.85, 0.9, person=True), Extent(0.5, 2.0)], 0.0, 2.0),
    ],
)
def test_the_scene_is_as_large_as_what_is_known_in_it(extents: list[Extent], height: float, scale: float) -> None:
    assert scene_scale(extents, height) == pytest.approx(scale)


def test_the_journal_knows_of_placement_and_earlier_versions_need_not(tmp_path: Path) -> None:
    job = delivered(make_job(tmp_path))
    plain = to_record(job)
    assert not {"pose", "placement", "camera"} & {*plain, *plain["destination"], *plain["wish"]}
    options = replace(job.options, camera=TRUE)
    assert job.request is not None
    pose = KnownPose(np.arange(16.0).reshape(4, 4), 1.4)
    told = replace(
        job,
        pose=pose,
        options=options,
        request=replace(job.request, options=options),
        destination=replace(job.destination, placement=AS_IN_PHOTO),
    )
    again = from_record(json.loads(json.dumps(to_record(told))))
    assert again == replace(told, task=again.task) and again.pose is not None
    assert again.pose.focal == pose.focal and (again.pose.matrix == pose.matrix).all()


def test_a_result_that_waits_for_others_is_not_settled(tmp_path: Path) -> None:
    ready = delivered(make_job(tmp_path), state=State.READY)
    assert not any(replace(ready, message=reason).is_settled for reason in (OTHERS_FIRST, BEING_PLACED))
    assert replace(ready, message="Leave Edit Mode to bring the result in.").is_settled


def test_a_place_without_a_base_is_kept_as_well(tmp_path: Path, batch: Batch) -> None:
    place = match_jobs(placed_jobs(tmp_path, batch, ["truck"]), KNOWN).places["truck"]
    bare = replace(place, placed=replace(place.placed, base=None))
    write_place(tmp_path / "bare.glb", bare)
    kept = read_place(tmp_path / "bare.glb")
    assert kept is not None and kept.placed.base is None
