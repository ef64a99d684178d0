# SPDX-License-Identifier: GPL-3.0-or-later
"""From pictures as Blender held them to the photo and masks that a service gets. No bpy; runs on a worker thread.

What is sent is what the artist sees, as small and as unspoilt as possible, and nothing beside: no place where the
photo was taken, no camera, no thumbnail.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .batch import Batch
from .encode import was_jpeg, write_original, write_photo
from .masks import cut_out
from .prompts import NO_PROMPTS, Prompts, on_sent


@dataclass(frozen=True)
class PreparedFiles:
    """The files that are sent, the prompts in the sent photo's pixels, and what the artist should know."""

    photo: Path
    masks: tuple[Path, ...]
    prompts: Prompts
    notes: tuple[str, ...]


def prepare(
    batch: Batch, number: int, folder: Path, prompts: Prompts = NO_PROMPTS, *, takes_masks: bool = True
) -> PreparedFiles:
    """Write the photo of a batch and the masks of its subject of that number, from 0, into `folder`.

    The photo becomes upright 8-bit sRGB of the batch's size, photo.png or photo.jpg. A JPEG, or a small or transparent
    PNG, that is all that already keeps its image data; the rule for the rest is `write_photo`'s. Masks are mask.png, or
    mask-1.png, mask-2.png, ..., grayscale PNGs of 0 and 255 in the photo's size; with none given, a photo's alpha is
    its mask. Where the service does not take masks, the photo is cut out by them instead.

    `prompts` are in pixels of the photo as it is stored, from the top left. Raises PhotoError with
    one sentence for what cannot be used, and OSError where the disk refuses.
    """
    photo = batch.photo()
    opened, upright = photo.opened, photo.upright
    prompts = on_sent(prompts, opened.size, upright.size, opened.orientation)
    subject = batch.subject_mask(number)
    notes = (*photo.notes, *subject.notes)
    if subject.masks and not takes_masks:
        note = "This service takes no mask, so everything around the subject was made gray in the photo."
        cut = cut_out(upright, [Image.open(io.BytesIO(mask)) for mask in subject.masks])
        return PreparedFiles(write_photo(cut, folder, was_jpeg=was_jpeg(opened)), (), prompts, (*notes, note))
    photo_path = write_original(opened, folder) or write_photo(upright, folder, was_jpeg=was_jpeg(opened))
    return PreparedFiles(photo_path, _written(subject.masks, folder), prompts, notes)


def _written(masks: Sequence[bytes], folder: Path) -> tuple[Path, ...]:
    paths = []
    for number, mask in enumerate(masks, 1):
        paths.append(folder / ("mask.png" if len(masks) == 1 else f"mask-{number}.png"))
        paths[-1].write_bytes(mask)
    return tuple(paths)
