# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls that hands and feet follow (inverse kinematics), with poles that elbows and knees point to."""

from __future__ import annotations

from typing import Literal, cast

import bpy
from bpy.types import Context, CopyRotationConstraint, KinematicConstraint, Object
from mathutils import Vector

from .data import armature_of, color_bone, pose_bones, view_layer_of

LIMBS = {
    f"{end}.{side}": (f"{upper}.{side}", f"{lower}.{side}")
    for side in "LR"
    for end, upper, lower in (("hand", "upper_arm", "forearm"), ("foot", "thigh", "shin"))
}
"""What is moved, and the two bones that follow."""
COLLECTION = "IK"
Mode = Literal["OBJECT", "EDIT", "POSE"]
POLE_DISTANCE = 1.0  # from the joint, next to the length of the limb


def has_ik(armature: Object) -> bool:
    """Whether an armature has the controls."""
    return COLLECTION in armature_of(armature).collections


def can_have_ik(armature: Object) -> bool:
    """Whether an armature has all the bones that the controls move."""
    known = armature_of(armature).bones
    return all(bone in known for end, bones in LIMBS.items() for bone in (end, *bones))


def add_ik(context: Context, armature: Object) -> None:
    """Adds a control to each hand and foot and a pole to each elbow and knee; the pose stays.

    The armature is in the view layer, in object or pose mode.
    """
    places = {end: _pole(armature, *bones) for end, bones in LIMBS.items()}
    mode = _to_mode(context, armature, "EDIT")
    edit = armature_of(armature).edit_bones
    for end, place in places.items():
        control, pole = edit.new(_control(end)), edit.new(_pole_name(end))
        control.matrix, control.length = edit[end].matrix, 1.5 * edit[end].length
        pole.head, pole.tail = place, place + Vector((0, 0, edit[end].length / 2))
        control.use_deform = pole.use_deform = False
    _to_mode(context, armature, mode)
    collection, bones = armature_of(armature).collections.new(COLLECTION), armature_of(armature).bones
    for end, (upper, lower) in LIMBS.items():
        for name in (_control(end), _pole_name(end)):
            collection.assign(bones[name])
            color_bone(bones[name], "THEME09")
        follow = pose_bones(armature)[lower].constraints.new("IK")
        assert isinstance(follow, KinematicConstraint)
        follow.name = COLLECTION
        follow.target = follow.pole_target = armature
        follow.subtarget, follow.pole_subtarget = _control(end), _pole_name(end)
        follow.chain_count = 2
        follow.pole_angle = _pole_angle(armature, upper, lower, places[end])
        turn = pose_bones(armature)[end].constraints.new("COPY_ROTATION")
        assert isinstance(turn, CopyRotationConstraint)
        turn.name, turn.target, turn.subtarget = COLLECTION, armature, _control(end)
    follow_limbs(context, armature)


def remove_ik(context: Context, armature: Object) -> None:
    """Takes the controls away; the pose stays."""
    view_layer_of(context).update()
    pose = pose_bones(armature)
    posed = {name: pose[name].matrix.copy() for end, bones in LIMBS.items() for name in (*bones, end)}
    for name in posed:
        bone = pose[name]
        for constraint in [one for one in bone.constraints if one.name == COLLECTION]:
            bone.constraints.remove(constraint)
    mode = _to_mode(context, armature, "EDIT")
    edit = armature_of(armature).edit_bones
    for end in LIMBS:
        for name in (_control(end), _pole_name(end)):
            if control := edit.get(name):
                edit.remove(control)
    _to_mode(context, armature, mode)
    collections = armature_of(armature).collections
    collections.remove(collections[COLLECTION])
    for name, matrix in posed.items():  # each after the one above it
        pose_bones(armature)[name].matrix = matrix
        view_layer_of(context).update()


def follow_limbs(context: Context, armature: Object) -> None:
    """Brings the controls to where the limbs are posed without them."""
    switch(armature, on=False)
    view_layer_of(context).update()
    for end, (upper, _) in LIMBS.items():
        bones = pose_bones(armature)
        bones[_control(end)].matrix = bones[end].matrix
        matrix = bones[_pole_name(end)].matrix.copy()
        # the pole goes with the upper bone
        rest = armature_of(armature).bones
        moved = bones[upper].matrix @ rest[upper].matrix_local.inverted() @ rest[_pole_name(end)].matrix_local
        matrix.translation = moved.translation
        bones[_pole_name(end)].matrix = matrix
    switch(armature, on=True)
    view_layer_of(context).update()


def switch(armature: Object, *, on: bool) -> None:
    """Lets the limbs follow the controls, or not."""
    for bone in pose_bones(armature):
        for constraint in bone.constraints:
            if constraint.name == COLLECTION:
                constraint.enabled = on


def _control(end: str) -> str:
    kind, _, side = end.partition(".")
    return f"{kind}_ik.{side}"


def _pole_name(end: str) -> str:
    kind, _, side = end.partition(".")
    return f"{'elbow' if kind == 'hand' else 'knee'}_pole.{side}"


def _pole(armature: Object, upper: str, lower: str) -> Vector:
    """At rest in front of the joint: away from where the limb bends to."""
    bones = armature_of(armature).bones
    first, second = bones[upper], bones[lower]
    away: Vector = -first.matrix_local.col[2].to_3d()  # a column is typed as Any
    return second.head_local + POLE_DISTANCE * (first.length + second.length) * away


def _pole_angle(armature: Object, upper: str, lower: str, pole: Vector) -> float:
    """The angle at which the pole leaves the limb as it is at rest."""
    bones = armature_of(armature).bones
    first, second = bones[upper], bones[lower]
    along = first.tail_local - first.head_local
    normal = _cross(second.tail_local - first.head_local, pole - first.head_local)
    axis = _cross(normal, along)
    across: Vector = first.matrix_local.col[0].to_3d()
    angle = across.angle(axis)
    return -angle if _cross(across, axis).dot(along) > 0 else angle


def _cross(first: Vector, second: Vector) -> Vector:
    """The cross product in space; that of the plane would be a number."""
    product = first.cross(second)
    assert isinstance(product, Vector)
    return product


def _to_mode(context: Context, armature: Object, mode: Mode) -> Mode:
    """Puts the armature into a mode; returns the one before."""
    before = cast("Mode", armature.mode)  # one of those in which an armature is handed to us
    view_layer_of(context).objects.active = armature
    bpy.ops.object.mode_set(mode=mode)
    return before
