# SPDX-License-Identifier: GPL-3.0-or-later
"""From pictures as Blender held them to the photo and masks that a service gets. No bpy; runs on a worker thread.

What is sent is what the artist sees, as small and as unspoilt as possible, and nothing beside: no place where the
photo was taken, no camera, no thumbnail.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from .batch import Batch
from .close_up import CloseUp
from .encode import was_jpeg, write_original, write_photo
from .masks import cut_out
from .prompts import NO_PROMPTS, Prompts, in_close_up, on_sent

CLOSE_UP = "close-up.json"
"""The file that tells which part of the photo is sent; without it all of it is."""


@dataclass(frozen=True)
class PreparedFiles:
    """The files that are sent, the prompts in the sent photo's pixels, and what the artist should know."""

    photo: Path
    masks: tuple[Path, ...]
    prompts: Prompts
    notes: tuple[str, ...]


def prepare(
    batch: Batch,
    number: int,
    folder: Path,
    prompts: Prompts = NO_PROMPTS,
    *,
    takes_masks: bool = True,
    takes_close_ups: bool = False,
) -> PreparedFiles:
    """Write the photo of a batch and the masks of its subject of that number, from 0, into `folder`.

    The photo becomes upright 8-bit sRGB of the batch's size, photo.png or photo.jpg. A JPEG, or a small or transparent
    PNG, that is all that already keeps its image data; the rule for the rest is `write_photo`'s. Masks are mask.png, or
    mask-1.png, mask-2.png, ..., grayscale PNGs of 0 and 255 in the photo's size; with none given, a photo's alpha is
    its mask. Where the service does not take masks, the photo is cut out by them instead. Where it takes close-ups, the
    part of a large photo around a small subject takes the place of the photo, and close-up.json tells which it is.

    `prompts` are in pixels of the photo as it is stored, from the top left. Raises PhotoError with
    one sentence for what cannot be used, and OSError where the disk refuses.
    """
    photo, subject = batch.photo(), batch.subject_mask(number)
    opened, upright, masks = photo.opened, photo.upright, subject.masks
    notes = (*photo.notes, *subject.notes)
    sent_prompts = on_sent(prompts, opened.size, upright.size, opened.orientation)
    part = subject.close_up if takes_close_ups else None
    if part is not None:
        closer_prompts = in_close_up(on_sent(prompts, opened.size, part.whole, opened.orientation), part)
        if closer_prompts is None:
            part = None
        else:
            sent_prompts, upright, masks = closer_prompts, batch.close_up_photo(part), part.masks
            _write_close_up(part, folder)
    if masks and not takes_masks:
        note = "This service takes no mask, so everything around the subject was made gray in the photo."
        cut = cut_out(upright, [Image.open(io.BytesIO(mask)) for mask in masks])
        return PreparedFiles(write_photo(cut, folder, was_jpeg=was_jpeg(opened)), (), sent_prompts, (*notes, note))
    photo_path = write_original(opened, folder) if part is None else None
    photo_path = photo_path or write_photo(upright, folder, was_jpeg=was_jpeg(opened))
    return PreparedFiles(photo_path, _written(masks, folder), sent_prompts, notes)


def _write_close_up(part: CloseUp, folder: Path) -> None:
    """Tell which part of the upright photo is sent, in its pixels, and how large, in the job's folder."""
    told = {"photo_size": part.whole, "window": part.window, "size": part.size}
    (folder / CLOSE_UP).write_text(json.dumps(told) + "\n", encoding="utf-8")


def _written(masks: Sequence[bytes], folder: Path) -> tuple[Path, ...]:
    paths = []
    for number, mask in enumerate(masks, 1):
        paths.append(folder / ("mask.png" if len(masks) == 1 else f"mask-{number}.png"))
        paths[-1].write_bytes(mask)
    return tuple(paths)
