# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture as plain data, in the form in which Blender can hand it over without decoding anything. No bpy."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LONGEST_EDGE = 2048
"""Pixels of a photo that is sent, and of a mask; more would cost without being seen."""


FILE_SEEN = "sam3d_file_seen"
"""The custom property of an image that tells the state in which its file was when it was seen last."""


def file_state(path: Path) -> str:
    """What changes when a file on disk is changed; empty where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns} {found.st_size}"


@dataclass(frozen=True)
class PictureFile:
    """A picture that lies on disk."""

    path: Path


@dataclass(frozen=True)
class PictureBytes:
    """The bytes of a picture file, such as one packed into the .blend.

    `loaded_from` is the file that Blender has loaded the picture from, where these bytes are Blender's own and do not
    tell how the camera was held.
    """

    data: bytes
    loaded_from: "PictureFile | PictureBytes | None" = None


@dataclass(frozen=True)
class PicturePixels:
    """Blender's own pixels: (H, W, 4) float32 RGBA, bottom row first.

    `linear` tells scene-linear values with premultiplied alpha (float images) from sRGB values with straight alpha.
    `loaded_from` is the file that they came from, if any: it tells how the camera was held.
    """

    pixels: NDArray[np.float32]
    linear: bool
    loaded_from: PictureFile | PictureBytes | None = None


@dataclass(frozen=True)
class PictureOfNumber:
    """Where a picture of numbers shows one of them, as a mask: `data` is a 16-bit gray PNG.

    `name` is the object that the number stands for.
    """

    data: bytes
    number: int
    name: str


Picture = PictureFile | PictureBytes | PicturePixels | PictureOfNumber
