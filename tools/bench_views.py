# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures drafts of things that three photos show.

usage: python tools/bench_views.py [NAME...] [--models FOLDER] [--seed N] [--predictions FOLDER]
  NAME    models to look at; all without
  FOLDER  of NAME/truth.glb; ../shared/data/props without

Each model is photographed from three sides that are 40 to 100 degrees apart (drawn from the seed), by the usual camera.
Told for each: viou (../shared/bench/score_shape.py) of the draft of the first photo alone, of the three with the true
cameras, and with those found; how far the found cameras are turned from the true ones, in degrees (things that look the
same from several sides may be found turned); and busy seconds of the draft of one photo and of three.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

import numpy as np
import trimesh
from photos_of_models import PhotoOfModel, photographed

from sam3d.engine.arrays import Floats
from sam3d.engine.draft import AddedView, Seen, look_at, reconstruct
from sam3d.engine.draft.kinds import rank
from sam3d.engine.draft.posed_shape import Shape
from sam3d.engine.draft.shape import shape_of
from sam3d.engine.draft.views.fused import Fused, agreement_of, fuse, fused_from, read_all
from sam3d.engine.draft.views.posed_view import PosedView
from sam3d.engine.gltf.painted import read_painted

SHARED = Path(__file__).resolve().parents[2] / "shared"
FIRST, PITCH, LENS = 30.0, 15.0, 50.0  # degrees, degrees, millimeters
APART = (40.0, 100.0)  # degrees


def main() -> int:
    """A line for each model, and the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--models", type=Path, default=SHARED / "data" / "props")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--predictions", type=Path, help="folder for the drafts NAME.glb")
    options = parser.parse_args()
    scorer = SHARED / "bench" / "score_shape.py"
    models = [path.parent for path in sorted(options.models.glob("*/truth.glb"))]
    models = [model for model in models if not options.names or model.name in options.names]
    if not models or not scorer.exists():
        print("left out: no models, or no ../shared/bench")
        return 0
    score = _module(scorer)
    rows = []
    for model in models:
        rows.append(_measure(model, options.seed, score, options.predictions))
        print(f"{model.name:18s} {_line(rows[-1])}", flush=True)
    print(f"{'mean of ' + str(len(rows)):18s} {_line(np.mean(rows, 0))}")
    return 0


def yaws_of(name: str, seed: int) -> tuple[float, float, float]:
    """The yaws in degrees of three cameras, neighbors 40 to 100 degrees apart, the same ones for a name and a seed."""
    random = np.random.default_rng(sum(map(ord, name)) + 1000 * seed)
    one, other = random.uniform(*APART, 2).tolist()
    way = random.choice([-1.0, 1.0])
    return FIRST, FIRST + way * one, FIRST - way * other


def _measure(model: Path, seed: int, score: ModuleType, folder: Path | None) -> Floats:
    yaws = yaws_of(model.name, seed)
    parts = read_painted(model / "truth.glb")
    photos = [photographed(parts, yaw, PITCH, LENS) for yaw in yaws]
    truth = score.load(model / "truth.glb")
    first, *more = photos
    busy = [time.process_time()]
    reconstruct(first.picture, first.mask)
    busy.append(time.process_time())
    draft = reconstruct(first.picture, first.mask, views=[AddedView(photo.picture, photo.mask) for photo in more])
    busy.append(time.process_time())
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{model.name}.glb").write_bytes(draft.glb)
    subjects = [look_at(photo.picture, photo.mask) for photo in photos]
    kinds = [rank(seen.features)[0] for seen in subjects]
    alone = shape_of(subjects[0].features, kinds[0])
    found = fuse(subjects, kinds, closed=False)
    known = _with_true_cameras(photos, subjects, kinds)
    shapes = [alone, *(alone if one is None else one.shape for one in (known, found))]
    figures = [score.score(_mesh(shape), truth)["viou"] for shape in shapes]
    off = [abs(_turned(found, n) - yaws[n] + yaws[0] + 180) % 360 - 180 for n in (1, 2)]
    return np.array([*figures, *np.abs(off), *np.diff(busy)])


def _with_true_cameras(photos: list[PhotoOfModel], subjects: list[Seen], kinds: list[str]) -> Fused | None:
    """The shape of three photos whose cameras are known in the model's frame: a reading is moved there by its own."""
    true = [_true_view(number, photo, seen) for number, (photo, seen) in enumerate(zip(photos, subjects, strict=True))]
    found = []
    for reading in read_all(subjects, kinds, closed=False):
        own, place = reading.own, true[reading.own.number]
        turn = own.axes.T @ place.axes  # takes the model's directions to the reading's
        scale = own.eye[1] / place.eye[1]  # both stand on the ground
        views = [view.moved(turn, place.eye - turn.T @ own.eye / scale, scale) for view in true]
        found.append(agreement_of(reading, views))
    return fused_from(found, None)


def _true_view(number: int, photo: PhotoOfModel, seen: Seen) -> PosedView:
    eye = np.linalg.inv(photo.place) @ np.array([0.0, 0.0, 1.0, 1.0])
    return PosedView(number, seen, seen.near.turn.T @ photo.camera.axes @ photo.place[:3, :3], eye[:3])


def _turned(found: Fused | None, number: int) -> float:
    """By how many degrees a photo's camera stands to the right of the first one's; nan where it was left out."""
    around = {view.number: np.degrees(np.arctan2(view.eye[0], view.eye[2])) for view in found.views} if found else {}
    return float(around.get(number, np.nan) - around.get(0, np.nan))


def _mesh(shape: Shape) -> trimesh.Trimesh:
    return trimesh.Trimesh(shape.vertices, shape.faces, process=False)


def _line(row: Floats) -> str:
    single, true, found, one, other, alone, together = row
    return (
        f"viou {single:.3f} alone  {true:.3f} true cameras  {found:.3f} found   yaws off {one:4.0f} {other:4.0f}   "
        f"{alone:.1f} s alone  {together:.1f} s together"
    )


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
