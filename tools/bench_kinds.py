# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how often the draft engine takes a subject for the right kind of shape.

usage: python tools/bench_kinds.py FOLDER [--each]
  FOLDER  of pictures, as pictures_of_kinds.py leaves them; those that are not there are left out
  --each  names what is wrong

Prints the share right of the half that the constants were fitted to, and of the half that was held out.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from pictures_of_kinds import subjects
from PIL import Image

from sam3d.engine.draft import look_at
from sam3d.engine.draft.kinds import rank
from sam3d.engine.draft.mask_features import MaskFeatures


def features_of(file: Path) -> MaskFeatures:
    """What the draft engine sees of a picture whose alpha is the mask."""
    pixels = np.array(Image.open(file).convert("RGBA"))
    return look_at(np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3])).features


def main() -> None:
    """Reads the command line, prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", action="store_true")
    arguments = parser.parse_args()
    found = [each for each in subjects() if not each.development and each.file(arguments.folder).exists()]
    if not found:
        sys.exit(f"There are no pictures in {arguments.folder}: pictures_of_kinds.py takes them.")
    count: Counter[bool] = Counter()
    right: Counter[bool] = Counter()
    second: Counter[bool] = Counter()
    for subject in found:
        kinds = rank(features_of(subject.file(arguments.folder)))
        count[subject.held_out] += 1
        right[subject.held_out] += kinds[0] in subject.kinds
        second[subject.held_out] += any(kind in subject.kinds for kind in kinds[:3])
        if arguments.each and kinds[0] not in subject.kinds:
            print(
                f"{subject.repository}/{subject.source}: {kinds[0]} instead of {' or '.join(subject.kinds)}", flush=True
            )
    for held_out, name in ((False, "fitted to"), (True, "held out")):
        if count[held_out]:
            share, among = (100 * told[held_out] / count[held_out] for told in (right, second))
            print(f"{name:10s} {count[held_out]:4d} pictures  right {share:5.1f} %  in the first three {among:5.1f} %")


if __name__ == "__main__":
    main()
