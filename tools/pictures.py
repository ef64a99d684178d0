# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures of README and user guide again, from the real window and a real render: `make pictures`."""

import json
import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "window")]

from loopback import faults  # noqa: E402 - found through the path above
from loopback.runware import RunwareServer  # noqa: E402
from loopback.segmind import SegmindServer  # noqa: E402
from loopback.wavespeed import WaveSpeedServer  # noqa: E402
from window import run_window  # noqa: E402

PHOTOS = ROOT / "examples" / "photos"
PICTURES = ROOT / "docs" / "pictures"
SHOWN = ("mug.jpg", "bottle.png", "elephant.jpg", "headphones.png")
RESULT_WIDTH, SCENE_WIDTH = 640, 1440
CROPS = {"keys": (180, 430, 1302, 612), "price": (1031, 85, 1283, 636), "pay-again": (339, 11, 746, 136)}
"""What is shown of the screen, 1600 x 900 pixels: left, top, right, bottom."""
BODY_CROPS = {"body": ("1-arrived", (430, 80, 1306, 720)), "a-pose": ("2-a-pose", (400, 190, 900, 640))}
CHOOSING_CROPS = {"choosing": ("choosing", (0, 40, 1310, 815)), "many": ("arrived", (300, 340, 1010, 590))}
GUIDE_CROPS = {"guides": ("7-followed", (0, 45, 1310, 815))}
SCENE_CROPS = {"look-through": ("4-through", (0, 45, 1310, 815))}
ASSETS = ("mug.jpg", "headphones.png", "mannequin.png")
ASSET_CROPS = {"assets": ("4-dragged", (0, 45, 1310, 640))}
KEY = "SG_0123456789abcdef"


def take_services() -> None:
    """The online services, played by servers on this computer that take as long as the real ones say they do."""
    window = ROOT / "build" / "pictures" / "services"
    with (
        WaveSpeedServer(key=KEY, job_seconds=33.0, balance=4.2) as wavespeed,
        SegmindServer(key=KEY, balance=1.5) as segmind,
        RunwareServer(key=KEY) as runware,
    ):
        segmind.fault("submit", faults.CUT_AFTER)
        addresses = {"WAVESPEED": wavespeed.url, "SEGMIND": segmind.url, "RUNWARE": runware.url}
        run_window("service_pictures.py", window, str(PHOTOS / "mug.jpg"), json.dumps([addresses, KEY]))
    for name, box in CROPS.items():
        Image.open(window / f"{name}.png").convert("RGB").crop(box).save(PICTURES / f"{name}.jpg", quality=92)


def take(script: str, crops: dict[str, tuple[str, tuple[int, int, int, int]]], *photos: str) -> None:
    """Parts of the screenshots that a script leaves, as pictures."""
    take_parts(script, crops, *(str(PHOTOS / photo) for photo in photos))


def take_parts(script: str, crops: dict[str, tuple[str, tuple[int, int, int, int]]], *arguments: str) -> None:
    """The same for a script that takes other arguments."""
    window = ROOT / "build" / "pictures" / Path(script).stem
    run_window(script, window, *arguments)
    for name, (shot, box) in crops.items():
        Image.open(window / f"{shot}.png").convert("RGB").crop(box).save(PICTURES / f"{name}.jpg", quality=90)


def _reduced(picture: Path, width: int) -> None:
    """A picture of at most that width among the documentation's."""
    with Image.open(picture) as opened:
        reduced = opened.convert("RGB")
    reduced.thumbnail((width, width))
    reduced.save(PICTURES / f"{picture.stem}.jpg", quality=88)


def main() -> int:
    """Screenshots into docs/pictures, and a render of each sample beside its photo."""
    os.environ["SAM3D_PICTURES"] = "1"
    PICTURES.mkdir(parents=True, exist_ok=True)
    window = ROOT / "build" / "pictures"
    run_window("pictures.py", window, *(str(PHOTOS / name) for name in SHOWN))
    for name in ("panel", "image-editor"):
        Image.open(window / f"{name}.png").convert("RGB").save(PICTURES / f"{name}.jpg", quality=88)
    take_services()
    take("body.py", BODY_CROPS, "mannequin.png")
    take("choosing_pictures.py", CHOOSING_CROPS, "desk.jpg")
    take("assets.py", ASSET_CROPS, *ASSETS)
    take_parts("guides.py", GUIDE_CROPS)
    take_parts("photo_scene.py", SCENE_CROPS, str(PHOTOS))
    python = ROOT / "build" / "env" / "blender-4.5" / "bin" / "python"
    for name in SHOWN:
        render = window / f"{Path(name).stem}.png"
        subprocess.run([python, ROOT / "tools" / "portrait.py", PHOTOS / name, render], check=True)
        _reduced(render, RESULT_WIDTH)
    subprocess.run([sys.executable, ROOT / "tools" / "real_pictures.py"], check=True)
    subprocess.run([python, ROOT / "tools" / "demo.py", "--out", window / "demo"], check=True)
    _reduced(window / "demo" / "desk.png", SCENE_WIDTH)
    return 0


if __name__ == "__main__":
    sys.exit(main())
