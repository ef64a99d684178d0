# SPDX-License-Identifier: GPL-3.0-or-later
"""From pictures as Blender held them to the photo and masks that a service gets. No bpy; runs on a worker thread.

What is sent is what the artist sees, as small and as unspoilt as possible, and nothing beside: no place where the
photo was taken, no camera, no thumbnail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ..providers.base import Wish
from ..providers.errors import RefusedInput
from .colours import to_srgb
from .masks import cut_out, fitted, from_alpha
from .orientation import placed, turned
from .photo_file import was_jpeg, write_original, write_photo
from .picture import Picture
from .reading import Opened, fitting, open_picture

LONGEST_EDGE = 2048


@dataclass(frozen=True)
class Prepared:
    """The files that are sent, the wish in the sent photo's pixels, and what the artist should know."""

    photo: Path
    masks: tuple[Path, ...]
    wish: Wish
    notes: tuple[str, ...]


def prepare(
    photo: Picture,
    masks: Sequence[Picture],
    wish: Wish,
    folder: Path,
    *,
    takes_masks: bool = True,
    longest_edge: int = LONGEST_EDGE,
) -> Prepared:
    """Write the photo and its masks into `folder`.

    The photo becomes upright 8-bit sRGB of at most `longest_edge` pixels, photo.png or photo.jpg. A JPEG, or a small or
    transparent PNG, that is all that already keeps its image data; the rule for the rest is `write_photo`'s. Masks are
    mask.png, or mask-1.png, mask-2.png, ..., greyscale PNGs of 0 and 255 in the photo's size; with none given, a
    photo's alpha is its mask. Where the service does not take masks, the photo is cut out by them instead.

    `wish` has its points and box in pixels of the photo as it is stored, from the top left. Raises RefusedInput with
    one sentence for what cannot be used, and OSError where the disk refuses.
    """
    opened = open_picture(photo, "photo", longest_edge)
    size = fitting(opened.size, longest_edge)
    small = opened.image
    if small.size != size:
        small = small.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    upright = to_srgb(turned(small, opened.orientation), opened.profile)
    if min(upright.size) < 2:  # a line of pixels has no area
        width, height = opened.size
        raise RefusedInput(f"The photo has only {width} x {height} pixels: choose a larger one.")
    if upright.mode == "RGBA" and not upright.getchannel("A").getbbox():
        raise RefusedInput(
            "The photo is fully transparent, so nothing can be seen in it: choose another, or remove its alpha."
        )
    wish = placed(wish, opened.size, upright.size, opened.orientation)
    subjects, notes = _subjects(masks, opened, upright)
    if subjects and not takes_masks:
        notes.append("This service takes no mask, so everything around the subject was made grey in the photo.")
        cut = cut_out(upright, subjects)
        return Prepared(write_photo(cut, folder, was_jpeg=was_jpeg(opened)), (), wish, tuple(notes))
    photo_path = write_original(opened, folder) or write_photo(upright, folder, was_jpeg=was_jpeg(opened))
    return Prepared(photo_path, _written(subjects, folder), wish, tuple(notes))


def _subjects(masks: Sequence[Picture], photo: Opened, upright: Image.Image) -> tuple[list[Image.Image], list[str]]:
    """The masks in the sent photo's size, and what is worth noting about them."""
    if not masks:
        subject = from_alpha(upright)
        return ([] if subject is None else [subject]), []
    subjects, notes = [], []
    for number, mask in enumerate(masks, 1):
        role = "mask" if len(masks) == 1 else f"mask {number}"
        subject, note = fitted(open_picture(mask, role), photo.size, upright.size, photo.orientation, role)
        subjects.append(subject)
        notes += [note] if note else []
    return subjects, notes


def _written(subjects: Sequence[Image.Image], folder: Path) -> tuple[Path, ...]:
    paths = []
    for number, subject in enumerate(subjects, 1):
        paths.append(folder / ("mask.png" if len(subjects) == 1 else f"mask-{number}.png"))
        subject.save(paths[-1])
    return tuple(paths)
