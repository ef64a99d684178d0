# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes drafts of the real photographs among the samples, and renders them from four sides for the documentation.

usage: build/env/dev/bin/python tools/real_pictures.py
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from math import radians
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "build" / "python"))

from sam3d.engine.arrays import Mask, Pixels  # noqa: E402 - found through the path above
from sam3d.engine.draft import reconstruct  # noqa: E402
from sam3d.engine.matching.camera import PhotoCamera  # noqa: E402
from sam3d.engine.selection import PixelPrompts, Selector  # noqa: E402

PHOTOS = ROOT / "examples" / "photos"
PICTURES = ROOT / "docs" / "pictures"
ENVIRONMENTS = Path(os.environ.get("SAM3D_ENV_DIR", ROOT / "build" / "env"))
BLENDER = ENVIRONMENTS / "blender-4.5" / "bin" / "python"
SAMPLES = "64"


@dataclass(frozen=True)
class Case:
    """A photograph, and what an artist tells of its subject: a mask, drawn or painted, words and a camera."""

    photo: str
    mask: str | PixelPrompts
    prompt: str
    camera: PhotoCamera | None = None


CASES = (
    Case("coffee.jpg", "coffee-mask.png", "cup", PhotoCamera(600, 400, 1200.0, radians(55), radians(-3))),
    Case("rocket.jpg", PixelPrompts(box=(307, 124, 337, 408), positive=((322, 140), (322, 250), (322, 380))), ""),
)


def main() -> int:
    """Write docs/pictures/NAME-draft.jpg for each; returns the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            photo = np.asarray(Image.open(PHOTOS / case.photo).convert("RGB"))
            draft = reconstruct(photo, _mask(case, photo), prompt=case.prompt, camera=case.camera)
            (Path(folder) / f"{Path(case.photo).stem}.glb").write_bytes(draft.glb)
        sheet = Path(folder) / "sheet.png"
        render: list[str | Path] = [BLENDER, ROOT / "tools" / "look_at_drafts.py", folder, sheet, "--samples", SAMPLES]
        subprocess.run(render, check=True)
        rows = np.split(np.asarray(Image.open(sheet).convert("RGB")), len(CASES))
        for name, row in zip(sorted(Path(case.photo).stem for case in CASES), rows, strict=True):
            Image.fromarray(row).save(PICTURES / f"{name}-draft.jpg", quality=90)
    return 0


def _mask(case: Case, photo: Pixels) -> Mask:
    """The subject (H, W) of a photo (H, W, 3)."""
    if isinstance(case.mask, PixelPrompts):
        return Selector(photo).select(case.mask)
    return np.asarray(Image.open(PHOTOS / case.mask).convert("L")) > 127


if __name__ == "__main__":
    sys.exit(main())
