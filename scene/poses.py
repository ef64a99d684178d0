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
from .data import armature_of, pose_bones, view_layer_of
from .placement import shown_positions

KEY = "sam3d_poses"
PHOTO, NEUTRAL = "photo", "neutral"

Motions = Mapping[str, NDArray[np.float64]]


def move(armature: Object, motions: Motions) -> None:
    """Poses the bones by how each moves (4, 4) from its rest in the armature's space; parents come first."""
    bones = armature_of(armature).bones
    wanted = {name: Matrix(motion.tolist()) @ bones[name].matrix_local for name, motion in motions.items()}
    for name, matrix in wanted.items():
        bone = bones[name]
        above = {}
        if bone.parent:
            above = {"parent_matrix": wanted[bone.parent.name], "parent_matrix_local": bone.parent.matrix_local}
        posed = pose_bones(armature)[name]
        posed.matrix_basis = bone.convert_local_to_pose(matrix, bone.matrix_local, invert=True, **above)


def remember_poses(context: Context, armature: Object, bones: Mapping[str, Bone]) -> None:
    """Keeps the present pose as the photo's, and a neutral one that stands as low; the present one stays."""
    view_layer_of(context).update()
    poses = {PHOTO: _pose(armature)}
    ground = _lowest(context, armature)
    move(armature, neutral_pose(bones))
    view_layer_of(context).update()
    root = next(iter(bones))
    lift = armature.matrix_world.to_3x3().inverted() @ Vector((0, 0, ground - _lowest(context, armature)))
    posed = pose_bones(armature)[root]
    posed.matrix = Matrix.Translation(lift) @ posed.matrix
    poses[NEUTRAL] = _pose(armature)
    armature[KEY] = poses
    take_pose(armature, PHOTO)


def has_poses(armature: Object) -> bool:
    """Whether an armature remembers its poses."""
    return armature.get(KEY) is not None


def take_pose(armature: Object, name: str) -> None:
    """Brings an armature into a pose that it remembers; bones that have been added since stay."""
    for bone, values in armature[KEY][name].items():
        posed = pose_bones(armature).get(bone)
        if posed is None:
            continue
        place, turn, scale = Vector(values[:3]), Quaternion(values[3:7]), Vector(values[7:])
        posed.matrix_basis = Matrix.LocRotScale(place, turn, scale)


def _pose(armature: Object) -> dict[str, list[float]]:
    """Of each bone location, quaternion and scale in its own rest frame, ten numbers."""
    return {
        bone.name: [number for part in bone.matrix_basis.decompose() for number in part[:]]
        for bone in pose_bones(armature)
    }


def _lowest(context: Context, armature: Object) -> float:
    """World height of the lowest point of the armature's meshes, or of its joints without any."""
    graph = context.evaluated_depsgraph_get()
    bodies = [obj for obj in armature.children if obj.type == "MESH"]
    heights = [float(shown_positions(body, graph)[:, 2].min()) for body in bodies]
    if not heights:
        heights = [(armature.matrix_world @ bone.head).z for bone in pose_bones(armature)]
    return min(heights)
