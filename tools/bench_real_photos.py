# SPDX-License-Identifier: GPL-3.0-or-later
"""Smart selection and the guess without a mask on real photographs, beside OpenCV's GrabCut where it is installed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module, util
from itertools import pairwise
from pathlib import Path
from typing import Any

import busy
import numpy as np
from PIL import Image
from prompt_protocol import KINDS, Outcome, outcomes

from sam3d.engine.arrays import Mask, Pixels
from sam3d.engine.draft.errors import DraftError
from sam3d.engine.draft.foreground import find_foreground

HALVES = ("develop", "held-out")
BARS = {"box": 0.70, "click": 0.50}
SINGLE = ("grabcut", "davis")  # kinds of photos that show one main subject
GOOD, SURE = 0.7, 0.75  # overlap, and the confidence that says as much
BINS = (0.0, 0.3, 0.5, 0.7, 0.85, 1.01)
ITERATIONS = 5  # of GrabCut


@dataclass(frozen=True)
class Result:
    """What was found for one mask; `foreground` where the photo shows one main subject, `grabcut` where it is there."""

    kind: str
    prompts: dict[str, Outcome]
    foreground: Outcome | None = None
    grabcut: Outcome | None = None


@dataclass
class Table:
    """Rows of figures by name."""

    rows: dict[str, list[float]] = field(default_factory=dict)

    def print(self, head: Sequence[str]) -> None:
        """The rows under their heads."""
        print(f"{'':16}" + "".join(f"{name:>9}" for name in head))
        for name, values in self.rows.items():
            print(f"{name:16}" + "".join(f"{value:9.3f}" for value in values))


def measure(path: Path) -> Result:
    """What is found of the mask at a path HALF/KIND-NAME/mask-N.png."""
    with Image.open(path.with_name("photo.png")) as file:
        photo = np.asarray(file.convert("RGB"))
    with Image.open(path) as file:
        mask = np.asarray(file.convert("L")) > 127
    kind = path.parent.name.split("-")[0]
    seed = sum(map(ord, path.parent.name)) + int(path.stem.split("-")[1])
    foreground = _foreground(photo, mask) if kind in SINGLE else None
    grabcut = _grabcut(photo, mask, busy.box_around(mask, seed)) if util.find_spec("cv2") else None
    return Result(kind, outcomes(photo, mask, seed), foreground, grabcut)


def _foreground(photo: Pixels, mask: Mask) -> Outcome:
    start = time.thread_time()
    try:
        found = find_foreground(photo)
    except DraftError:
        return Outcome(0.0, 0.0, 0.0, time.thread_time() - start)
    seconds = time.thread_time() - start
    overlap = busy.overlap(found.mask, mask)
    return Outcome(overlap, overlap, found.confidence, seconds)


def _grabcut(photo: Pixels, mask: Mask, box: busy.Box) -> Outcome:
    cv2: Any = import_module("cv2")
    cv2.setNumThreads(1)
    labels = np.zeros(mask.shape, np.uint8)
    left, top, right, bottom = (round(edge) for edge in box)
    start = time.thread_time()
    try:
        cv2.grabCut(
            photo[..., ::-1].copy(),
            labels,
            (left, top, right - left, bottom - top),
            np.zeros((1, 65)),
            np.zeros((1, 65)),
            ITERATIONS,
            cv2.GC_INIT_WITH_RECT,
        )
    except cv2.error:  # no background is left beside the box
        labels[top:bottom, left:right] = 1
    overlap = busy.overlap((labels & 1).astype(bool), mask)
    return Outcome(overlap, overlap, 0.0, time.thread_time() - start)


def quality(folder: Path, processes: int, every: int = 1) -> bool:
    """Prints overlaps, seconds and how honest the confidence is, by half. Whether the bars are held on the held-out."""
    paths = {half: sorted((folder / half).glob("*/mask-*.png"))[::every] for half in HALVES}
    if not all(paths.values()):
        print(f"left out: real photographs, for there are none in {folder} (tools/real_photos.py makes them)")
        return True
    if not util.find_spec("cv2"):
        print("skipped: GrabCut, for OpenCV is not installed here")
    held = True
    for half in HALVES:
        with ProcessPoolExecutor(processes) as pool:
            results = list(pool.map(measure, paths[half]))
        _tell(half, results)
    means = {kind: float(np.mean([result.prompts[kind].overlap for result in results])) for kind in BARS}
    held = all(means[kind] >= bar for kind, bar in BARS.items())
    cut = [result.grabcut for result in results if result.grabcut]
    if cut:
        held &= means["box"] > float(np.mean([one.overlap for one in cut]))
        seconds = [result.prompts["box"].seconds for result in results]
        held &= sum(seconds) < sum(one.seconds for one in cut)
    print(f"bars on what is held out {BARS}: {'held' if held else 'MISSED'}")
    return held


def _tell(half: str, results: Sequence[Result]) -> None:
    names = [*KINDS, "GrabCut", "no mask"]
    columns: list[Callable[[Result], Outcome | None]] = [
        *((lambda result, kind=kind: result.prompts[kind]) for kind in KINDS),
        lambda result: result.grabcut,
        lambda result: result.foreground,
    ]

    def row(
        of: Sequence[Result], value: Callable[[Outcome], float], total: Callable[..., Any] = np.mean
    ) -> list[float]:
        columned = [[value(found) for result in of if (found := column(result))] for column in columns]
        return [float(total(values)) if values else float("nan") for values in columned]

    table = Table()
    for kind in sorted({result.kind for result in results}):
        table.rows[kind] = row([result for result in results if result.kind == kind], lambda found: found.overlap)
    table.rows["all"] = row(results, lambda found: found.overlap)
    table.rows["best candidate"] = row(results, lambda found: found.best)
    table.rows["below 0.5"] = row(results, lambda found: found.overlap < 0.5)
    table.rows["seconds, median"] = row(results, lambda found: found.seconds, np.median)
    table.rows["seconds, most"] = row(results, lambda found: found.seconds, np.max)
    print(f"\n{half}: {len(results)} masks")
    table.print(names)
    for name, found in (
        ("prompts", [result.prompts[kind] for result in results for kind in KINDS]),
        ("box", [result.prompts["box"] for result in results]),
        ("click", [result.prompts["click"] for result in results]),
        ("no mask", [result.foreground for result in results if result.foreground]),
    ):
        _tell_confidence(name, found)


def _tell_confidence(name: str, found: Sequence[Outcome]) -> None:
    confidence, overlap = np.array([[one.confidence, one.overlap] for one in found]).T
    parts = []
    for low, high in pairwise(BINS):
        some = (confidence >= low) & (confidence < high)
        if some.any():
            parts.append(f"{confidence[some].mean():.2f} -> {overlap[some].mean():.2f} ({some.sum()})")
    print(f"confidence -> overlap, {name}: " + ", ".join(parts))
    poor, sure = overlap < GOOD, confidence >= SURE
    print(
        f"  of {poor.sum()} below {GOOD}: {(poor & ~sure).sum()} told as unsure; "
        f"of {(~poor).sum()} others: {(~poor & sure).sum()} told as sure"
    )
