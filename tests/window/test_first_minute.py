# SPDX-License-Identifier: GPL-3.0-or-later
"""The first minute of an artist who has the zip and a Blender that nobody has touched."""

import colorsys
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from blender_process import ROOT
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.uint8]


def test_the_first_object_is_seen(lead_window: Callable[..., Path]) -> None:
    """Few clicks from the zip to an object that stands free in the viewport, large, and in the photo's colors."""
    photo = ROOT / "examples" / "photos" / "mug.jpg"
    folder = lead_window("first_minute.py")
    box = json.loads((folder / "viewport.json").read_text("utf-8"))
    inner = Image.open(folder / "silhouette.png").filter(ImageFilter.MinFilter(9))  # its outline is orange
    mask = np.asarray(inner) > 127
    rows, _ = np.nonzero(mask)
    assert np.ptp(rows) > 0.12 * mask.shape[0], "it is tiny"
    seen, alone = (
        np.asarray(Image.open(folder / f"{name}.png").convert("RGB").crop(box))
        for name in ("4-arrived", "5-without-the-cube")
    )
    hidden = np.abs(seen.astype(int) - alone).max(2)[mask] > 8
    assert hidden.mean() < 0.02, "the cube hides some of it"
    shown, wanted = band(seen[mask]), band(photo_of_the_mug(photo))
    assert abs(shown[0] - wanted[0]) < 0.05, (shown, wanted)
    assert shown[1] > 0.2 and shown[2] > 0.5 * wanted[2], (shown, wanted)


def photo_of_the_mug(path: Path) -> Pixels:
    """Pixels of the mug alone: the background is pink."""
    pixels = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    return pixels[pixels[:, 0] < pixels[:, 2].astype(int) + 40]


def band(pixels: Pixels) -> tuple[float, float, float]:
    """Hue and saturation of the mug's lower half, which is green, and its share of all pixels (N, 3)."""
    hsv = np.array([colorsys.rgb_to_hsv(*pixel) for pixel in pixels[:: max(1, len(pixels) // 5000)] / 255.0])
    green = hsv[(hsv[:, 0] > 0.4) & (hsv[:, 0] < 0.6) & (hsv[:, 1] > 0.15)]
    assert len(green), "nothing is green"
    return float(np.median(green[:, 0])), float(np.median(green[:, 1])), len(green) / len(hsv)
