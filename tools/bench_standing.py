# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how drafts stand, how deep they are and how well they cover their masks.

usage: python tools/bench_standing.py [PHOTOS] [--props FOLDER] [--cameras N] [--limit N] [--kind KIND]
  PHOTOS   folder of SCENE/image.png, real photos, and SCENE/N.png, masks in their alpha or in gray
  --props  folder of NAME/image.png, photos whose alpha is the mask, and NAME/truth.glb; ../shared/data/props without
  --cameras  photos of each of the models, by cameras of all kinds; the subjects of the sample photos are models too
  --limit  so many masks of each scene

A draft stands where its center of mass lies over the hull of what touches the ground: the vertices within 3 % of its
height. What the photo's border cuts off is left out. Beside it: the intersection over union of the mask and the draft
seen from its own camera, the pieces that the mask and the draft fall into, and the CPU seconds that the shape took.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "build" / "python"))
sys.path.insert(0, str(ROOT / "tools"))
PROPS = ROOT.parent / "shared" / "data" / "props"

from sam3d.engine.arrays import Floats, Mask, Pixels  # noqa: E402
from sam3d.engine.draft.camera import View, usual_camera  # noqa: E402
from sam3d.engine.draft.close_up import CloseUp, close_up  # noqa: E402
from sam3d.engine.draft.errors import DraftError  # noqa: E402
from sam3d.engine.draft.input_photo import cut_out_small, prepare  # noqa: E402
from sam3d.engine.draft.posed_shape import Shape  # noqa: E402
from sam3d.engine.draft.shape import build_shape  # noqa: E402
from sam3d.engine.graph import components, connected  # noqa: E402
from sam3d.engine.matching.camera import PhotoCamera  # noqa: E402
from sam3d.engine.raster import scan  # noqa: E402

TOUCHES = 0.03  # of the height: what is so low touches the ground
SMALL = 0.001  # share of a photo: masks of less are left out
SPECK = 0.02  # of a mask: pieces of less are not counted


@dataclass(frozen=True)
class Case:
    """A photo (H, W, 3) with a mask (H, W), and the photo's camera where that is known."""

    name: str
    picture: Pixels
    mask: Mask
    camera: PhotoCamera | None = None


@dataclass(frozen=True)
class Figures:
    """What is measured of one draft; size: (3,) its sides, the longest 1."""

    kind: str
    stands: bool
    overlap: float
    pieces: int
    mask_pieces: int
    size: Floats
    seconds: float


def prepared(case: Case) -> CloseUp:
    """The subject as the engine sees it. Raises DraftError."""
    part, mask, (left, top) = cut_out_small(case.picture, case.mask)
    photo = prepare(part, mask)
    height, width = case.mask.shape
    camera = (case.camera or usual_camera(width, height)).resized(width, height)
    scale = photo.work.shape[1] / part.shape[1]
    middle = np.array([width / 2 - left, height / 2 - top]) * scale
    assert photo.mask is not None
    return close_up(photo, photo.mask, View(camera.axes, camera.focal * scale, middle))


def stands(vertices: Floats, faces: NDArray[np.integer]) -> bool:
    """Whether a closed mesh, y up, stands by itself where its lowest point is the ground."""
    height = vertices[:, 1] - vertices[:, 1].min()
    ground = vertices[height <= TOUCHES * height.max()][:, [0, 2]]
    corners = vertices[faces]
    volume = np.einsum("fi,fi->f", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    middle = (volume[:, None] * corners.sum(1)).sum(0) / 4 / volume.sum()
    away = ground - middle[[0, 2]]
    angle = np.sort(np.arctan2(away[:, 1], away[:, 0]))
    return bool(np.diff(angle, append=angle[0] + 2 * np.pi).max() < np.pi)


def seen(shape: Shape, near: CloseUp) -> Mask:
    """The draft (h, w) from its own camera."""
    pixels, _ = shape.camera.project(shape.vertices)
    height, width = near.mask.shape
    shown = np.zeros((height, width), np.bool_)
    _, columns, rows = scan(pixels[shape.faces], width, height)
    shown[rows, columns] = True
    return shown


def measure(case: Case, kind: str | None = None) -> tuple[Figures, Shape, CloseUp]:
    """The figures of the draft that is made of a case, the draft, and what it was made from. Raises DraftError."""
    near = prepared(case)
    start = time.process_time()
    try:
        shape = build_shape(near.coverage, near.picture, near.camera, kind=kind)
    except ValueError as error:
        raise DraftError(str(error)) from error
    seconds = time.process_time() - start
    again = seen(shape, near)
    overlap = float((again & near.mask).sum() / (again | near.mask).sum())
    edges = np.concatenate([shape.faces[:, [0, 1]], shape.faces[:, [1, 2]]]).astype(np.int64)
    sizes = components(near.mask)[1][1:]
    return (
        Figures(
            shape.kind,
            stands(shape.vertices.astype(np.float64), shape.faces),
            overlap,
            int(connected(len(shape.vertices), edges).max()) + 1,
            int((sizes > SPECK * sizes.sum()).sum()),
            np.ptp(shape.vertices, axis=0),
            seconds,
        ),
        shape,
        near,
    )


def of_props(folder: Path) -> Iterator[Case]:
    """The props, as they are photographed."""
    for photo in sorted(folder.glob("*/image.png")):
        pixels = np.array(Image.open(photo).convert("RGBA"))
        yield Case(photo.parent.name, pixels[..., :3], pixels[..., 3] > 127)


def of_models(folder: Path, each: int) -> Iterator[Case]:
    """Models photographed by cameras of all kinds."""
    from photos_of_models import photographed, views

    from sam3d.engine.gltf.painted import read_painted

    for truth in sorted(folder.glob("*/truth.glb")):
        parts = read_painted(truth)
        for number, (yaw, pitch, lens) in enumerate(views(each, sum(truth.parent.name.encode()))):
            photo = photographed(parts, yaw, pitch, lens)
            yield Case(f"{truth.parent.name}-{number}", photo.picture, photo.mask, photo.camera)


def of_photos(folder: Path, limit: int) -> Iterator[Case]:
    """Real photos with their masks, without masks that are small or cut off by the photo's border."""
    for scene in sorted(photo.parent for photo in folder.glob("*/image.png")):
        picture = np.array(Image.open(scene / "image.png").convert("RGB"))
        taken = 0
        for path in sorted(scene.glob("[0-9]*.png"), key=lambda path: int(path.stem)):
            image = Image.open(path)
            mask = np.array(image.getchannel("A") if image.mode in ("RGBA", "LA") else image.convert("L")) > 127
            cut = mask[[0, -1]].any() or mask[:, [0, -1]].any()
            if taken < limit and mask.mean() > SMALL and not cut:
                taken += 1
                yield Case(f"{scene.name}/{path.stem}", picture, mask)


def report(cases: Iterator[Case], kind: str | None) -> None:
    """Measure and print one line for each draft, and one for each kind."""
    found: dict[str, list[Figures]] = defaultdict(list)
    for case in cases:
        try:
            one = measure(case, kind)[0]
        except DraftError as error:
            print(f"{case.name:34s} {error}")
            continue
        found[one.kind].append(one)
        sides = " x ".join(f"{side:.2f}" for side in one.size)
        print(
            f"{case.name:34s} {one.kind:11s} {'stands' if one.stands else 'falls':7s} overlap {one.overlap:.3f}"
            f"  {sides}  pieces {one.pieces} of {one.mask_pieces}  {one.seconds:.2f} s",
            flush=True,
        )
    every = [one for of_kind in found.values() for one in of_kind]
    for name, of_kind in [*sorted(found.items()), ("all", every)]:
        if of_kind:
            standing, overlap = (np.mean([getattr(one, what) for one in of_kind]) for what in ("stands", "overlap"))
            apart = sum(one.pieces > one.mask_pieces for one in of_kind)
            print(
                f"= {name:11s} {len(of_kind):3d}  stand {standing:.0%}  overlap {overlap:.3f}  "
                f"in more pieces than their masks {apart}"
            )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="?")
    parser.add_argument("--props", type=Path, default=PROPS)
    parser.add_argument("--cameras", type=int, default=0)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--kind")
    arguments = parser.parse_args()
    if any(arguments.props.glob("*/image.png")):
        report(of_props(arguments.props), arguments.kind)
    else:
        print(f"The props are not measured: there are no photos NAME/image.png in {arguments.props}.")
    if arguments.cameras:
        from bench_draft import BLENDER

        report(of_models(arguments.props, arguments.cameras), arguments.kind)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [str(BLENDER), str(ROOT / "tools" / "sample_models.py"), folder], check=True, stdout=subprocess.DEVNULL
            )
            report(of_models(Path(folder), arguments.cameras), arguments.kind)
    if arguments.photos and any(arguments.photos.glob("*/image.png")):
        report(of_photos(arguments.photos, arguments.limit), arguments.kind)
    else:
        print("No real photos are measured: name a folder of SCENE/image.png with masks SCENE/N.png.")


if __name__ == "__main__":
    main()
