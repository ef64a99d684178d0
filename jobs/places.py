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

ENDING = ".place.json"
"""Of the file's name, which is otherwise that of the model."""


@dataclass(frozen=True)
class Place:
    """Where a result stands as `camera` shows it, in the photo's frame.

    `size` is that of the upright photo in pixels, `scale` how many meters the eye is above the ground, and `middle`
    (x, y) the middle of all results of the photo. `told` says what the camera was found by.
    """

    placed: Placed
    camera: PhotoCamera
    size: tuple[int, int]
    scale: float
    middle: tuple[float, float]
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
        camera, size, middle = PhotoCamera(**told.pop("camera")), told.pop("size"), told.pop("middle")
        base = placed.pop("base")
        placed = Placed(matrix, base=None if base is None else tuple(base), **placed)
        return Place(placed, camera, (size[0], size[1]), middle=(middle[0], middle[1]), **told)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def _file(model: Path) -> Path:
    return model.with_name(f"{model.stem}{ENDING}")
