# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights of a body on its bones: Blender's bone heat, put in order, or the extension's own where that fails."""

from __future__ import annotations

from collections.abc import Mapping

import bpy
import numpy as np
from bpy.types import Context, Object
from numpy.typing import NDArray

from ..rigging.weights import weigh_vertices
from .skin import normalized, read_weights, write_weights
from .surfaces import surface


def weigh(context: Context, body: Object, armature: Object, joints: Mapping[str, NDArray[np.float64]]) -> None:
    """Binds a mesh object to an armature whose joints (3,) are known in the body's frame, at most four bones a vertex.

    Bone heat may bind across a gap, a hand to the thigh that it rests on; so only such of it counts as is along the
    surface, where the own weights are.
    """
    bones = [bone.name for bone in armature.data.bones if bone.name in joints]
    vertices, faces = surface(body)
    own = weigh_vertices(vertices, faces[:, :3], joints, bones)
    _bone_heat(context, body, armature)
    heat = read_weights(body, bones)
    near = normalized(np.where(_related(own, armature, bones), heat, 0))
    unbound = near.sum(axis=1) == 0
    near[unbound] = normalized(own)[unbound]
    write_weights(body, bones, near)


def _bone_heat(context: Context, body: Object, armature: Object) -> None:
    for obj in list(context.view_layer.objects.selected):
        obj.select_set(False)
    body.select_set(True)
    armature.select_set(True)
    context.view_layer.objects.active = armature
    place = body.matrix_parent_inverse.copy(), body.matrix_basis.copy()
    bpy.ops.object.parent_set(type="ARMATURE_AUTO")
    body.matrix_parent_inverse, body.matrix_basis = place
    context.view_layer.update()


def _related(weights: NDArray[np.float32], armature: Object, bones: list[str]) -> NDArray[np.bool_]:
    """For each vertex (vertices, bones) the bone it follows most, and those next to it in the skeleton."""
    next_to = np.eye(len(bones), dtype=bool)
    for bone in (armature.data.bones[name] for name in bones):
        if bone.parent:
            one, other = bones.index(bone.name), bones.index(bone.parent.name)
            next_to[one, other] = next_to[other, one] = True
    two_steps = (next_to.astype(int) @ next_to) > 0
    return np.asarray(two_steps[weights.argmax(axis=1)])
