# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh's weights on the bones of its armature, as arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bpy.types import Object
from numpy.typing import NDArray

from ..engine.arrays import Single
from .data import mesh_of

MOST_BONES = 4  # a vertex, as game engines and glTF want it


def read_weights(obj: Object, bones: Sequence[str]) -> Single:
    """The weights (vertices, bones) of a mesh object; a bone that has no vertex group weighs nothing."""
    vertices = mesh_of(obj).vertices
    weights = np.zeros((len(vertices), len(bones)), np.float32)
    column = {group.index: list(bones).index(group.name) for group in obj.vertex_groups if group.name in bones}
    for vertex in vertices:
        for element in vertex.groups:
            if element.group in column:
                weights[vertex.index, column[element.group]] = element.weight
    return weights


def write_weights(obj: Object, bones: Sequence[str], weights: Single) -> None:
    """Gives a mesh object one vertex group for each bone that weighs anything, and no others."""
    obj.vertex_groups.clear()
    for bone, column in zip(bones, weights.T, strict=True):
        vertices = np.flatnonzero(column)
        if not len(vertices):
            continue
        group = obj.vertex_groups.new(name=bone)
        for index, weight in zip(vertices.tolist(), column[vertices].tolist(), strict=True):
            group.add((index,), weight, "REPLACE")


def normalized(weights: Single) -> Single:
    """The heaviest `MOST_BONES` of each vertex (vertices, bones), which sum to one; a vertex without any stays so."""
    if weights.shape[1] > MOST_BONES:
        weights = weights.copy()
        lightest = np.argsort(-weights, axis=1, kind="stable")[:, MOST_BONES:]
        np.put_along_axis(weights, lightest, 0, axis=1)
    total = weights.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(weights, total, out=np.zeros_like(weights), where=total > 0), np.float32)


def blend(weights: Single, transforms: NDArray[np.float64]) -> NDArray[np.float64]:
    """The transform of each vertex (vertices, 4, 4) by linear blend skinning, from those of the bones (bones, 4, 4);
    a vertex without weights stays where it is.
    """
    mixed = np.tensordot(weights.astype(np.float64), transforms, 1)
    mixed[weights.sum(axis=1) == 0] = np.eye(4)
    return np.asarray(mixed)
