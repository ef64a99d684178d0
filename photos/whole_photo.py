# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job keeps of its photo to place its result in it: all of the photo, its masks there, and the lens. No bpy.

What is sent to a service may be a part of the photo, or have its surroundings taken away.
"""

import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..engine.arrays import Mask, Pixels
from ..engine.atomic_write import write_atomic
from ..engine.matching.camera import PhotoCamera
from ..engine.matching.evidence import CameraGuess, Source
from .batch import Batch
from .camera_guesses import CERTAIN
from .decode import fitting
from .exif import ExifLens
from .masks import HALF
from .orientation import UPRIGHT, Size

LONGEST_EDGE = 1280
"""Pixels in which photo and masks are kept: more would place nothing better."""
PHOTO, TOLD, MASKS = "whole-photo.jpg", "whole-photo.json", "whole-mask-{}.png"
QUALITY = 92


@dataclass(frozen=True)
class WholePhoto:
    """A photo, upright: `picture` (h, w, 3), and `masks` (h, w) of a job's subjects; none where all of it is one.

    `size` is the photo's own in pixels, `orientation` turns it upright from how Blender shows it, `lens` is what its
    EXIF tells, `made_with` the camera that the job's engine was given, where it was given one.
    """

    picture: Pixels
    masks: tuple[Mask, ...]
    size: Size
    orientation: int = UPRIGHT
    lens: ExifLens | None = None
    made_with: CameraGuess | None = None


def write_whole_photo(batch: Batch, number: int, folder: Path, made_with: CameraGuess | None = None) -> None:
    """Keep the photo of a batch, and the masks of its subject of that number, in a job's folder.

    Raises PhotoError and OSError.
    """
    upright = batch.photo().upright
    size = fitting(upright.size, LONGEST_EDGE)
    picture = upright.convert("RGB").resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=QUALITY)
    write_atomic(folder / PHOTO, content.getvalue())
    for index, mask in enumerate(batch.subject_mask(number).known_masks, 1):
        scaled = Image.open(io.BytesIO(mask)).convert("L").resize(size, Image.Resampling.BILINEAR)
        content = io.BytesIO()
        scaled.save(content, "PNG")
        write_atomic(folder / MASKS.format(index), content.getvalue())
    lens = batch.lens()
    told = {
        "size": batch.upright_size(),
        "orientation": batch.photo().opened.orientation,
        "lens": None if lens is None else asdict(lens),
        "made_with": None if made_with is None else _record(made_with),
    }
    write_atomic(folder / TOLD, json.dumps(told).encode())


def read_whole_photo(folder: Path) -> WholePhoto:
    """What `write_whole_photo` has kept; raises OSError where it is gone, or ValueError where it was damaged."""
    told = json.loads((folder / TOLD).read_bytes())
    with Image.open(folder / PHOTO) as image:
        picture = np.asarray(image.convert("RGB"))
    files = [folder / MASKS.format(index) for index in range(1, 1 + len(list(folder.glob(MASKS.format("*")))))]
    try:
        lens, made_with = told["lens"], told["made_with"]
        return WholePhoto(
            picture,
            tuple(_mask(file) for file in files),
            (told["size"][0], told["size"][1]),
            told["orientation"],
            None if lens is None else ExifLens(**lens),
            None if made_with is None else _guess(made_with),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(str(error)) from error


def _mask(file: Path) -> Mask:
    with Image.open(file) as image:
        return np.asarray(image.convert("L")) >= HALF


def _record(guess: CameraGuess) -> dict[str, Any]:
    return {"camera": asdict(guess.camera), "lens_from": guess.lens_from, "horizon_from": guess.horizon_from}


def _guess(record: dict[str, Any]) -> CameraGuess:
    camera = PhotoCamera(**record["camera"])
    return CameraGuess(camera, CERTAIN, 0.0, Source(record["lens_from"]), Source(record["horizon_from"]))
