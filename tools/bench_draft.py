# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the draft engine: its shapes against known ones, its time and its memory.

usage: python tools/bench_draft.py CASES [--predictions FOLDER] [--limit-seconds S] [--limit-megabytes M]
  CASES  folder of NAME/image.png, photos whose alpha is the exact mask (and NAME/truth.glb for the scores)

Writes a draft NAME.glb of every photo, scores them with ../shared/bench/score_shape.py where that is, and makes each
photo again at 1024 x 1024 pixels in a fresh process of one thread, of which it gives the time of reconstruct() and the
most memory the process ever held. Exits with 1 when a photo takes more than the limits.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCORER = ROOT.parent / "shared" / "bench" / "score_shape.py"
SIZE = 1024  # pixels

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


def main() -> None:
    """Reads the command line, makes the drafts, prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--predictions", type=Path, help="folder for the drafts; a temporary one without it")
    parser.add_argument("--limit-seconds", type=float, default=1.5)
    parser.add_argument("--limit-megabytes", type=float, default=400)
    arguments = parser.parse_args()
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
