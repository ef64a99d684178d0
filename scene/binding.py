# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights of a body on its bones: Blender's bone heat, put in order, or the extension's own where that fails."""

from __future__ import annotations

from collections.abc import Mapping

import bpy
import numpy as np
from bpy.types import Context, Object
from numpy.typing import NDArray

from ..engine.rigging.skeleton import NAMES, PARENT
from ..engine.rigging.weights import find_weights, without_tears
from .data import view_layer_of
from .skin import normalized, read_weights, write_weights
from .surfaces import surface


def bind(context: Context, body: Object, armature: Object, joints: Mapping[str, NDArray[np.float64]]) -> None:
    """Binds a mesh object to an armature whose joints (3,) are known in the body's frame, at most four bones a vertex.

    Bone heat may bind across a gap, a hand to the thigh that it rests on; so only such of it counts as is along the
    surface, where the own weights are. It also binds each piece by itself, so seams are shut afterwards.

    Raises RigError where the mesh has no surface.
    """
    vertices, faces = surface(body)
    own = find_weights(vertices, faces[:, :3], joints, "Z").astype(np.float32)
    _bone_heat(context, body, armature)
    heat = read_weights(body, NAMES)
    near = normalized(np.where(_related(own), heat, 0))
    unbound = near.sum(axis=1) == 0
    near[unbound] = normalized(own)[unbound]
    write_weights(body, NAMES, without_tears(near.astype(np.float64), vertices).astype(np.float32))


def _bone_heat(context: Context, body: Object, armature: Object) -> None:
    for obj in list(view_layer_of(context).objects.selected):
        obj.select_set(False)
    body.select_set(True)
    armature.select_set(True)
    view_layer_of(context).objects.active = armature
    place = body.matrix_parent_inverse.copy(), body.matrix_basis.copy()
    bpy.ops.object.parent_set(type="ARMATURE_AUTO")
    body.matrix_parent_inverse, body.matrix_basis = place
    view_layer_of(context).update()


def _related(weights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """For each vertex (vertices, bones) the bone that it follows most, and those at most two steps from it."""
    next_to = np.eye(len(NAMES), dtype=int)
    for bone, parent in enumerate(PARENT):
        if parent >= 0:
            next_to[bone, parent] = next_to[parent, bone] = 1
    return np.asarray((next_to @ next_to > 0)[weights.argmax(axis=1)])
