# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the constants by which the draft engine tells kinds of shape, to the pictures that are not held out.

usage: python tools/fit_kinds.py FOLDER
  FOLDER  of pictures, as pictures_of_kinds.py leaves them

Writes engine/draft/kind_weights.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from sam3d.engine.arrays import Floats
from sam3d.engine.draft.camera import usual_camera
from sam3d.engine.draft.mask_features import MaskFeatures
from sam3d.engine.draft.measures import LARGEST, MEASURES, OF_PICTURE, measure
from sam3d.engine.draft.silhouette import from_mask

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "draft"))

from test_shape import silhouette, turned  # noqa: E402

RESULT = ROOT / "engine" / "draft" / "kind_weights.py"
KINDS = ("revolution", "box", "carved", "organic", "furniture", "vehicle")
SHRINK = 0.03  # how strongly weights are kept small
BALANCE = 0.5  # 1: each kind counts alike; 0: each picture does
BLIND = 0.3  # how much each mask counts without its picture
SOLIDS_COUNT = 3  # how often an exact solid counts
STEPS, RATE = 800, 0.05


def fit(measures: Floats, right: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Multinomial logistic regression where several kinds may be right, by gradient descent (Adam).

    measures: (N, M). right: (N, K), the first that is true counts for the balance. Gives the middle (M,) and the
    spread (M,) of the measures, and the weights (M + 1, K), the last row for nothing.
    """
    middle, spread = np.nanmean(measures, 0), np.nanstd(measures, 0) + 1e-9
    terms = np.nan_to_num(np.clip((measures - middle) / spread, -LARGEST, LARGEST))
    terms = np.concatenate([terms, np.ones((len(terms), 1))], 1)
    blind = terms.copy()
    blind[:, [number for number, name in enumerate(MEASURES) if name in OF_PICTURE]] = 0
    terms, right = np.concatenate([terms, blind]), np.concatenate([right, right])
    first = right.argmax(1)
    worth = (len(first) / np.bincount(first, minlength=right.shape[1])[first]) ** BALANCE
    worth[len(measures) :] *= BLIND
    weights = np.zeros((terms.shape[1], right.shape[1]))
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        score = terms @ weights
        share = np.exp(score - score.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        wanted = share * right
        wanted /= wanted.sum(1, keepdims=True) + 1e-12
        slope = terms.T @ ((share - wanted) * worth[:, None]) / worth.sum()
        slope[:-1] += SHRINK * weights[:-1]
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= RATE * mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return middle, spread, weights


def write(middle: Floats, spread: Floats, weights: Floats) -> None:
    """Leaves the constants as source."""
    rows = []
    for name, *scale, told in zip(MEASURES, middle, spread, weights[:-1], strict=True):
        numbers = [f"{number:.4g}" for number in scale] + [f"{weight:.3f}" for weight in told]
        rows.append(f'    "{name}": ({", ".join(numbers)}),')
    lines = [
        "# SPDX-License-Identifier: GPL-3.0-or-later",
        '"""What each measure tells of the kind of shape; written by tools/fit_kinds.py."""',
        "",
        f"KINDS = {KINDS!r}".replace("'", '"'),
        f"ALONE = ({', '.join(f'{weight:.3f}' for weight in weights[-1])})",
        '"""The score of each kind where all measures have their middle."""',
        "",
        "WEIGHTS = {",
        *rows,
        "}",
        '"""The middle of each measure, its spread, and what one spread more adds to the score of each kind."""',
        "",
    ]
    RESULT.write_text("\n".join(lines))


def solids() -> Iterator[tuple[MaskFeatures, str]]:
    """Exact solids on a gray picture, and their kinds."""
    for mesh, kind in (
        (trimesh.creation.icosphere(3), "revolution"),
        (turned([(0, 0), (0.2, 0), (0.2, 0.6), (0.07, 0.75), (0.07, 1), (0, 1)]), "revolution"),
        (trimesh.creation.cylinder(0.3, 1, 48), "revolution"),  # lies: trimesh's z is the front
        (trimesh.creation.cone(0.4, 1), "revolution"),
        (trimesh.creation.box((0.8, 0.6, 0.5)), "box"),
    ):
        mask = silhouette(mesh)
        yield MaskFeatures(from_mask(mask), usual_camera(*mask.shape), np.full((*mask.shape, 3), 128, np.uint8)), kind


def main() -> None:
    """Measures the pictures and fits."""
    from bench_kinds import features_of
    from pictures_of_kinds import subjects

    folder = Path(sys.argv[1])
    told = [each for each in subjects() if not each.held_out and each.file(folder).exists()]
    if not told:
        sys.exit(f"There are no pictures in {folder}: pictures_of_kinds.py takes them.")
    measures = [measure(features_of(each.file(folder))) for each in told]
    kinds = [each.kinds for each in told]
    for solid, kind in solids():
        measures += [measure(solid)] * SOLIDS_COUNT
        kinds += [(kind,)] * SOLIDS_COUNT
    write(*fit(np.stack(measures), np.array([[kind in right for kind in KINDS] for right in kinds])))


if __name__ == "__main__":
    main()
