# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the pictures that kinds.toml names out of clones of public repositories, cut out by their masks.

usage: python tools/pictures_of_kinds.py CLONES FOLDER
  CLONES  folder of git repositories OWNER+NAME/repo
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

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tools" / "kinds.toml"
PROPS = ROOT.parent / "shared" / "data" / "props"
LARGEST = 1024  # pixels


@dataclass(frozen=True)
class Subject:
    """A picture of one subject and the kinds of shape that are right for it, the best one first.

    source: its path in its repository. photo: that of the photo where the picture is only a mask. held_out: whether
    nothing may be fitted to it.
    """

    repository: str
    source: str
    photo: str
    kinds: tuple[str, ...]
    held_out: bool

    def file(self, folder: Path) -> Path:
        """Where its picture is."""
        if not self.repository:
            return PROPS / self.source / "image.png"
        return folder / self.repository.replace("/", "+") / self.source


def subjects() -> Iterator[Subject]:
    """All that the table holds."""
    number = 0
    for part in tomllib.loads(TABLE.read_text())["pictures"]:
        repository, folder, photo = (part.get(name, "") for name in ("repository", "folder", "photo"))
        for name, kinds in part["kinds"].items():
            source = f"{folder}/{name}.png" if repository else name
            held_out = number % 2 == 1 and not part.get("development", False)
            yield Subject(repository, source, photo and f"{folder}/{photo}", tuple(kinds.split()), held_out)
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


def main() -> None:
    """Takes them all; tells which cannot be had."""
    clones, folder = map(Path, sys.argv[1:])
    for subject in subjects():
        file = subject.file(folder)
        if file.exists():
            continue
        try:
            picture = take(subject, clones)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"{subject.repository}/{subject.source} cannot be had: {error}")
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.save(file)


if __name__ == "__main__":
    main()
