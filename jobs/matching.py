# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the results of one photo stand in it, and the camera that has seen them: on a worker thread. No bpy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, product
from pathlib import Path
from typing import Any

import numpy as np

from ..engine.arrays import Mask
from ..engine.gltf.extent import read_box
from ..engine.gltf.painted import read_painted
from ..engine.gltf.triangles import Unreadable
from ..engine.matching.camera import PhotoCamera
from ..engine.matching.evidence import CameraGuess, Match, PhotoSubject, Placed, Source
from ..engine.matching.fit import match_photo
from ..engine.matching.guides import GuideError
from ..engine.selection import PixelPrompts, SelectionError, Selector
from ..photos.batch import Batch
from ..photos.camera_guesses import NO_WISHES, CameraWishes, guess_camera
from ..photos.whole_photo import WholePhoto, read_whole_photo
from ..providers.base import Subject
from .model import Job
from .places import Place, SeenPhoto, write_place
from .scene_scale import Extent, scene_scale
from .variations import number_in_task, subject_of, variation_of

Report = Callable[[float, str], None]
"""Is told how much is done, 0..1, and what is being done."""
MARGIN = 0.02
"""Of a photo without masks: what its border shows is no part of its subject."""


@dataclass(frozen=True)
class PhotoMatch:
    """The camera of a photo, and the place of each job's result that has one, by the job's id.

    `told` says what the camera was found by, `notes` are for the artist.
    """

    camera: PhotoCamera | None = None
    photo: SeenPhoto = field(default_factory=lambda: SeenPhoto((0, 0)))
    told: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def match_jobs(
    jobs: Sequence[Job],
    wishes: CameraWishes = NO_WISHES,
    report: Report | None = None,
    *,
    stands_on: Mapping[str, str] | None = None,
) -> PhotoMatch:
    """Find the camera of the photo that jobs with results have in common, and their places; keep these beside them.

    Variations of one subject are placed by themselves, before the camera that the first ones have led to. `stands_on`
    has what results stand on, where the artist has said it: the id of another's job, or nothing for the ground. What
    cannot be read has no place. Raises OSError where the disk refuses, and GuideError where guides contradict one
    another.
    """
    seen = {job.id: photo for job in jobs if (photo := _whole_photo(job)) is not None}
    masks = {job.id: mask for job in jobs if job.id in seen and (mask := _mask(job, jobs, seen[job.id])) is not None}
    if not masks:
        return PhotoMatch()
    photo = seen[next(iter(masks))]
    # what was made for a camera tells nothing of the camera
    made_for_it = all(seen[job_id].made_with is not None for job_id in masks)
    if photo.made_with is not None and made_for_it and wishes == NO_WISHES:
        guesses: tuple[CameraGuess, ...] = (_resized(photo.made_with, photo),)
    else:
        guesses = guess_camera(photo.picture, photo.size, photo.lens, wishes, list(masks.values()))
    fixed = wishes.are_certain or made_for_it
    rounds = _rounds([job for job in jobs if job.id in masks])
    found: dict[str, Placed] = {}
    match: Match | None = None
    for together in rounds:
        subjects = [_subject(job, masks[job.id], (stands_on or {}).get(job.id)) for job in together]
        try:
            this = match_photo(photo.picture, subjects, guesses, fixed=fixed, report=report)
        except (Unreadable, OSError):  # one that cannot be read does not keep the others from their places
            subjects = [one for one in subjects if _is_readable(one.model)]
            this = match_photo(photo.picture, subjects, guesses, fixed=fixed, report=report)
        found |= this.placed
        if match is None:
            match = this
            guesses = (replace(guesses[0], camera=this.camera),)
            fixed = True
    assert match is not None
    if not found:
        return PhotoMatch()
    return _arranged(match, found, jobs, photo)


def match_arriving(jobs: Sequence[Job], wishes: CameraWishes, report: Report) -> PhotoMatch:
    """The same for results that have just come: they are placed without guides where those contradict one another."""
    try:
        return match_jobs(jobs, wishes, report)
    except GuideError as error:
        match = match_jobs(jobs, replace(wishes, guides=()), report)
        return replace(match, notes=(str(error), *match.notes))


def match_alone(batch: Batch, report: Report | None = None) -> PhotoMatch:
    """The camera of a photo of which nothing was made yet; raises PhotoError."""
    if report is not None:
        report(0.0, "Finding the camera")
    guess = batch.camera()
    seen = SeenPhoto(batch.upright_size(), batch.photo().opened.orientation)
    return PhotoMatch(guess.camera, seen, told(guess.lens_from, guess.horizon_from))


def _whole_photo(job: Job) -> WholePhoto | None:
    try:
        return read_whole_photo(job.folder)
    except (OSError, ValueError):
        return None  # its files were taken away, or it was not asked to stand in its photo


def _is_readable(model: Path) -> bool:
    try:
        return bool(read_painted(model))
    except (Unreadable, OSError):
        return False


def _rounds(jobs: Sequence[Job]) -> list[list[Job]]:
    """The first variation of each subject, then the second of each, and so on."""
    ordered = sorted(jobs, key=lambda job: (subject_of(job) or job.id, variation_of(job)))
    subjects = [list(same) for _, same in groupby(ordered, key=lambda job: subject_of(job) or job.id)]
    most = max(len(same) for same in subjects)
    return [[same[number] for same in subjects if number < len(same)] for number in range(most)]


def _mask(job: Job, jobs: Sequence[Job], photo: WholePhoto) -> Mask | None:
    """Where the photo shows a job's result; None where that is not known, as of one of several people."""
    mates = [mate for mate in jobs if mate.task_name == job.task_name]
    several = len(mates) > 1 and job.options.results == 1
    if several and len(photo.masks) != len(mates):
        return None
    if photo.masks:
        mask = photo.masks[number_in_task(job)] if several else np.any(photo.masks, axis=0)
    else:
        mask = _selected(photo)
    return mask if mask is not None and mask.any() else None


def _selected(photo: WholePhoto) -> Mask | None:
    """What stands out of a photo that shows one subject alone."""
    height, width = photo.picture.shape[:2]
    box = (width * MARGIN, height * MARGIN, width * (1 - MARGIN), height * (1 - MARGIN))
    try:
        return Selector(photo.picture).select(PixelPrompts(box))
    except SelectionError:
        return None


def _subject(job: Job, mask: Mask, stands_on: str | None) -> PhotoSubject:
    assert job.model is not None
    return PhotoSubject(job.id, mask, job.model, job.pose, stands_on, person=job.options.subject is Subject.BODY)


def _resized(guess: CameraGuess, photo: WholePhoto) -> CameraGuess:
    height, width = photo.picture.shape[:2]
    return replace(guess, camera=guess.camera.resized(width, height))


def _arranged(match: Match, found: Mapping[str, Placed], jobs: Sequence[Job], photo: WholePhoto) -> PhotoMatch:
    """The places with what all of them share: how large the scene is, and where its middle is."""
    models = {job.id: job for job in jobs if job.id in found and job.model is not None}
    extents, middles, ends = [], [], []
    for key, job in models.items():
        assert job.model is not None
        low, high = read_box(job.model)
        size, matrix = high - low, found[key].matrix
        scale = float(np.cbrt(np.linalg.det(matrix[:3, :3])))
        corners = np.array([(x, -z, y) for x, y, z in product(*zip(low, high, strict=True))])
        corners = corners @ matrix[:3, :3].T + matrix[:3, 3]
        person = job.options.subject is Subject.BODY
        extents.append(Extent(float(np.ptp(corners[:, 2])), float(scale * size.max()), person))
        middles.append((corners.min(0) + corners.max(0))[:2] / 2)
        ends.append(float(corners[:, 1].max()))
    height = max(job.destination.height for job in models.values())
    middle = np.mean(middles, axis=0)
    seen = SeenPhoto(photo.size, photo.orientation)
    shared: dict[str, Any] = {
        "camera": match.camera,
        "photo": seen,
        "scale": scene_scale(extents, height),
        "middle": (float(middle[0]), float(middle[1])),
        "far": max(ends),
        "told": told(match.lens_from, match.horizon_from),
    }
    places = {key: Place(found[key], **shared) for key in models}
    for key, place in places.items():
        model = models[key].model
        assert model is not None
        write_place(model, place)
    return PhotoMatch(match.camera, seen, shared["told"], places, match.notes)


def told(lens_from: Source, horizon_from: Source) -> str:
    """What a camera was found by, as a sentence."""
    if lens_from == horizon_from:
        return f"Lens and horizon from {lens_from}."
    return f"Lens from {lens_from}, horizon from {horizon_from}."
