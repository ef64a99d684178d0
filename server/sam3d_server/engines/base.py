# SPDX-License-Identifier: GPL-3.0-or-later
"""What every engine looks like to the workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

DRAFT, OBJECTS, BODY = "draft", "sam3d_objects", "sam3d_body"

Report = Callable[[float, str], None]
"""Called with (fraction 0..1, stage); raises `Stopped` when the job is to end."""


@dataclass(frozen=True)
class Options:
    """What a job asks for beside its pictures; plain data, for it travels as JSON.

    seed: the same gives the same again. faces: most triangles, 0 for as the engine makes them. texture: a baked texture
    instead of vertex colors. gaussian: also the Gaussian splats, as PLY. details: also what is known beside, as JSON.
    alternative: 0.. for the draft engine's other readings of the shape. boxes: (left, top, right, bottom) in pixels,
    one for each person. people: the photo is of people.
    """

    seed: int = 0
    faces: int = 0
    texture: bool = False
    gaussian: bool = False
    details: bool = False
    alternative: int = 0
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    people: bool = False


@dataclass(frozen=True)
class EngineRequest:
    """One job for an engine. image: (H, W, 3 or 4) uint8 sRGB; masks: (H, W) bool each, one for each subject."""

    image: NDArray[np.uint8]
    masks: tuple[NDArray[np.bool_], ...]
    options: Options


@dataclass(frozen=True)
class EngineResult:
    """What an engine made: files by name, the models first, and what is known of them, as JSON's plain data."""

    files: Mapping[str, bytes]
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Setup:
    """Where the models are, and what a worker may do; plain data."""

    objects_checkpoint: str = ""
    body_checkpoint: str = ""
    megapixels: int = 64


class Engine(Protocol):
    """A loaded engine. It is used by one thread, for one order after the other."""

    def run(self, order: EngineRequest, report: Report) -> EngineResult:
        """Make models of the photo. Raises JobError, and what `report` raises."""
