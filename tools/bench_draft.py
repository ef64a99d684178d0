# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the draft engine: its shapes against known ones, its time and its memory.

usage: python tools/bench_draft.py CASES [--predictions FOLDER] [--limit-seconds S] [--limit-megabytes M]
       python tools/bench_draft.py --cameras [MODELS] [--each N] [--predictions FOLDER]
  CASES   folder of NAME/image.png, photos whose alpha is the exact mask (and NAME/truth.glb for the scores)
  MODELS  folder of NAME/truth.glb; without it the subjects of the sample photos

Writes a draft NAME.glb of every photo, scores them with ../shared/bench/score_shape.py where that is, and makes each
photo again at 1024 x 1024 pixels in a fresh process of one thread, of which it gives the time of reconstruct() and the
most memory the process ever held. Exits with 1 when a photo takes more than the limits.

With --cameras each model is photographed by N cameras of all kinds, and drafts are made and scored twice: with the
photo's camera given (its pitch and focal length; nobody tells how the model is turned), and without.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
SCORER = ROOT.parent / "shared" / "bench" / "score_shape.py"
SIZE = 1024  # pixels
ENVIRONMENTS = Path(os.environ.get("SAM3D_ENV_DIR", ROOT / "build" / "env"))
BLENDER = ENVIRONMENTS / "blender-4.5" / "bin" / "python"
"""A Python with Blender."""

LIBRARIES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
ONE_THREAD = dict.fromkeys(LIBRARIES, "1")

MEASURE = """
import json, resource, sys, time
import numpy as np
from PIL import Image
from sam3d.engine.draft import reconstruct
source, target, size = sys.argv[1:]
photo = Image.open(source).convert("RGBA")
if size != "0":
    photo = photo.resize((int(size), int(size)), Image.Resampling.LANCZOS)
pixels = np.array(photo)
photo.close()
start, busy = time.perf_counter(), time.process_time()
draft = reconstruct(pixels[..., :3], pixels[..., 3])
seconds, busy = time.perf_counter() - start, time.process_time() - busy
with open(target, "wb") as file:
    file.write(draft.glb)
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps(dict(kind=draft.kind, seconds=seconds, busy=busy, megabytes=most)))
"""


def make(photo: Path, glb: Path, size: int) -> dict[str, float | str]:
    """A draft of a photo in a process of its own: the kind of shape, its seconds, busy seconds and megabytes."""
    paths = [str(ROOT / "build" / "python"), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(photo), str(glb), str(size)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{photo}: {done.stderr}")
    found: dict[str, float | str] = json.loads(done.stdout)
    return found


def bench_cameras(models: Path | None, folder: Path, each: int) -> None:
    """Photographs models, drafts them with the camera given and without, and scores both."""
    from photos_of_models import photographed, views

    from sam3d.engine.draft import reconstruct
    from sam3d.engine.gltf.painted import read_painted

    if models is None:
        models = folder / "models"
        subprocess.run([BLENDER, ROOT / "tools" / "sample_models.py", models], check=True, stdout=subprocess.DEVNULL)
    truths = sorted(models.glob("*/truth.glb"))
    if not truths:
        sys.exit(f"There are no models NAME/truth.glb in {models}.")
    for truth in truths:
        parts = read_painted(truth)
        for number, (yaw, pitch, lens) in enumerate(views(each, sum(truth.parent.name.encode()))):
            photo = photographed(parts, yaw, pitch, lens)
            name = f"{truth.parent.name}-{number}"
            case = folder / "cases" / name
            case.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(truth, case / "truth.glb")
            Image.fromarray(np.dstack([photo.picture, photo.mask.astype(np.uint8) * 255])).save(case / "image.png")
            print(f"{name:24s} yaw {yaw:6.1f}  pitch {pitch:5.1f}  lens {lens:3.0f} mm", end="")
            for way, camera in (("given", photo.camera), ("assumed", None)):
                draft = reconstruct(photo.picture, photo.mask, camera=camera)
                (folder / way).mkdir(exist_ok=True)
                (folder / way / f"{name}.glb").write_bytes(draft.glb)
                print(f"  {way}: {draft.kind}", end="", flush=True)
            print()
    for way in ("given", "assumed"):
        print(f"The camera is {way}:", flush=True)
        if SCORER.exists():
            subprocess.run([sys.executable, str(SCORER), str(folder / "cases"), str(folder / way)], check=True)
    if not SCORER.exists():
        print("The shapes are not scored: ../shared/bench/score_shape.py is not here.")


def main() -> None:
    """Reads the command line, makes the drafts, prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path, nargs="?")
    parser.add_argument("--cameras", action="store_true", help="photograph models by cameras of all kinds")
    parser.add_argument("--each", type=int, default=3, help="photos of each model")
    parser.add_argument("--predictions", type=Path, help="folder for the drafts; a temporary one without it")
    parser.add_argument("--limit-seconds", type=float, default=1.5)
    parser.add_argument("--limit-megabytes", type=float, default=400)
    arguments = parser.parse_args()
    if arguments.cameras:
        with tempfile.TemporaryDirectory() as temporary:
            bench_cameras(arguments.cases, arguments.predictions or Path(temporary), arguments.each)
        return
    if arguments.cases is None:
        parser.error("name a folder of photos, or use --cameras")
    photos = sorted(arguments.cases.glob("*/image.png"))
    if not photos:
        sys.exit(f"There are no photos NAME/image.png in {arguments.cases}.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.predictions or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        slow = False
        for photo in photos:
            make(photo, folder / f"{photo.parent.name}.glb", 0)
            large = make(photo, Path(temporary) / "large.glb", SIZE)
            busy, memory = float(large["busy"]), float(large["megabytes"])
            over = busy > arguments.limit_seconds or memory > arguments.limit_megabytes
            slow |= over
            print(
                f"{photo.parent.name:24s} {large['kind']:11s} {large['seconds']:6.2f} s  busy {busy:6.2f} s  "
                f"{memory:5.0f} MB{'  over the limit' if over else ''}",
                flush=True,
            )
        if SCORER.exists() and all((photo.parent / "truth.glb").exists() for photo in photos):
            subprocess.run([sys.executable, str(SCORER), str(arguments.cases), str(folder)], check=True)
        else:
            print("The shapes are not scored: ../shared/bench/score_shape.py or the truth.glb of a case is not here.")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
