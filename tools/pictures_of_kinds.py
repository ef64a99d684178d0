# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the pictures that kinds.toml names out of clones of public repositories, cut out by their masks.

usage: python tools/pictures_of_kinds.py CLONES FOLDER [MODELS]
  CLONES  folder of git repositories OWNER+NAME/repo
  MODELS  folder of NAME/truth.glb, y up, of which pictures are drawn
  FOLDER  where each picture is left as OWNER+NAME/..., a PNG whose alpha is the mask
"""

from __future__ import annotations

import io
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from photos_of_models import photographed, views
from PIL import Image

from sam3d.engine.gltf.painted import read_painted

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tools" / "kinds.toml"
PROPS = ROOT.parent / "shared" / "data" / "props"
LARGEST = 1024  # pixels


@dataclass(frozen=True)
class Subject:
    """A picture of one subject and the kinds of shape that are right for it, the best one first.

    source: its path in its repository. photo: that of the photo where the picture is only a mask. held_out: whether
    nothing may be fitted to it. development: whether it is only there to be fitted to. is_model: whether its picture is
    drawn from a model.
    """

    repository: str
    source: str
    photo: str
    kinds: tuple[str, ...]
    held_out: bool
    development: bool = False
    is_model: bool = False

    def file(self, folder: Path) -> Path:
        """Where its picture is."""
        if not self.repository:
            return PROPS / self.source / "image.png"
        name = f"{self.source}.png" if self.is_model else self.source
        return folder / self.repository.replace("/", "+") / name


def subjects() -> Iterator[Subject]:
    """All that the table holds."""
    number = 0
    for part in tomllib.loads(TABLE.read_text())["pictures"]:
        repository, folder, photo = (part.get(name, "") for name in ("repository", "folder", "photo"))
        development = part.get("development", False)
        for name, kinds in part["kinds"].items():
            source = f"{folder}/{name}.png" if repository else name
            held_out = number % 2 == 1 and not development
            origin = repository or part.get("models", "")
            told = tuple(kinds.split())
            yield Subject(origin, source, photo and f"{folder}/{photo}", told, held_out, development, "models" in part)
            number += 1


def take(subject: Subject, clones: Path) -> Image.Image:
    """A subject's picture out of its repository."""
    clone = clones / subject.repository.replace("/", "+") / "repo"

    def opened(path: str) -> Image.Image:
        done = subprocess.run(["git", "-C", clone, "show", f"HEAD:{path}"], capture_output=True, check=True)
        return Image.open(io.BytesIO(done.stdout)).convert("RGBA")

    picture = opened(subject.photo or subject.source)
    if subject.photo:
        picture.putalpha(opened(subject.source).getchannel("A"))
    picture.thumbnail((LARGEST, LARGEST))
    return picture


def drawn(subject: Subject, models: Path) -> Image.Image:
    """A picture of a model from somewhere in front of it, always the same."""
    parts = read_painted(models / subject.source / "truth.glb")
    yaw, pitch, lens = next(views(1, crc32(subject.source.encode())))
    photo = photographed(parts, yaw, pitch, lens)
    return Image.fromarray(np.dstack([photo.picture, photo.mask.astype(np.uint8) * 255]))


def main() -> None:
    """Takes them all; tells which cannot be had."""
    clones, folder, *models = map(Path, sys.argv[1:])
    for subject in subjects():
        file = subject.file(folder)
        if file.exists():
            continue
        try:
            picture = drawn(subject, models[0]) if subject.is_model else take(subject, clones)
        except (subprocess.CalledProcessError, OSError, IndexError) as error:
            print(f"{subject.repository}/{subject.source} cannot be had: {error}")
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.save(file)


if __name__ == "__main__":
    main()
