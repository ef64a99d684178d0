# SPDX-License-Identifier: GPL-3.0-or-later
"""The other photos of a job's subject, put into its folder. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..engine.matching.camera import PhotoCamera
from ..photos.batch import Batch
from ..photos.camera_guesses import camera_of_lens
from ..photos.errors import PhotoError
from ..photos.preparation import prepare
from ..providers.base import AddedPhoto

FOLDER = "photo-{}"
"""Of each, in the job's folder; the first of them is the second photo."""


@dataclass(frozen=True)
class PreparedViews:
    """The files of all, and what the artist should know."""

    photos: tuple[AddedPhoto, ...] = ()
    notes: tuple[str, ...] = ()


def prepare_views(views: Sequence[Batch], folder: Path) -> PreparedViews:
    """Write each photo and its mask, upright as the first one, into a folder of its own in the job's.

    Each batch has the one subject. Raises PhotoError, which tells the photo, and OSError where the disk refuses.
    """
    photos, notes = [], []
    for number, view in enumerate(views, 2):
        place = folder / FOLDER.format(number)
        place.mkdir(exist_ok=True)
        try:
            prepared = prepare(view, 0, place)
        except PhotoError as error:
            raise PhotoError(f"Photo {number}: {error}") from error
        if not prepared.masks:
            raise PhotoError(f"Photo {number} has no mask yet: draw a box around the thing in it, or remove the photo.")
        photos.append(AddedPhoto(prepared.photo, prepared.masks[0], camera_by_lens(view)))
        notes += [f"Photo {number}: {note}" for note in prepared.notes]
    return PreparedViews(tuple(photos), tuple(notes))


def camera_by_lens(photo: Batch) -> PhotoCamera | None:
    """The likeliest camera of a photo as it is sent, where its EXIF tells the lens."""
    lens = photo.lens()
    return None if lens is None else camera_of_lens(lens, photo.photo().upright.size)
