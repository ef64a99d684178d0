# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the weights of engine/selection/expectation.py: python tools/fit_selection.py REAL PHOTOS [--every N]

What cues let expect is learned from all candidates for prompts on the half of the real photographs to develop by
(tools/real_photos.py), on a part of those that the network was trained on (tools/training_photos.py), and on made-up
photos. Prints the weights, and how well the likeliest candidate does where the photo was left out of the fit.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "build" / "python"), str(ROOT / "tests" / "selection")]
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import busy  # noqa: E402
import numpy as np  # noqa: E402
from bench_real_photos import SINGLE  # noqa: E402
from PIL import Image  # noqa: E402

from sam3d.engine.arrays import Floats, Mask, Pixels  # noqa: E402
from sam3d.engine.draft.foreground import central_guess  # noqa: E402
from sam3d.engine.selection import PixelPrompts, SelectionError, Selector  # noqa: E402
from sam3d.engine.selection.candidate import Candidate  # noqa: E402

MADE = 40
FOLDS = 5
HOLD = 0.01  # of the weights towards zero
MAIN = 0.12  # of a photo, from which a subject is what it shows first of all
Group = tuple[str, list[tuple[Floats, float]]]
"""Where candidates are from, and each one's cues and overlap with the known mask."""


def _photos(real: Path, training: Path, every: int) -> Iterator[tuple[str, Pixels, Mask, bool]]:
    for path in [
        *sorted(real.glob("develop/*/mask-*.png"))[::every],
        *sorted(training.glob("*/mask-*.png"))[:: 8 * every],
    ]:
        photo = np.asarray(Image.open(path.with_name("photo.png")).convert("RGB"))
        mask = np.asarray(Image.open(path)) > 127
        name = path.parent.name
        yield name, photo, mask, name.split("-")[0] in SINGLE or (name.isdecimal() and float(mask.mean()) > MAIN)
    props = busy.props()
    names = sorted(props)
    for number in range(0, MADE if props else 0, every):
        subject = props[names[number % len(names)]] if number % 2 else busy.toy(3000 + number)
        others = [props[names[(5 * number + k) % len(names)]] for k in (1, 2)]
        background = list(busy.BACKGROUNDS)[number % len(busy.BACKGROUNDS)]
        scene = busy.scene(subject, background, 9000 + number, others=others)
        yield f"made up {number}", scene.photo, scene.mask, False


def _overlap(candidate: Candidate, mask: Mask) -> float:
    found = np.zeros(mask.shape, bool)
    candidate.window.paint(candidate.mask.astype(np.float32), found)
    return busy.overlap(found, mask)


def _told(case: tuple[str, Pixels, Mask, bool]) -> list[tuple[str, Group]]:
    """The candidates for each kind of prompts on one photo."""
    name, photo, mask, main = case
    selector, seed, found = Selector(photo), len(name) + int(mask.sum()), []
    try:
        box = PixelPrompts(box=busy.box_around(mask, seed)).checked(mask.shape[0], mask.shape[1])
        found.append(("WITHIN", selector.readings(box)))
        found.append(("AROUND", selector.readings(PixelPrompts(positive=(busy.click(mask, seed),)))))
        if main:
            found.append(("ALONE", selector.readings_alone(central_guess(photo))))
    except SelectionError:
        pass
    return [
        (kind, (name, [(np.asarray(one.cues, np.float64), _overlap(one.candidate, mask)) for one in readings]))
        for kind, readings in found
        if readings
    ]


def gather(real: Path, training: Path, every: int, processes: int) -> dict[str, list[Group]]:
    """The candidates for each kind of prompts."""
    groups: dict[str, list[Group]] = defaultdict(list)
    with ProcessPoolExecutor(processes) as pool:
        for told in pool.map(_told, _photos(real, training, every)):
            for kind, group in told:
                groups[kind].append(group)
    return groups


def fit(cues: Floats, overlaps: Floats) -> Floats:
    """Logistic regression on overlaps (N,) by Newton's method: weights (cues + 1,) for cues (N, cues) as they are."""
    mean, spread = cues.mean(0), cues.std(0) + 1e-6
    table = np.column_stack([(cues - mean) / spread, np.ones(len(cues))])
    weights, hold = np.zeros(table.shape[1]), np.append(np.full(cues.shape[1], HOLD), 1e-6)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-table @ weights))
        slope = table.T @ (chance - overlaps) / len(cues) + hold * weights
        bend = (table * (chance * (1 - chance))[:, None]).T @ table / len(cues) + np.diag(hold)
        weights = weights - np.linalg.solve(bend, slope)
    plain = weights[:-1] / spread
    return np.append(plain, weights[-1] - mean @ plain)


def tell(kind: str, groups: list[Group]) -> None:
    """Prints the weights and what they choose for photos that they were not fitted to."""
    names = sorted({name for name, _ in groups})
    fold = {name: number % FOLDS for number, name in enumerate(np.random.default_rng(0).permutation(names))}

    def table(some: list[Group]) -> tuple[Floats, Floats]:
        told = [one for _, candidates in some for one in candidates]
        return np.array([cues for cues, _ in told]), np.array([overlap for _, overlap in told])

    chosen, best = [], []
    for number in range(FOLDS):
        weights = fit(*table([group for group in groups if fold[group[0]] != number]))
        for _, candidates in (group for group in groups if fold[group[0]] == number):
            cues, overlaps = table([("", candidates)])
            chosen.append(overlaps[int((cues @ weights[:-1]).argmax())])
            best.append(overlaps.max())
    listed = ", ".join(f"{weight:.3g}" for weight in fit(*table(groups)))
    print(f"{kind} = np.array([{listed}])\n# {len(groups)}: {np.mean(chosen):.3f}, the best {np.mean(best):.3f}")


def main() -> int:
    """Fits and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("real", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every so many of the photos")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="at a time")
    arguments = parser.parse_args()
    for kind, groups in gather(arguments.real, arguments.photos, arguments.every, arguments.processes).items():
        tell(kind, groups)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
