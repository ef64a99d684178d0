# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the model of a GLB is, and where it lies in its own frame."""

from pathlib import Path

import numpy as np

from ..arrays import Floats
from .accessors import read_numbers, read_values
from .container import Data, Json, read_glb
from .nodes import placed_nodes
from .triangles import Unreadable, plain_accessor, read_surface


def read_box(path: Path) -> tuple[Floats, Floats]:
    """The lowest and the highest corner (3,) of all surfaces, y up; of a skinned model as it is posed.

    Raises Unreadable and OSError.
    """
    try:
        points, _ = read_surface(path)
    except Unreadable:
        points = _posed(path)
    return points.min(0), points.max(0)


def _posed(path: Path) -> Floats:
    """Where the vertices of all skinned meshes are (V, 3); raises Unreadable where there are none."""
    try:
        gltf, data = read_glb(path.read_bytes())
        placed = list(placed_nodes(gltf))
        frames = {number: place for number, _, place in placed}
        parts = [_skinned(gltf, data, node, frames) for _, node, _ in placed if "skin" in node]
        points = np.concatenate(parts)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if not len(points) or not np.isfinite(points).all():
        raise Unreadable("no places, or such that are not numbers")
    return points


def _skinned(gltf: Json, data: Data, node: Json, frames: dict[int, Floats]) -> Floats:
    """The vertices of one node's mesh."""
    primitives = gltf["meshes"][node["mesh"]]["primitives"]
    return np.concatenate([posed_points(gltf, data, node, primitive, frames) for primitive in primitives])


def posed_points(gltf: Json, data: Data, node: Json, primitive: Json, frames: dict[int, Floats]) -> Floats:
    """The vertices (V, 3) of a primitive of a skinned node: each goes with its four joints by their weights.

    `frames` has the place of each node.
    """
    skin = gltf["skins"][node["skin"]]
    bones = np.stack([frames[joint] for joint in skin["joints"]])
    if "inverseBindMatrices" in skin:
        inverse = read_numbers(gltf, data, plain_accessor(gltf, skin["inverseBindMatrices"]))
        bones = bones @ inverse.reshape(-1, 4, 4).transpose(0, 2, 1)
    places, joints, weights = (
        plain_accessor(gltf, primitive["attributes"][name]) for name in ("POSITION", "JOINTS_0", "WEIGHTS_0")
    )
    points, shares = read_numbers(gltf, data, places), read_numbers(gltf, data, weights)
    numbers = read_values(gltf, data, joints).astype(np.int64)
    posed = np.zeros_like(points)
    for one, share in zip(numbers.T, shares.T, strict=True):
        matrices = bones[one, :3]
        posed += share[:, None] * (np.einsum("vij,vj->vi", matrices[:, :, :3], points) + matrices[:, :, 3])
    return np.asarray(posed / np.maximum(shares.sum(1), 1e-12)[:, None])
