# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls that hands and feet follow (inverse kinematics), with poles that elbows and knees point to."""

from __future__ import annotations

import bpy
from bpy.types import Context, Object
from mathutils import Vector

LIMBS = {
    f"{end}.{side}": (f"{upper}.{side}", f"{lower}.{side}")
    for side in "LR"
    for end, upper, lower in (("hand", "upper_arm", "forearm"), ("foot", "thigh", "shin"))
}
"""What is moved, and the two bones that follow."""
COLLECTION = "IK"
POLE_DISTANCE = 1.0  # from the joint, next to the length of the limb


def has_ik(armature: Object) -> bool:
    """Whether an armature has the controls."""
    return COLLECTION in armature.data.collections


def can_have_ik(armature: Object) -> bool:
    """Whether an armature has all the bones that the controls move."""
    return all(bone in armature.data.bones for end, bones in LIMBS.items() for bone in (end, *bones))


def add_ik(context: Context, armature: Object) -> None:
    """Adds a control to each hand and foot and a pole to each elbow and knee; the pose stays.

    The armature is in the view layer, in object or pose mode.
    """
    places = {end: _pole(armature, *bones) for end, bones in LIMBS.items()}
    mode = _to_mode(context, armature, "EDIT")
    edit = armature.data.edit_bones
    for end, place in places.items():
        control, pole = edit.new(_control(end)), edit.new(_pole_name(end))
        control.matrix, control.length = edit[end].matrix, 1.5 * edit[end].length
        pole.head, pole.tail = place, place + Vector((0, 0, edit[end].length / 2))
        control.use_deform = pole.use_deform = False
    _to_mode(context, armature, mode)
    collection = armature.data.collections.new(COLLECTION)
    for end, (upper, lower) in LIMBS.items():
        for name in (_control(end), _pole_name(end)):
            collection.assign(armature.data.bones[name])
            armature.data.bones[name].color.palette = "THEME09"
        follow = armature.pose.bones[lower].constraints.new("IK")
        follow.name = COLLECTION
        follow.target = follow.pole_target = armature
        follow.subtarget, follow.pole_subtarget = _control(end), _pole_name(end)
        follow.chain_count = 2
        follow.pole_angle = _pole_angle(armature, upper, lower, places[end])
        turn = armature.pose.bones[end].constraints.new("COPY_ROTATION")
        turn.name, turn.target, turn.subtarget = COLLECTION, armature, _control(end)
    follow_limbs(context, armature)


def remove_ik(context: Context, armature: Object) -> None:
    """Takes the controls away; the pose stays."""
    context.view_layer.update()
    posed = {name: armature.pose.bones[name].matrix.copy() for end, bones in LIMBS.items() for name in (*bones, end)}
    for name in posed:
        bone = armature.pose.bones[name]
        for constraint in [one for one in bone.constraints if one.name == COLLECTION]:
            bone.constraints.remove(constraint)
    mode = _to_mode(context, armature, "EDIT")
    for end in LIMBS:
        for name in (_control(end), _pole_name(end)):
            if name in armature.data.edit_bones:
                armature.data.edit_bones.remove(armature.data.edit_bones[name])
    _to_mode(context, armature, mode)
    armature.data.collections.remove(armature.data.collections[COLLECTION])
    for name, matrix in posed.items():  # each after the one above it
        armature.pose.bones[name].matrix = matrix
        context.view_layer.update()


def follow_limbs(context: Context, armature: Object) -> None:
    """Brings the controls to where the limbs are posed without them."""
    switch(armature, on=False)
    context.view_layer.update()
    for end, (upper, _) in LIMBS.items():
        bones = armature.pose.bones
        bones[_control(end)].matrix = bones[end].matrix
        matrix = bones[_pole_name(end)].matrix.copy()
        # the pole goes with the upper bone
        rest = armature.data.bones
        moved = bones[upper].matrix @ rest[upper].matrix_local.inverted() @ rest[_pole_name(end)].matrix_local
        matrix.translation = moved.translation
        bones[_pole_name(end)].matrix = matrix
    switch(armature, on=True)
    context.view_layer.update()


def switch(armature: Object, *, on: bool) -> None:
    """Lets the limbs follow the controls, or not."""
    for bone in armature.pose.bones:
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
    first, second = armature.data.bones[upper], armature.data.bones[lower]
    away = -first.matrix_local.col[2].to_3d()
    return second.head_local + POLE_DISTANCE * (first.length + second.length) * away


def _pole_angle(armature: Object, upper: str, lower: str, pole: Vector) -> float:
    """The angle at which the pole leaves the limb as it is at rest."""
    first, second = armature.data.bones[upper], armature.data.bones[lower]
    along = first.tail_local - first.head_local
    normal = (second.tail_local - first.head_local).cross(pole - first.head_local)
    axis = normal.cross(along)
    across = first.matrix_local.col[0].to_3d()
    angle = across.angle(axis)
    return -angle if across.cross(axis).dot(along) > 0 else angle


def _to_mode(context: Context, armature: Object, mode: str) -> str:
    """Puts the armature into a mode; returns the one before."""
    before = str(armature.mode)
    context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode=mode)
    return before
