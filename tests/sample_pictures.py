# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures and profiles that the tests are made with."""

import io
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sam3d.photos.picture import PictureFile

WIDTH, HEIGHT = 64, 48
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
ADOBE_RGB = ((0.60974, 0.20528, 0.14919), (0.31111, 0.62567, 0.06322), (0.01947, 0.06087, 0.74457))
"""From linear Adobe RGB to XYZ under D50; its gamma is 563/256."""
ADOBE_GAMMA = 563 / 256


def quadrants(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Red, green, blue and white, from the top left in reading order."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    pixels[height // 2 :, width // 2 :] = WHITE
    return Image.fromarray(pixels)


def photograph(width: int = 800, height: int = 600) -> Image.Image:
    """Soft shapes with a sensor's noise in every pixel, as no PNG can make small."""
    random = np.random.default_rng(3)
    coarse = Image.fromarray(random.integers(40, 215, (6, 8, 3), dtype=np.uint8))
    soft = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float32)
    return Image.fromarray((soft + random.normal(0, 9, soft.shape)).clip(0, 255).astype(np.uint8))


def saved(folder: Path, image: Image.Image, name: str = "photo.png", **options: object) -> PictureFile:
    """The image as a file."""
    path = folder / name
    image.save(path, **options)  # type: ignore[arg-type]
    return PictureFile(path)


def loaded(file: Path | bytes) -> Image.Image:
    """The image in a file, or in its bytes."""
    with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file) as image:
        image.load()
    return image


def rgb(image: Image.Image) -> NDArray[np.int16]:
    """(H, W, 3) levels that can be subtracted."""
    return np.asarray(image.convert("RGB"), dtype=np.int16)


def icc_profile(to_xyz: Sequence[Sequence[float]] | None, gamma: float) -> bytes:
    """A version 2 ICC profile: of the primaries in the columns of `to_xyz` (to XYZ under D50), or of gray with None."""

    def fixed(*values: float) -> bytes:
        return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))

    white = (0.9642, 1.0, 0.8249)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + fixed(*white),
    }
    if to_xyz is None:
        tags[b"kTRC"] = curve
    else:
        for letter, column in zip((b"r", b"g", b"b"), zip(*to_xyz, strict=True), strict=True):
            tags[letter + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*column)
            tags[letter + b"TRC"] = curve
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    space = b"GRAY" if to_xyz is None else b"RGB "
    header = b"none" + struct.pack(">I", 0x02100000) + b"mntr" + space + b"XYZ " + bytes(12) + b"acsp" + bytes(28)
    header = (header + fixed(*white)).ljust(124, b"\0")
    return struct.pack(">I", 128 + len(table) + len(body)) + header + table + body
