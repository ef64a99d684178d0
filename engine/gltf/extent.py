# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the model of a GLB is, and where it lies in its own frame."""

from pathlib import Path

import numpy as np

from ..arrays import Floats
from .container import Json, read_glb
from .triangles import DEEPEST, Unreadable, node_matrix, read_surface


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
        roots = gltf["scenes"][gltf.get("scene", 0)]["nodes"]
        found = [place for root in roots for place in _below(gltf, root, np.eye(4), joints, 0)]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        found = []
    points = np.array(found, np.float64).reshape(-1, 3)
    return points if np.isfinite(points).all() else points[:0]


def _below(gltf: Json, number: int, above: Floats, joints: set[int], depth: int) -> list[Floats]:
    if depth > DEEPEST:
        raise ValueError("too deep")
    node = gltf["nodes"][number]
    place = above @ node_matrix(node)
    own = [place[:3, 3]] if number in joints else []
    return own + [each for child in node.get("children", ()) for each in _below(gltf, child, place, joints, depth + 1)]
