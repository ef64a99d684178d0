# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in."""

from collections.abc import Callable, Sequence

import numpy as np

from ..arrays import Floats, Pixels
from ..gltf.extent import read_box
from .camera import EYE, PhotoCamera
from .evidence import CameraGuess, Match, PhotoSubject, Placed


def match_photo(
    picture: Pixels,
    subjects: Sequence[PhotoSubject],
    guesses: Sequence[CameraGuess],
    *,
    fixed: bool = False,
    report: Callable[[float, str], None] | None = None,
) -> Match:
    """Stand-in."""
    guess = guesses[0]
    camera = guess.camera
    placed = {}
    for one in subjects:
        rows, columns = np.nonzero(one.mask)
        bottom = rows.max()
        x = columns[rows > bottom - 3].mean()
        ray = camera.rays(np.array([[x, bottom]]))[0]
        t = 1 / max(-ray[2], 0.02)
        place = EYE + ray * t
        low, high = read_box(one.model)
        size = high - low
        scale = np.ptp(rows) / camera.focal * t / size[1]
        base = np.array([(low[0] + high[0]) / 2, -(low[2] + high[2]) / 2, low[1]])
        matrix = np.eye(4)
        matrix[:3, :3] *= scale
        matrix[:3, 3] = place - scale * base
        placed[one.key] = Placed(matrix, 0.0, 0.5)
    return Match(camera, guess.lens_from, guess.horizon_from, placed)


def carried_over(placed: Placed, old: PhotoCamera, new: PhotoCamera) -> Placed:
    """Stand-in."""
    return placed


def _unused() -> Floats:
    return np.zeros(1)
