# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures of README and user guide again, from the real window and a real render: `make pictures`."""

import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "window")]

from window import run_window  # noqa: E402 - found through the path above

PHOTOS = ROOT / "examples" / "photos"
PICTURES = ROOT / "docs" / "pictures"
SHOWN = ("mug.jpg", "bottle.png", "elephant.jpg", "headphones.png")
RESULT_WIDTH = 640


def main() -> int:
    """Screenshots into docs/pictures, and a render of each sample beside its photo."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    window = ROOT / "build" / "pictures"
    run_window("pictures.py", window, *(str(PHOTOS / name) for name in SHOWN))
    for name in ("panel", "image-editor"):
        Image.open(window / f"{name}.png").convert("RGB").save(PICTURES / f"{name}.jpg", quality=88)
    python = ROOT / "build" / "env" / "blender-4.5" / "bin" / "python"
    for name in SHOWN:
        out = ROOT / "build" / "demo"
        subprocess.run([python, ROOT / "tools" / "demo.py", PHOTOS / name], check=True)
        stem = Path(name).stem
        render = Image.open(out / f"{stem}.png").convert("RGB")
        render.thumbnail((RESULT_WIDTH, RESULT_WIDTH))
        render.save(PICTURES / f"{stem}.jpg", quality=88)
    return 0


if __name__ == "__main__":
    sys.exit(main())
