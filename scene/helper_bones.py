# SPDX-License-Identifier: GPL-3.0-or-later
"""Bones that only help others, such as twists, are folded into the bones that they help; the mesh keeps its shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from bpy.types import Object, bpy_prop_collection
from numpy.typing import NDArray

from ..engine.rigging.bone_names import is_helper
from ..engine.rigging.skeleton import BONES
from .data import mesh_of
from .skin import blend, normalized, read_weights, write_weights

Transforms = dict[str, NDArray[np.float64]]
Folds = Mapping[str, str | None]
"""For each bone that goes the next one above it that stays; none for a root that moves no vertex itself."""


def find_folds(parents: Mapping[str, str | None], own: Mapping[str, str], meshes: Sequence[Object]) -> Folds:
    """What is folded of a skeleton; `own` is the name that each bone gets."""
    weightless = _weightless(parents, meshes)
    into: dict[str, str | None] = {}
    for name, parent in parents.items():
        if own[name] in BONES or not is_helper(own[name]):
            continue
        above = parent
        while above is not None and own[above] not in BONES and is_helper(own[above]):
            above = parents[above]
        if above is not None or name in weightless:
            into[name] = above
    return into


def kept(parent: str | None, into: Folds) -> str | None:
    """The bone that is there in place of this one."""
    return into.get(parent, parent) if parent is not None else None


def hang(obj: Object, bone: str | None) -> None:
    """Hangs an object on another bone of its armature, or on the whole where there is none."""
    if bone is None:
        obj.parent_type = "OBJECT"
    else:
        obj.parent_bone = bone


def fold_weights(armature: Object, obj: Object, bones: Sequence[str], into: Folds, motion: Transforms) -> None:
    """Moves the weights of folded bones, and the rest shape and its keys so that the posed ones stay."""
    before = read_weights(obj, bones)
    after = before.copy()
    for name, above in into.items():
        if above is not None:
            after[:, bones.index(above)] += after[:, bones.index(name)]
        after[:, bones.index(name)] = 0
    after = normalized(after)
    place = np.array(armature.matrix_world.inverted() @ obj.matrix_world)
    transforms = np.array([np.linalg.inv(place) @ motion[name] @ place for name in bones])
    mesh = mesh_of(obj)
    back = np.linalg.solve(blend(after, transforms), blend(normalized(before), transforms))
    keys = mesh.shape_keys.key_blocks if mesh.shape_keys is not None else ()
    shapes: list[bpy_prop_collection[Any]] = [mesh.vertices, *(block.data for block in keys)]
    for points in shapes:
        places = np.empty(len(mesh.vertices) * 3, np.float32)
        points.foreach_get("co", places)
        moved = np.einsum("vij,vj->vi", back[:, :3, :3], places.reshape(-1, 3)) + back[:, :3, 3]
        points.foreach_set("co", moved.astype(np.float32).ravel())
    mesh.update()
    write_weights(obj, bones, after)


def _weightless(bones: Iterable[str], meshes: Sequence[Object]) -> set[str]:
    used = {
        obj.vertex_groups[element.group].name
        for obj in meshes
        for vertex in mesh_of(obj).vertices
        for element in vertex.groups
        if element.weight
    }
    return set(bones) - used
