# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the model of a GLB is, and where it lies in its own frame."""

from pathlib import Path

import numpy as np

from ..arrays import Floats
from .container import read_glb
from .nodes import placed_nodes
from .triangles import Unreadable, read_surface


def read_box(path: Path) -> tuple[Floats, Floats]:
    """The lowest and the highest corner (3,) of all surfaces, y up; of a skinned model those of its posed joints.

    Raises Unreadable and OSError.
    """
    try:
        points, _ = read_surface(path)
    except Unreadable as error:
        points = _joints(path)
        if len(points) < 2:
            raise error
    return points.min(0), points.max(0)


def _joints(path: Path) -> Floats:
    """Where the joints of all skins are (J, 3); none where they cannot be told."""
    try:
        gltf, _ = read_glb(path.read_bytes())
        joints = {joint for skin in gltf.get("skins", ()) for joint in skin["joints"]}
        found = [place[:3, 3] for number, _, place in placed_nodes(gltf) if number in joints]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        found = []
    points = np.array(found, np.float64).reshape(-1, 3)
    return points if np.isfinite(points).all() else points[:0]
