# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bones a mesh follows, for meshes of every kind, also where Blender's bone heat finds no solution.

Like bone heat (Baran and Popovic, Automatic rigging and animation of 3D characters, 2007): each point of the surface
belongs to the nearest bone that lies beneath it, and the borders are then blurred along the surface. A bone lies
beneath a point when the surface there faces away from it: a hand that rests on a thigh is close to it, but in front.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, Ints
from ..graph import connected
from .patch_graph import CELL, Surface, build_surface, nearest, sums, up_rotation
from .skeleton import JOINTS, NAMES, TAIL
from .welding import weld

BLURS = 4  # of the borders between bones; each over about a patch and a half
APART = 0.2  # way along the surface from a bone's main part beyond which another part is not its own
MOST_BONES = 4  # at a vertex
LEAST = 0.01  # weight below which a bone is left out
BLOCK = 1_000  # vertices at a time, few enough for what is computed of them to stay in the cache


def find_weights(vertices: ArrayLike, faces: ArrayLike, joints: Mapping[str, ArrayLike], up: str = "Y") -> Floats:
    """Which bones each vertex follows.

    vertices, faces, up: as for `find_joints`. joints: its answer, as it is or changed by hand.
    Returns weights (V, bones), a column for each of `skeleton.NAMES`; each row has at most four above 0, and the sum 1.
    Raises RigError.
    """
    points = np.asarray(vertices, float) @ up_rotation(up).T
    surface = build_surface(points, np.asarray(faces, np.int64))
    places = np.array([np.asarray(joints[name], float) for name in JOINTS]) @ up_rotation(up).T
    weights = weigh_patches(surface, (places - surface.origin) * surface.scale)
    return without_tears(_spread(surface, weights, (points - surface.origin) * surface.scale), points)


def without_tears(weights: Floats, vertices: Floats) -> Floats:
    """The weights (V, bones) with one and the same row for all vertices (V, 3) at one place, so that seams stay shut.

    Each row has at most four above 0, and the sum 1.
    """
    place = weld(vertices)
    shared = sums(place, weights) / np.bincount(place)[:, None]
    return _at_most_four(shared)[place]


def weigh_patches(surface: Surface, joints: Floats) -> Floats:
    """Weights (N, bones) of the surface's patches; each row's sum is 1.

    joints: (JOINTS, 3) in the surface's frame.
    """
    cost = np.empty((len(surface.points), len(NAMES)))
    for bone, name in enumerate(NAMES):
        tails = [TAIL[bone]]
        if name == "hips":  # the pelvis reaches to both legs
            tails += [JOINTS.index("thigh.L"), JOINTS.index("thigh.R")]
        cost[:, bone] = np.min([_cost(surface, joints[bone], joints[tail]) for tail in tails], axis=0)
    own = cost.argmin(1)  # where two bones end at one joint, its parent, which stands first
    own = _without_islands(surface, own, cost)
    return surface.adjacency.smooth(np.eye(len(NAMES))[own], BLURS)


def _cost(surface: Surface, head: Floats, tail: Floats) -> Floats:
    """Each patch's distance to a bone; more where the bone does not lie beneath it."""
    along = tail - head
    share = np.clip((surface.points - head) @ along / max(float(along @ along), 1e-12), 0, 1)
    out = surface.points - (head + share[:, None] * along)
    distance = np.linalg.norm(out, axis=1)
    facing = (out * surface.normals).sum(1) / np.maximum(distance, 1e-12)
    return np.asarray(distance * (1 + 4 * np.clip(0.5 - facing, 0, 1)))


def _without_islands(surface: Surface, own: Ints, cost: Floats) -> Ints:
    """Each patch's bone, where parts far from the bone's main part have gone to the next best bone that is near."""
    adjacency = surface.adjacency
    start = np.repeat(np.arange(len(own)), np.diff(adjacency.first))
    same = own[start] == own[adjacency.target]
    part = connected(len(own), np.stack([start[same], adjacency.target[same]], 1))
    size = np.bincount(part, surface.areas)[part]
    bones = np.unique(own)
    main = [np.flatnonzero((own == bone) & (size == size[own == bone].max())) for bone in bones]
    way = adjacency.distances(main)
    allowed = np.full(cost.shape, np.inf)
    allowed[:, bones] = np.where(way <= APART, cost[:, bones], np.inf)
    better = allowed.argmin(1)
    return np.asarray(np.where(np.isfinite(allowed.min(1)), better, bones[way.argmin(1)]))


def _spread(surface: Surface, weights: Floats, points: Floats) -> Floats:
    """What the mesh's vertices `points` have of the weights of the patches around each, (V, bones)."""
    patch = surface.patch.copy()
    lost = np.flatnonzero(patch < 0)
    patch[lost] = nearest(points[lost], surface.points)[0]
    first, spread = surface.adjacency.first, np.empty((len(points), len(NAMES)))
    for block in np.array_split(np.arange(len(points)), max(1, len(points) // BLOCK)):
        count = np.diff(first)[patch[block]]
        begin = np.cumsum(count) - count
        around = surface.adjacency.target[np.arange(count.sum()) + np.repeat(first[patch[block]] - begin, count)]
        away = ((surface.points[around] - np.repeat(points[block], count, axis=0)) ** 2).sum(1)
        near = np.repeat(np.minimum.reduceat(away, begin), count)
        share = np.exp((near - away) / (2 * (0.8 * CELL) ** 2))[:, None]
        spread[block] = np.add.reduceat(share * weights[around], begin, axis=0)
    return spread


def _at_most_four(weights: Floats) -> Floats:
    """Weights (V, bones) without the least of each row, with the sum 1."""
    few = np.partition(weights, -MOST_BONES, axis=1)[:, -MOST_BONES, None]
    kept = np.where((weights < few) | (weights < LEAST * weights.sum(1, keepdims=True)), 0, weights)
    return np.asarray(kept / kept.sum(1, keepdims=True))
