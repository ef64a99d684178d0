# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a folder of real photographs with true masks for tools/bench_selection.py.

usage: python tools/real_photos.py CLONES FOLDER
CLONES holds git clones (bare or not) of the repositories in SOURCES as OWNER+NAME/repo; what is absent is left out.
FOLDER gets HALF/KIND-NAME/photo.png and mask-N.png, the photos at SIZE pixels at most along their longest side; half of
the photos, and all of one scene, to develop by, the other half to be held out. The photos stay their owners': they are
for measuring and are neither part of this repository nor passed on.
"""

from __future__ import annotations

import argparse
import io
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 1280
LEAST = 0.004  # of the photo, for a mask to count
MASKS = 8  # from one photo at most
HALVES = ("develop", "held-out")


@dataclass(frozen=True)
class Source:
    """Pictures in a commit of a repository, and under what terms their photos stand."""

    repository: str
    commit: str
    folder: str
    license: str


SCENES = Source(
    "facebookresearch/sam-3d-objects", "HEAD", "notebook/images", "SAM License; the photos as bought by Meta"
)
RITM = "SamsungLabs/ritm_interactive_segmentation", "c05f992ec8bd1fddec8223fe227fb5404dc29d06"
GRABCUT = Source(*RITM, "datasets/GrabCut", "GrabCut database, Microsoft Research: for research")
DAVIS = Source(
    *RITM, "notebooks/ritm_interactive_segmentation/datasets/DAVIS", "DAVIS 2016: annotations BSD; videos for research"
)
COCO = Source(
    *RITM, "datasets/COCO_MVal", "COCO: annotations CC BY 4.0; photos by their owners on Flickr, CC BY to NC-ND"
)
SOURCES = (SCENES, GRABCUT, DAVIS, COCO)


@dataclass(frozen=True)
class Photo:
    """A photo and its masks by their paths; the masks of DAVIS hold several subjects by number."""

    name: str
    half: str
    photo: str
    masks: tuple[str, ...]


class Clone:
    """Reads files of one commit out of a git clone."""

    def __init__(self, clones: Path, source: Source) -> None:
        path = clones / source.repository.replace("/", "+") / "repo"
        self._path = path / ".git" if (path / ".git").is_dir() else path
        self._source = source

    def files(self) -> list[str]:
        """The paths below the source's folder, sorted; none where the clone or the commit is absent."""
        if not self._path.is_dir():
            return []
        folder = [self._source.folder + "/"] if self._source.folder else []
        done = self._git("ls-tree", "-r", "-z", "--name-only", self._source.commit, *folder)
        return sorted(done.stdout.decode().split("\0")[:-1]) if done.returncode == 0 else []

    def read(self, path: str) -> bytes:
        """The file at a path. Raises OSError where it cannot be read."""
        done = self._git("show", f"{self._source.commit}:{path}")
        if done.returncode:
            raise OSError(done.stderr.decode().strip())
        return done.stdout

    def picture(self, path: str) -> Image.Image:
        """The picture at a path. Raises OSError where it cannot be read."""
        return Image.open(io.BytesIO(self.read(path)))

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["git", "-C", self._path, *arguments], capture_output=True, check=False)


def _scenes(files: list[str]) -> Iterator[Photo]:
    """Every second scene to develop by; a mask is the alpha of a picture N.png beside image.png."""
    scenes: dict[str, list[str]] = {}
    for path in files:
        folder, _, name = path.rpartition("/")
        if name.removesuffix(".png").isdecimal() or name == "image.png":
            scenes.setdefault(folder, []).append(path)
    for number, (folder, paths) in enumerate(scenes.items()):
        photo = f"{folder}/image.png"
        masks = sorted(path for path in paths if path != photo)
        if photo in paths and masks and "David" not in folder and "graphic" not in folder:  # a painting, a rendering
            step = max(1, len(masks) // MASKS)
            yield Photo(f"scene-{number:02}", HALVES[number % 2], photo, tuple(masks[::step][:MASKS]))


def _grabcut(files: list[str]) -> Iterator[Photo]:
    photos = [path for path in files if "/data_GT/" in path]
    for number, path in enumerate(photos):
        name = Path(path).stem
        yield Photo(f"grabcut-{name}", HALVES[number % 2], path, (f"{GRABCUT.folder}/boundary_GT/{name}.bmp",))


def _davis(files: list[str]) -> Iterator[Photo]:
    """Frames of the videos one after another; those of one video lie in one half."""
    photos = [path for path in files if "/img/" in path]
    for number, path in list(enumerate(photos))[:: max(1, len(photos) // 36)]:
        half = HALVES[number * 2 // len(photos)]
        yield Photo(f"davis-{Path(path).stem}", half, path, (path.replace("/img/", "/gt/").replace(".jpg", ".png"),))


def _coco(files: list[str]) -> Iterator[Photo]:
    """One photo of every second kind of object to each half."""
    kinds: dict[str, list[str]] = {}
    for path in files:
        if "/img/" in path:
            kinds.setdefault(Path(path).name.split("0")[0], []).append(path)
    for kind in list(kinds)[::2]:
        for half, pick in zip(HALVES, (0, 5), strict=True):
            if pick < len(kinds[kind]):
                path = kinds[kind][pick]
                name = f"coco-{kind.replace(' ', '-')}"
                yield Photo(name, half, path, (path.replace("/img/", "/gt/").replace(".jpg", ".png"),))


PHOTOS = {SCENES: _scenes, GRABCUT: _grabcut, DAVIS: _davis, COCO: _coco}


def _masks(picture: Image.Image, source: Source) -> Iterator[Image.Image]:
    """The subjects in a picture of masks, each as 0 and 255."""
    if source is SCENES:
        yield picture.convert("RGBA").getchannel("A").point(lambda value: 255 * (value > 127))
        return
    values = np.asarray(picture)
    if source is DAVIS:
        sizes = np.bincount(values.ravel())[1:]
        if sizes.any():
            yield Image.fromarray((values == 1 + int(sizes.argmax())).astype(np.uint8) * 255)
        return
    yield Image.fromarray((values > 200).astype(np.uint8) * 255)


def save(clone: Clone, source: Source, photo: Photo, folder: Path) -> int:
    """Leaves a photo and its masks; how many masks there are."""
    picture = clone.picture(photo.photo).convert("RGB")
    picture.thumbnail((SIZE, SIZE), Image.Resampling.LANCZOS)
    found = [mask for path in photo.masks for mask in _masks(clone.picture(path), source)]
    found = [mask.resize(picture.size, Image.Resampling.NEAREST) for mask in found]
    found = [mask for mask in found if np.asarray(mask).mean() > 255 * LEAST]
    if found:
        folder = folder / photo.half / photo.name
        folder.mkdir(parents=True, exist_ok=True)
        picture.save(folder / "photo.png", compress_level=1)
        for number, mask in enumerate(found):
            mask.save(folder / f"mask-{number}.png")
    return len(found)


def main() -> int:
    """Makes the folder; 1 where nothing was there to make it from."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    total = 0
    for source, photos in PHOTOS.items():
        clone = Clone(arguments.clones, source)
        files = clone.files()
        if not files:
            print(f"absent: {source.repository} at {source.commit}, {source.folder}")
            continue
        made = []
        for photo in photos(files):
            try:
                made.append(save(clone, source, photo, arguments.folder))
            except OSError as error:
                print(f"absent: {error}")
        total += sum(made)
        print(f"{source.repository}, {source.folder}: {len(made)} photos, {sum(made)} masks ({source.license})")
    return 0 if total else 1


if __name__ == "__main__":
    raise SystemExit(main())
