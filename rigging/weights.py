# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bones a mesh follows, for meshes of every kind, also where Blender's bone heat finds no solution.

Like bone heat (Baran and Popovic, Automatic rigging and animation of 3D characters, 2007): each point of the surface
belongs to the nearest bone that lies beneath it, and the borders are then blurred along the surface. A bone lies beneath
a point when the surface there faces away from it: a hand that rests on a thigh is close to it, but in front of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .skeleton import JOINTS, NAMES, TAIL
from .surface import Surface, build_surface, nearest

Floats = NDArray[np.float64]

BLURS = 4  # of the borders between bones; each over about a patch and a half
MOST_BONES = 4  # at a vertex
LEAST = 0.01  # weight below which a bone is left out


def weigh_patches(surface: Surface, joints: Floats) -> Floats:
    """Weights (N, bones) of the surface's patches; each row's sum is 1.

    joints: (JOINTS, 3) in the surface's frame.
    """
    heads, tails = joints[: len(NAMES)], joints[list(TAIL)]
    cost = np.stack([_cost(surface, head, tail) for head, tail in zip(heads, tails, strict=True)], 1)
    weights = np.zeros_like(cost)
    weights[np.arange(len(cost)), cost.argmin(1)] = 1
    return surface.ways.smooth(weights, BLURS)


def _cost(surface: Surface, head: Floats, tail: Floats) -> Floats:
    """Each patch's distance to a bone; more where the bone does not lie beneath it."""
    along = tail - head
    share = np.clip((surface.points - head) @ along / max(float(along @ along), 1e-12), 0, 1)
    out = surface.points - (head + share[:, None] * along)
    distance = np.linalg.norm(out, axis=1)
    facing = (out * surface.normals).sum(1) / np.maximum(distance, 1e-12)
    return np.asarray(distance * (1 + 4 * np.clip(0.5 - facing, 0, 1)))


def weigh_vertices(
    vertices: Floats, faces: NDArray[np.int64], joints: Mapping[str, Floats], bones: Sequence[str]
) -> NDArray[np.float32]:
    """Weights (V, bones) of a mesh's vertices; each row's sum is 1. joints by name, in the frame of the vertices."""
    surface = build_surface(vertices, faces)
    places = (np.array([joints[name] for name in JOINTS]) - surface.origin) * surface.scale
    patches = weigh_patches(surface, places)[:, [NAMES.index(bone) for bone in bones]]
    patch = surface.patch.copy()
    lost = np.flatnonzero(patch < 0)
    if len(lost):
        patch[lost] = nearest((vertices[lost] - surface.origin) * surface.scale, surface.points)[0]
    return patches[patch].astype(np.float32)
