# SPDX-License-Identifier: GPL-3.0-or-later
"""The place that a result was found to have in its photo, kept beside it: it comes in there again, at once. No bpy."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..engine.atomic_write import write_atomic
from ..engine.matching.camera import PhotoCamera
from ..engine.matching.evidence import Placed
from ..photos.orientation import UPRIGHT, Size

ENDING = ".place.json"
"""Of the file's name, which is otherwise that of the model."""


@dataclass(frozen=True)
class SeenPhoto:
    """The size of an upright photo in pixels, and how it is to be turned for that from how Blender shows it."""

    size: Size
    orientation: int = UPRIGHT


@dataclass(frozen=True)
class Place:
    """Where a result stands as `camera` shows it, in the photo's frame.

    `scale` is how many meters the eye is above the ground, `middle` (x, y) the middle of all results of the photo, and
    `far` how far along y they reach. `told` says what the camera was found by.
    """

    placed: Placed
    camera: PhotoCamera
    photo: SeenPhoto
    scale: float
    middle: tuple[float, float]
    far: float
    told: str


def write_place(model: Path, place: Place) -> None:
    """Keep it beside the model; raises OSError."""
    placed = asdict(place.placed) | {"matrix": place.placed.matrix.tolist()}
    write_atomic(_file(model), json.dumps(asdict(place) | {"placed": placed}).encode())


def read_place(model: Path) -> Place | None:
    """What is kept beside a model; None where there is nothing that can be read."""
    try:
        told: dict[str, Any] = json.loads(_file(model).read_bytes())
        placed = told.pop("placed")
        matrix = np.array(placed.pop("matrix"), np.float64).reshape(4, 4)
        camera, photo, middle = PhotoCamera(**told.pop("camera")), told.pop("photo"), told.pop("middle")
        base = placed.pop("base")
        stands = Placed(matrix, base=None if base is None else (base[0], base[1], base[2]), **placed)
        seen = SeenPhoto((photo["size"][0], photo["size"][1]), photo["orientation"])
        return Place(stands, camera, seen, middle=(middle[0], middle[1]), **told)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def _file(model: Path) -> Path:
    return model.with_name(f"{model.stem}{ENDING}")
