# SPDX-License-Identifier: GPL-3.0-or-later
"""The body that is fitted to meshes; tools/derive_template.py derives it from humans with known joints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ..arrays import Floats, Ints


@dataclass(frozen=True)
class Template:
    """A mean body with its arms half raised; y up, facing +z, the unit that of `surface.Surface`.

    points, normals: (N, 3) of its patches. weights: (N, bones). joints: (JOINTS, 3).
    tips: (5,) the patches at the top of the head, left and right hand, left and right foot.
    distances: (N, 5) of the patches to them along the surface. signature: (N, 5) see `sign`.
    """

    points: Floats
    normals: Floats
    weights: Floats
    joints: Floats
    tips: Ints
    distances: Floats
    signature: Floats


@cache
def load_template() -> Template:
    """The template of the file beside this one."""
    with np.load(Path(__file__).with_name("template.npz")) as data:
        weights, distances = data["weights"].astype(float), data["distances"].astype(float)
        return Template(
            points=data["points"].astype(float),
            normals=data["normals"].astype(float),
            weights=weights / weights.sum(1, keepdims=True),
            joints=data["joints"].astype(float),
            tips=data["tips"].astype(np.int64),
            distances=distances,
            signature=sign(data["tips"], distances),
        )


def sign(tips: Ints, distances: Floats) -> Floats:
    """What tells a place on a body in any pose and size: its distances (N, 5) to the five tips along the surface,
    each as a share of that tip's mean distance to the others."""
    between = distances[tips].mean(0) * len(tips) / (len(tips) - 1)
    return np.asarray(distances / between)
