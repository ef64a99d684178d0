# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the model of a GLB is, and where it lies in its own frame."""

from pathlib import Path

import numpy as np

from ..arrays import Floats
from .accessors import read_numbers, read_values
from .container import Data, Json, read_glb
from .triangles import DEEPEST, Unreadable, node_matrix, plain_accessor, read_surface


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
        roots = gltf["scenes"][gltf.get("scene", 0)]["nodes"]
        frames = {number: frame for root in roots for number, frame in _frames(gltf, root, np.eye(4), 0).items()}
        bodies = [node for number, node in enumerate(gltf["nodes"]) if number in frames and "skin" in node]
        parts = [_skinned(gltf, data, node, frames) for node in bodies]
        points = np.concatenate(parts)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if not len(points) or not np.isfinite(points).all():
        raise Unreadable("no places, or such that are not numbers")
    return points


def _skinned(gltf: Json, data: Data, node: Json, frames: dict[int, Floats]) -> Floats:
    """The vertices of one node's mesh: each goes with its four joints by their weights."""
    skin = gltf["skins"][node["skin"]]
    bones = np.stack([frames[joint] for joint in skin["joints"]])
    if "inverseBindMatrices" in skin:
        inverse = read_numbers(gltf, data, plain_accessor(gltf, skin["inverseBindMatrices"]))
        bones = bones @ inverse.reshape(-1, 4, 4).transpose(0, 2, 1)
    found = []
    for primitive in gltf["meshes"][node["mesh"]]["primitives"]:
        places, joints, weights = (
            plain_accessor(gltf, primitive["attributes"][name]) for name in ("POSITION", "JOINTS_0", "WEIGHTS_0")
        )
        points, shares = read_numbers(gltf, data, places), read_numbers(gltf, data, weights)
        numbers = read_values(gltf, data, joints).astype(np.int64)
        posed = np.zeros_like(points)
        for one, share in zip(numbers.T, shares.T, strict=True):
            matrices = bones[one, :3]
            posed += share[:, None] * (np.einsum("vij,vj->vi", matrices[:, :, :3], points) + matrices[:, :, 3])
        found.append(posed / np.maximum(shares.sum(1), 1e-12)[:, None])
    return np.concatenate(found)


def _frames(gltf: Json, number: int, above: Floats, depth: int) -> dict[int, Floats]:
    """The transform (4, 4) of a node and of all below it, by their numbers."""
    if depth > DEEPEST:
        raise ValueError("too deep")
    node = gltf["nodes"][number]
    frames = {number: above @ node_matrix(node)}
    for child in node.get("children", ()):
        frames |= _frames(gltf, child, frames[number], depth + 1)
    return frames
