# SPDX-License-Identifier: GPL-3.0-or-later
"""Two poses that an armature remembers, so that an artist can always go back: the photo's and a neutral one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from bpy.types import Context, Object
from mathutils import Matrix, Quaternion, Vector
from numpy.typing import NDArray

from ..engine.rigging.bones import Bone
from ..engine.rigging.poses import neutral_pose

KEY = "sam3d_poses"
PHOTO, NEUTRAL = "photo", "neutral"

Motions = Mapping[str, NDArray[np.float64]]


def move(armature: Object, motions: Motions) -> None:
    """Poses the bones by how each moves (4, 4) from its rest in the armature's space; parents come first."""
    wanted = {name: Matrix(motion) @ armature.data.bones[name].matrix_local for name, motion in motions.items()}
    for name, matrix in wanted.items():
        bone = armature.data.bones[name]
        above = {}
        if bone.parent:
            above = {"parent_matrix": wanted[bone.parent.name], "parent_matrix_local": bone.parent.matrix_local}
        posed = armature.pose.bones[name]
        posed.matrix_basis = bone.convert_local_to_pose(matrix, bone.matrix_local, invert=True, **above)


def remember_poses(context: Context, armature: Object, bones: Mapping[str, Bone]) -> None:
    """Keeps the present pose as the photo's, and a neutral one that stands as low; the present one stays."""
    context.view_layer.update()
    poses = {PHOTO: _pose(armature)}
    ground = _lowest(context, armature)
    move(armature, neutral_pose(bones))
    context.view_layer.update()
    root = next(iter(bones))
    lift = armature.matrix_world.to_3x3().inverted() @ Vector((0, 0, ground - _lowest(context, armature)))
    posed = armature.pose.bones[root]
    posed.matrix = Matrix.Translation(lift) @ posed.matrix
    poses[NEUTRAL] = _pose(armature)
    armature[KEY] = poses
    take_pose(armature, PHOTO)


def has_poses(armature: Object) -> bool:
    """Whether an armature remembers its poses."""
    return KEY in armature


def take_pose(armature: Object, name: str) -> None:
    """Brings an armature into a pose that it remembers; bones that have been added since stay."""
    for bone, values in armature[KEY][name].items():
        posed = armature.pose.bones.get(bone)
        if posed is None:
            continue
        place, turn, scale = Vector(values[:3]), Quaternion(values[3:7]), Vector(values[7:])
        posed.matrix_basis = Matrix.LocRotScale(place, turn, scale)


def _pose(armature: Object) -> dict[str, list[float]]:
    """Of each bone location, quaternion and scale in its own rest frame, ten numbers."""
    return {
        bone.name: [number for part in bone.matrix_basis.decompose() for number in part] for bone in armature.pose.bones
    }


def _lowest(context: Context, armature: Object) -> float:
    """World height of the lowest point of the armature's meshes, or of its joints without any."""
    graph = context.evaluated_depsgraph_get()
    heights = []
    for obj in armature.children:
        if obj.type == "MESH":
            shown = obj.evaluated_get(graph)
            flat = np.empty(len(shown.data.vertices) * 3, np.float32)
            shown.data.vertices.foreach_get("co", flat)
            row = np.array(shown.matrix_world)[2]
            heights.append(float((flat.reshape(-1, 3) @ row[:3]).min() + row[3]))
    if not heights:
        heights = [(armature.matrix_world @ bone.head).z for bone in armature.pose.bones]
    return min(heights)
