# SPDX-License-Identifier: GPL-3.0-or-later
"""A skeleton that came with a file becomes one that an artist can read and pose.

Bones get the extension's own names where they mean the same, end at the next joint, are rolled so that limbs bend
about X, and are sorted into collections; bones that only help others are folded into them. The mesh keeps its shape
in the pose that it came in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import bpy
import numpy as np
from bpy.types import Context, Object
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from ..engine.rigging.bone_names import is_person, own_names
from ..engine.rigging.bones import Bone, front_of, make_bones
from ..engine.rigging.skeleton import BONES
from .animation import stiff_bones, turn_motions
from .data import armature_of, color_bone, pose_bones, view_layer_of
from .helper_bones import find_folds, fold_weights, hang, kept
from .motion import actions_of, object_moves
from .poses import move, remember_poses

COLORS = {"L": "THEME04", "R": "THEME01"}
"""Of the person's left and right, next to the theme's own for the middle."""
LEFT = (".l", "_l", "-l", "l_", "l.", "l-", "left")
HEAD_TOPS = ("c_head_null", "HeadTop_End", "head_end")
EVEN = 1e-3
"""Next to the largest scale, how much those of an armature may differ that counts as evenly scaled."""
TOUCH = 1e-5
"""Distance at which a bone begins where the one above it ends."""


def clean_up(context: Context, armature: Object, meshes: Sequence[Object], *, fold: bool) -> None:
    """Makes an imported armature readable as the module says; `fold` takes the helper bones out.

    The armature and its meshes are in the view layer, in object mode.
    """
    view_layer_of(context).update()
    _straighten(armature)
    view_layer_of(context).update()
    rest = {bone.name: np.array(bone.matrix_local) for bone in armature_of(armature).bones}
    motion = {bone.name: np.array(bone.matrix) @ np.linalg.inv(rest[bone.name]) for bone in pose_bones(armature)}
    parents = _parents(armature)
    names = own_names(parents, {name: matrix[:3, 3] for name, matrix in rest.items()})
    into = find_folds(parents, names, meshes) if fold else {}
    hanging = {obj: obj.matrix_world.copy() for obj in armature.children if obj.parent_type == "BONE"}
    for obj in hanging:
        hang(obj, kept(obj.parent_bone, into))
    for mesh in meshes:
        fold_weights(armature, mesh, list(parents), into, motion)
    staying = {name: kept(parent, into) for name, parent in parents.items() if name not in into}
    bones = _bones(staying, names, {name: rest[name][:3, 3] for name in parents})
    _rename(armature, {name: names[name] for name in staying})
    build_bones(context, armature, bones)
    motions = {names[name]: motion[name] for name in staying}
    move(armature, {name: motions[name] for name in bones})
    view_layer_of(context).update()
    for obj, place in hanging.items():
        obj.matrix_world = place
    remember_poses(context, armature, bones)
    style_bones(armature)


def take_held_pose(context: Context, armature: Object) -> None:
    """Makes the pose in which actions hold an armature its own, without them."""
    view_layer_of(context).update()
    pose = {bone.name: bone.matrix_basis.copy() for bone in pose_bones(armature)}
    for action in actions_of(armature):
        action.use_fake_user = False  # what nobody uses goes
    armature.animation_data_clear()
    for name, matrix in pose.items():
        pose_bones(armature)[name].matrix_basis = matrix


def clean_up_moving(context: Context, armature: Object) -> None:
    """Names the bones of an armature that plays actions and, if it is a person's, gives them the same axes as others.

    All bones stay, and the actions move the meshes as before. Bones for which they could not keep their axes.
    """
    view_layer_of(context).update()
    parents = _parents(armature)
    names = own_names(parents, {bone.name: np.array(bone.head_local) for bone in armature_of(armature).bones})
    _rename(armature, names)
    if is_person(names):
        stiff = stiff_bones(armature)
        _straighten(armature)
        known = armature_of(armature).bones
        own = {bone.name: bone.name for bone in known}
        bones = _bones(_parents(armature), own, {bone.name: np.array(bone.head_local) for bone in known})
        _turn_bones(context, armature, bones | {name: _as_it_is(known[name]) for name in stiff})
    style_bones(armature)


def _as_it_is(bone: bpy.types.Bone) -> Bone:
    head, tail, up = (np.array(way) for way in (bone.head_local, bone.tail_local, bone.matrix_local.col[2][:3]))
    return Bone(bone.parent.name if bone.parent else None, head, tail, up)


def _turn_bones(context: Context, armature: Object, bones: dict[str, Bone]) -> None:
    """Gives bones other tails and rolls; what moves them and what hangs on them goes along."""
    known = armature_of(armature).bones
    rest = {name: known[name].matrix_local.to_3x3() for name in bones}
    hanging = [obj for obj in armature.children if obj.parent_type == "BONE"]
    tails = {obj: _tail(armature, obj.parent_bone) for obj in hanging}
    build_bones(context, armature, bones)
    known = armature_of(armature).bones
    turn_motions(armature, {name: old.inverted() @ known[name].matrix_local.to_3x3() for name, old in rest.items()})
    for obj, before in tails.items():
        obj.matrix_parent_inverse = _tail(armature, obj.parent_bone).inverted() @ before @ obj.matrix_parent_inverse


def _tail(armature: Object, bone: str) -> Matrix:
    """Where, at rest, objects are in the armature's space that hang on a bone: its tail."""
    found = armature_of(armature).bones[bone]
    return found.matrix_local @ Matrix.Translation(Vector((0, found.length, 0)))


def _straighten(armature: Object) -> None:
    """Makes the armature's axes the scene's, with z up, as what is known of people wants it; everything stays.

    The view layer is up to date. An armature that is stretched, mirrored or moved as a whole keeps its axes.
    """
    _, turn, scale = armature.matrix_world.decompose()
    if object_moves(armature) or min(scale[:]) <= 0 or max(scale[:]) - min(scale[:]) > EVEN * max(scale[:]):
        return
    matrix = turn.to_matrix().to_4x4()
    armature_of(armature).transform(matrix)
    armature_of(armature).update_tag()  # or the pose stays as it was worked out before
    armature.matrix_basis = armature.matrix_basis @ matrix.inverted()
    for child in armature.children:
        if child.parent_type == "OBJECT":
            child.matrix_parent_inverse = matrix @ child.matrix_parent_inverse


def _parents(armature: Object) -> dict[str, str | None]:
    return {bone.name: bone.parent.name if bone.parent else None for bone in armature_of(armature).bones}


def _bones(
    parents: Mapping[str, str | None], names: Mapping[str, str], heads: Mapping[str, NDArray[np.float64]]
) -> dict[str, Bone]:
    """The bones that stay, by their names here. heads: of all, also of those that go."""
    places = {names[name]: heads[name] for name in parents}
    top = next((name for name in heads if names[name].endswith(HEAD_TOPS)), None)
    if top is not None:
        places["head_top"] = heads[top]
    above = {names[name]: None if parent is None else names[parent] for name, parent in parents.items()}
    return make_bones(places, above, front_of(places))


def build_bones(context: Context, armature: Object, bones: dict[str, Bone], *, connect: bool = False) -> None:
    """Gives an armature these bones and no others; those of the same name stay what they are.

    connect: a bone that begins where the one above it ends cannot be moved away from there.
    """
    view_layer_of(context).objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    edit = armature_of(armature).edit_bones
    for extra in [one for one in edit if one.name not in bones]:
        edit.remove(extra)
    for name, bone in bones.items():
        one = edit.get(name) or edit.new(name)
        one.use_connect = False
        parent = edit[bone.parent] if bone.parent else None
        one.parent = parent
        one.head, one.tail = Vector(bone.head.tolist()), Vector(bone.tail.tolist())
        one.align_roll(bone.up)
        one.use_connect = connect and parent is not None and (parent.tail - one.head).length < TOUCH
    bpy.ops.object.mode_set(mode="OBJECT")


def style_bones(armature: Object) -> None:
    """Bones in front of the mesh, in collections of the body and the rest, the sides in colors of their own."""
    armature.show_in_front = True
    data = armature_of(armature)
    data.display_type = "OCTAHEDRAL"
    for collection in list(data.collections):
        data.collections.remove(collection)
    body = data.collections.new("Body")
    others = [bone for bone in data.bones if bone.name not in BONES]
    details = data.collections.new("Details") if others else body
    for bone in data.bones:
        (body if bone.name in BONES else details).assign(bone)
        side = _side(bone.name)
        if side:
            color_bone(bone, COLORS[side])


def _rename(armature: Object, names: Mapping[str, str]) -> None:
    """Gives bones other names; vertex groups and actions follow. A name may be what another bone was called."""
    bones = armature_of(armature).bones
    changing = [(bones[name], own) for name, own in names.items() if name != own]
    for number, (bone, _) in enumerate(changing):
        bone.name = f"sam3d-renamed-{number}"
    for bone, own in changing:
        bone.name = own


def _side(name: str) -> str:
    """L or R of the names that Blender itself mirrors; empty for the middle."""
    flipped = bpy.utils.flip_name(name)
    if flipped == name:
        return ""
    return "L" if name.lower().startswith(LEFT) or name.lower().endswith(LEFT) else "R"
