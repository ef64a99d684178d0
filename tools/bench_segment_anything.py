# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures MobileSAM in numpy: the time of encoding a photo and of a prompt, on one and two threads, and its memory.

usage: python tools/bench_segment_anything.py [--model FILE] [--torch PYTHON] [--runs N] [--everything]
  --model FILE    mobile_sam.pt; without it, random weights, which take as long
  --torch PYTHON  a Python with torch and mobilesam-mirror (see tools/reference_segment_anything.py), to run beside
  --everything    find all objects of the photo, too (with random weights there are none: the most that it can take)

Each line is a fresh process: the least of N runs (3), wall time and processor time in seconds, and the most memory that
the process ever held, in megabytes, less what it held with numpy and Pillow loaded. Exits with 1 where numpy's encoding
takes more than 2.5 times torch's time, a prompt more than twice, or more than 600 MB.
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
PATHS = [ROOT / "build" / "python", ROOT / "tests", ROOT / "tests" / "segment_anything", ROOT / "tools"]
LIBRARIES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
ENCODING, PROMPT, MEGABYTES = 2.5, 2.0, 600
Times = dict[str, tuple[float, float]]
"""Wall and processor time by what was done."""

MEASURE = """
import json, resource, sys, time
import numpy as np
from PIL import Image
from reference_cases import photo

def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)

def least(run, runs):
    best = None
    for _ in range(runs):
        wall, busy = time.perf_counter(), time.process_time()
        run()
        took = time.perf_counter() - wall, time.process_time() - busy
        best = took if best is None else min(best, took)
    return best

path, threads, runs, everything = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "True"
picture, before, found = photo(), memory(), {}
"""

NUMPY = """
from pathlib import Path
from reference_cases import CASES
from sam3d.engine.segment_anything import read_model
model = read_model(Path(path))
found["encode"] = least(lambda: model.encode(picture), runs)
encoded = model.encode(picture)
found["click"] = least(lambda: model.candidates(encoded, CASES["click"]), 3 * runs)
found["box"] = least(lambda: model.candidates(encoded, CASES["box"]), 3 * runs)
if everything:
    found["everything"] = least(lambda: model.everything(encoded), 1)
print(json.dumps((found, memory() - before)))
"""

TORCH = """
import torch
from reference_segment_anything import in_pixels, stand_in
from reference_cases import CASES
stand_in()
from mobile_sam import SamPredictor, sam_model_registry
torch.set_num_threads(threads)
model = sam_model_registry["vit_t"](path)
predictor = SamPredictor(model.eval())
found["encode"] = least(lambda: predictor.set_image(picture), runs)
found["click"] = least(lambda: predictor.predict(**in_pixels(CASES["click"])), 3 * runs)
found["box"] = least(lambda: predictor.predict(**in_pixels(CASES["box"]), multimask_output=False), 3 * runs)
print(json.dumps((found, memory() - before)))
"""


def main() -> int:
    """Measure, and say whether it is within the limits."""
    parser = argparse.ArgumentParser(description="Measures MobileSAM in numpy.")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--torch", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--everything", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = arguments.model or random_model(Path(folder))
        rest = (str(arguments.runs), str(arguments.everything))
        within = True
        for threads in (1, 2):
            own, megabytes = measure(Path(sys.executable), NUMPY, str(model), threads, rest)
            show("numpy", threads, own, megabytes)
            within &= megabytes <= MEGABYTES
            if arguments.torch is None:
                continue
            other, megabytes = measure(arguments.torch, TORCH, str(model), threads, rest)
            show("torch", threads, other, megabytes)
            for name, limit in (("encode", ENCODING), ("click", PROMPT), ("box", PROMPT)):
                wall, busy = (one / another for one, another in zip(own[name], other[name], strict=True))
                within &= wall <= limit
                print(f"{threads} thread(s), {name}: {wall:.2f} x torch's wall time (limit {limit}), {busy:.2f} x busy")
    if arguments.torch is None:
        print("torch: skipped, for no Python with torch was named (--torch)")
    return 0 if within else 1


def random_model(folder: Path) -> Path:
    """A file with random weights."""
    sys.path[:0] = map(str, PATHS)
    from random_model import write_random_model

    path = folder / "random.pt"
    write_random_model(path)
    return path


def measure(python: Path, code: str, model: str, threads: int, rest: tuple[str, ...]) -> tuple[Times, float]:
    """What a fresh process with this many threads found, and its megabytes."""
    environment = os.environ | dict.fromkeys(LIBRARIES, str(threads))
    environment["PYTHONPATH"] = os.pathsep.join(map(str, PATHS))
    command = [str(python), "-c", MEASURE + code, model, str(threads), *rest]
    result = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    times, megabytes = json.loads(result.stdout)
    return times, megabytes


def show(who: str, threads: int, found: Times, megabytes: float) -> None:
    """One line of figures."""
    times = ", ".join(f"{name} {wall:.3f} s ({busy:.3f} busy)" for name, (wall, busy) in found.items())
    print(f"{who}, {threads} thread(s): {times}; {megabytes:.0f} MB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
