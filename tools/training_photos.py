# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the folder of photographs that tools/train_selection.py learns from.

usage: python tools/training_photos.py CLONES FOLDER
They are of COCO (annotations CC BY 4.0), parts of which lie in the repositories below; only photos whose owners allow
to make something of them for any purpose (OPEN), and none that tools/real_photos.py measures by. FOLDER gets
ID/photo.png and mask-N.png. tools/training_photos.tsv keeps the record: number, license, address at Flickr.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from real_photos import COCO, PHOTOS, Clone, Source

OPEN = {4: "CC BY 2.0", 5: "CC BY-SA 2.0", 7: "no known restrictions", 8: "US government"}
LEAST = 0.004  # of the photo, for a mask to count
PARTS = tuple(
    Source(name, "HEAD", "", "COCO")
    for name in ("Obmutescence/COCO-MINI", "zzowenzz/COCO_Tiny", "enginbozaba/tiny_coco", "developer0hye/COCO128")
)
CAPTIONS = Source("ruizewang/evaluate", "HEAD", "", "COCO")
RECORD = Path(__file__).with_suffix(".tsv")


def _number(path: str) -> int:
    return int(Path(path).stem.split("_")[-1])


def _drawn(annotation: dict[str, Any], size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size)
    for outline in annotation["segmentation"]:
        ImageDraw.Draw(mask).polygon(outline, 255)
    return mask


def _parts(clones: Path) -> Iterator[tuple[dict[str, Any], Image.Image, list[Image.Image]]]:
    """The photos of the small collections with all their objects."""
    for source in PARTS:
        clone = Clone(clones, source)
        paths = {Path(path).name: path for path in clone.files() if path.endswith(".jpg")}
        for part in ("train", "val"):
            file = f"annotations/instances_{part}2017.json"
            if file not in clone.files():
                continue
            told = json.loads(clone.read(file))
            objects = defaultdict(list)
            for annotation in told["annotations"]:
                if isinstance(annotation["segmentation"], list) and not annotation["iscrowd"]:
                    objects[annotation["image_id"]].append(annotation)
            for image in told["images"]:
                if image["license"] in OPEN and image["file_name"] in paths:
                    photo = clone.picture(paths[image["file_name"]]).convert("RGB")
                    yield image, photo, [_drawn(one, photo.size) for one in objects[image["id"]]]


def _singles(clones: Path) -> Iterator[tuple[dict[str, Any], Image.Image, list[Image.Image]]]:
    """The photos of COCO's selection for interactive segmentation, each with one of its objects."""
    clone = Clone(clones, COCO)
    told = json.loads(Clone(clones, CAPTIONS).read("annotations/captions_val2017.json"))
    images = {image["id"]: image for image in told["images"]}
    for path in clone.files():
        image = images.get(_number(path)) if "/img/" in path else None
        if image is not None and image["license"] in OPEN:
            mask = clone.picture(path.replace("/img/", "/gt/").replace(".jpg", ".png")).convert("L")
            yield image, clone.picture(path).convert("RGB"), [mask]


def main() -> int:
    """Makes the folder and its record; 1 where no photo was there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    measured = {_number(photo.photo) for photo in PHOTOS[COCO](Clone(arguments.clones, COCO).files())}
    record: dict[int, str] = {}
    for image, photo, masks in (*_parts(arguments.clones), *_singles(arguments.clones)):
        large = [mask for mask in masks if np.asarray(mask).mean() > 255 * LEAST]
        if image["id"] in measured or not large:
            continue
        folder = arguments.folder / f"{image['id']:012}"
        folder.mkdir(parents=True, exist_ok=True)
        photo.save(folder / "photo.png", compress_level=1)
        if image["id"] not in record or len(large) > 1:
            for number, mask in enumerate(large):
                mask.point(lambda value: 255 * (value > 127)).save(folder / f"mask-{number}.png")
        record[image["id"]] = f"{image['id']}\t{OPEN[image['license']]}\t{image['flickr_url']}"
    RECORD.write_text("".join(f"{record[number]}\n" for number in sorted(record)))
    print(f"{len(record)} photos")
    return 0 if record else 1


if __name__ == "__main__":
    raise SystemExit(main())
