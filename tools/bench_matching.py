# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the cameras that are found from lines and EXIF alone.

usage: python tools/bench_matching.py [FOLDER ...]
Each folder (../shared/data/scenes by default) holds NAME/{photo.jpg, mask_*.png, scene.json}, with the true camera.
Told are, for each photo, the errors of the likeliest camera in the focal length's logarithm, pitch and roll, the same
in units of the spread that was told, and the seconds of one core; then their means, and the root of the mean square of
the errors in spreads, which is 1 where these are honest. Exits with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "build" / "python"))
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # before numpy

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

from sam3d.engine.arrays import Floats, Mask  # noqa: E402
from sam3d.engine.matching.vanishing import find_camera  # noqa: E402
from sam3d.photos.exif import read_exif_lens  # noqa: E402

BARS = {"ln f": 0.12, "pitch": 2.5, "roll": 1.0, "seconds": 2.0}
MOST_HONEST = 1.5


def true_camera(told: dict[str, object]) -> Floats:
    """The logarithm of the focal length in longer edges, the pitch and the roll (3,) in degrees, of a scene.json."""
    matrix = np.array(told["camera"])[:3, :3]
    right, forward = matrix[:, 0], -matrix[:, 2]
    level = np.cross(forward, [0, 0, 1])
    level /= np.linalg.norm(level)
    width, height = int(str(told["width"])), int(str(told["height"]))
    focal = float(str(told["lens_mm"])) / float(str(told["sensor_mm"])) * width / max(width, height)
    roll = np.arctan2(right @ np.cross(level, forward), right @ level)
    return np.array([np.log(focal), np.degrees(np.arcsin(-forward[2])), np.degrees(roll)])


def measure(folder: Path, with_masks: bool) -> tuple[Floats, Floats, float]:
    """The errors (3,) of the likeliest camera, the same in spreads, and the seconds."""
    told = json.loads((folder / "scene.json").read_text())
    picture = np.asarray(Image.open(folder / "photo.jpg").convert("RGB"))
    masks: list[Mask] = []
    if with_masks:
        masks = [np.asarray(Image.open(file).convert("L")) > 127 for file in sorted(folder.glob("mask_*.png"))]
    lens = read_exif_lens(folder / "photo.jpg")
    start = time.process_time()
    guesses = find_camera(picture, lens.focal if lens else None, lens.is_certain if lens else True, masks)
    seconds = time.process_time() - start
    best = guesses[0]
    camera = best.camera
    found = [np.log(camera.focal / max(camera.width, camera.height)), np.degrees(camera.pitch), np.degrees(camera.roll)]
    error = np.array(found) - true_camera(told)
    spread = np.sqrt(np.diag(best.spread)) * [1, 180 / np.pi, 180 / np.pi]
    print(
        f"{folder.name:12s} lens {told['lens_mm']:3.0f} pitch {told['pitch_deg']:5.1f} | "
        f"ln f {error[0]:+.3f} ({error[0] / spread[0]:+.1f}) pitch {error[1]:+6.2f} ({error[1] / spread[1]:+.1f}) "
        f"roll {error[2]:+5.2f} ({error[2] / spread[2]:+.1f}) | {len(guesses)} {best.lens_from} / {best.horizon_from} "
        f"{seconds:.2f} s",
        flush=True,
    )
    return error, error / spread, seconds


def main() -> int:
    """Measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", default=[ROOT.parent / "shared" / "data" / "scenes"])
    parser.add_argument("--without-masks", action="store_true")
    ask = parser.parse_args()
    scenes = sorted(file.parent for folder in ask.folders for file in folder.glob("*/scene.json"))
    rows = [measure(scene, not ask.without_masks) for scene in scenes]
    error, spreads = np.abs([row[0] for row in rows]), np.array([row[1] for row in rows])
    honest = np.sqrt(np.square(spreads).mean(0))
    means = dict(zip(BARS, [*error.mean(0), max(row[2] for row in rows)], strict=True))
    print(
        f"{len(rows)} scenes:", ", ".join(f"{name} {value:.3f} (bar {BARS[name]:g})" for name, value in means.items())
    )
    print("median:", np.round(np.median(error, 0), 3), "errors in spreads:", np.round(honest, 2))
    return int(any(value > BARS[name] for name, value in means.items()) or honest.max() > MOST_HONEST)


if __name__ == "__main__":
    sys.exit(main())
