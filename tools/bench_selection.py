# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures smart selection: how well the masks fit known ones, its time and its memory.

usage: python tools/bench_selection.py [--seeds N] [--first SEED] [--processes P] [--real FOLDER]
Every object of ../shared/data/props is set among others before every busy background of tests/selection/busy.py, N
times each. Told are the mean overlaps (intersection over union) of the masks found from a box, from a click, from one
and two more clicks where the mask was wrong the most, and from a stroke; then the seconds of one thread, in processes
of their own, and the most memory beside that of the photo. --real: the same on the real photographs of a folder that
tools/real_photos.py has made, and nothing else.
Exits with 1 where a bar is missed. Change the method by some seeds and judge it by others.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATHS = [str(ROOT / "build" / "python"), str(ROOT / "tests" / "selection")]
sys.path[:0] = PATHS
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
os.environ |= ONE_THREAD  # before numpy is loaded

import bench_real_photos  # noqa: E402
import busy  # noqa: E402
import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from prompt_protocol import KINDS, outcomes  # noqa: E402

from sam3d.engine.arrays import Pixels  # noqa: E402

BARS = {"box": 0.88, "click": 0.75}
SECONDS = 0.5
SIZE = (1732, 1155)
SCALES = (1, 5)

MEASURE = """
import json, sys, time, tracemalloc
import numpy as np
from sam3d.engine.selection import PixelPrompts, Selector
with np.load(sys.argv[1]) as file:
    photo, mask, marks = file["photo"], file["mask"], file["marks"]
kind = sys.argv[2]
if kind == "stroke":
    prompts = PixelPrompts(stroke=marks)
else:
    prompts = PixelPrompts(box=tuple(marks)) if kind == "box" else PixelPrompts(positive=(tuple(marks),))
start = time.perf_counter()
selector = Selector(photo)
found = selector.select(prompts)
first = time.perf_counter() - start
start = time.perf_counter()
selector.select(prompts)
again = time.perf_counter() - start
tracemalloc.start()
Selector(photo).select(prompts)
most = tracemalloc.get_traced_memory()[1] / 2**20
overlap = float((found & mask).sum() / (found | mask).sum())
print(json.dumps(dict(first=first, again=again, megabytes=most, overlap=overlap)))
"""


@dataclass(frozen=True)
class Case:
    """One photo: an object of the props, a background of busy.py, and the seed of all the rest."""

    prop: str
    background: str
    seed: int


@cache
def _props() -> dict[str, Pixels]:
    return busy.props()


def overlaps(case: Case) -> dict[str, float]:
    """The overlap with the known mask for each kind of prompts; 0 where nothing was found."""
    props = _props()
    number = sorted(props).index(case.prop)
    rng = np.random.default_rng([case.seed, number])
    others = [props[name] for name in rng.permutation(sorted(set(props) - {case.prop}))[:2]]
    seed = case.seed * 1000 + number
    scene = busy.scene(props[case.prop], case.background, seed, others=others)
    return {kind: outcome.overlap for kind, outcome in outcomes(scene.photo, scene.mask, seed).items()}


def measure(photo: Path, kind: str) -> dict[str, float]:
    """Seconds from a fresh Selector and on the same again, megabytes and overlap, in a process of its own."""
    paths = [*PATHS, *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(photo), kind],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _row(name: str, results: Sequence[Mapping[str, float]]) -> None:
    means = "".join(f"{np.mean([result[kind] for result in results]):8.3f}" for kind in KINDS)
    print(f"{name:16}{means}")


def quality(seeds: Sequence[int], processes: int) -> bool:
    """Prints the overlaps by background and by object. Whether the bars are held."""
    if not _props():
        print(f"left out: the overlaps, for there are no objects in {busy.PROPS}")
        return True
    cases = [Case(prop, name, seed) for prop in _props() for name in busy.BACKGROUNDS for seed in seeds]
    with ProcessPoolExecutor(processes) as pool:
        results = list(pool.map(overlaps, cases, chunksize=4))
    by_background, by_prop = defaultdict(list), defaultdict(list)
    for case, result in zip(cases, results, strict=True):
        by_background[case.background].append(result)
        by_prop[case.prop].append(result)
    print(f"{'':16}" + "".join(f"{kind:>8}" for kind in KINDS))
    for group in (by_background, by_prop):
        for name, rows in group.items():
            _row(name, rows)
        print()
    _row(f"all {len(results)}", results)
    for kind, bar in BARS.items():
        poor = np.mean([result[kind] < 0.5 for result in results])
        print(f"{kind}: {np.mean([r[kind] for r in results]):.3f} (bar {bar}), below 0.5 in {poor:.0%} of the photos")
    return all(np.mean([result[kind] for result in results]) >= bar for kind, bar in BARS.items())


def speed() -> bool:
    """Prints seconds and memory. Whether the bar is held."""
    scene = busy.scene(busy.toy(3), "clutter", 5, size=SIZE, share=(0.5, 0.7))
    marks = {
        "box": np.array(busy.box_around(scene.mask, 0)),
        "click": np.array(busy.click(scene.mask, 0)),
        "stroke": busy.stroke(scene.mask, 0),
    }
    held = True
    for scale in SCALES:
        size = SIZE[0] * scale, SIZE[1] * scale
        for kind, mark in marks.items():
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "photo.npz"
                np.savez(
                    file,
                    photo=np.asarray(Image.fromarray(scene.photo).resize(size)),
                    mask=scene.mask.repeat(scale, 0).repeat(scale, 1),
                    marks=mark.repeat(scale, 0).repeat(scale, 1) if kind == "stroke" else mark * scale,
                )
                figures = measure(file, kind)
            print(
                f"{size[0] * size[1] / 1e6:.0f} megapixels, {kind}: {figures['first']:.2f} s, again "
                f"{figures['again']:.2f} s, {figures['megabytes']:.0f} MB, overlap {figures['overlap']:.3f}"
            )
            held &= scale > 1 or figures["first"] < SECONDS
    return held


def main() -> int:
    """Runs the benchmark; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2, help="photos for each object and background")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="at a time")
    parser.add_argument("--every", type=int, default=1, help="only every so many of the real masks")
    parser.add_argument("--real", type=Path, help="a folder of real photographs with masks")
    arguments = parser.parse_args()
    if arguments.real:
        return 0 if bench_real_photos.quality(arguments.real, arguments.processes, arguments.every) else 1
    held = quality(range(arguments.first, arguments.first + arguments.seeds), arguments.processes)
    return 0 if speed() & held else 1


if __name__ == "__main__":
    raise SystemExit(main())
