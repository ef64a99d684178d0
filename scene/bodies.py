# SPDX-License-Identifier: GPL-3.0-or-later
"""People become armatures with meshes that can be posed at once, in the pose of the photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import bmesh
import bpy
import numpy as np
from bpy.types import Context, Object
from mathutils import Matrix, Vector

from ..engine.arrays import Floats
from ..engine.rigging.bones import body_bones, front_of
from ..engine.rigging.people import divide
from ..engine.rigging.person import Person, boxes_of, life_size
from ..engine.rigging.skeleton import BONES
from .binding import bind
from .data import active_collection, armature_of, mesh_of, pose_bones, view_layer_of
from .placement import base_of, bounds, transform
from .poses import remember_poses
from .skeleton import build_bones, style_bones
from .surfaces import surface


def separate(context: Context, obj: Object, people: Sequence[Person], unit: float = 1.0) -> list[Object]:
    """One mesh object for each person of a mesh object, in their order; every face goes with somebody.

    people, unit: as for `place_people`. The first is `obj` itself, the others new objects beside it.
    """
    if len(people) < 2:
        return [obj]
    vertices, faces = surface(obj)
    boxes = boxes_of([Person(_upright(one.middle) / unit, _joints(one, unit), one.reason) for one in people])
    parts = [obj]
    for _ in people[1:]:
        other = obj.copy()
        other.data = mesh_of(obj).copy()
        for collection in obj.users_collection:
            collection.objects.link(other)
        parts.append(other)
    for part, mine in zip(parts, divide(vertices, faces[:, :3], boxes), strict=True):
        _keep_faces(part, set(faces[mine, 3].tolist()))
    view_layer_of(context).update()
    return parts


def place_people(
    parts: Sequence[Object], people: Sequence[Person], location: Vector, height: float, unit: float = 1.0
) -> list[dict[str, Floats]]:
    """Stands people at a place as they stand to each other, life-size or with all of them `height` high if not 0.

    parts: mesh objects without a transform of their own. people: what is known of each, in their order and in the frame
    of the file with y up, in meters, or nobody; `unit` is how many of them a unit of the scene is. Gives the joints of
    each in its object's frame; none where they are not known.
    """
    known = [_joints(person, unit) for person in people] or [{} for _ in parts]
    lows, highs = zip(*[bounds(mesh_of(part)) for part in parts], strict=True)
    low = Vector([min(corner[axis] for corner in lows) for axis in range(3)])
    high = Vector([max(corner[axis] for corner in highs) for axis in range(3)])
    size = max((high - low)[:]) * unit
    sizes = [life_size({name: place * unit for name, place in joints.items()}, size) for joints in known if joints]
    factor = height / (high.z - low.z) if height > 0 else float(np.median(sizes)) if sizes else 1.0
    base = base_of(low, high)
    placed = []
    for part, joints, own_low, own_high in zip(parts, known, lows, highs, strict=True):
        foot = base_of(own_low, own_high)
        transform(mesh_of(part), Matrix.Scale(factor, 4) @ Matrix.Translation(-foot))
        part.location = location + factor * (foot - base)
        placed.append({name: factor * (place - np.array(foot)) for name, place in joints.items()})
    return placed


def place_people_as_seen(
    parts: Sequence[Object], people: Sequence[Person], place: Matrix, turn: float, unit: float = 1.0
) -> list[dict[str, Floats]]:
    """Puts people where `place` takes them, as `placement.place_as_seen` does; else as `place_people`."""
    own = Matrix.Rotation(turn, 4, "Z")
    upright = own.inverted() @ place.to_3x3().to_4x4()
    placed = []
    for part, joints in zip(parts, [_joints(one, unit) for one in people] or [{} for _ in parts], strict=True):
        transform(mesh_of(part), upright)
        foot = base_of(*bounds(mesh_of(part)))
        transform(mesh_of(part), Matrix.Translation(-foot))
        part.rotation_mode = "XYZ"
        part.rotation_euler.z = turn
        part.location = own @ foot + place.translation
        into = np.array(upright)[:3, :3]
        placed.append({name: into @ joint - np.array(foot) for name, joint in joints.items()})
    return placed


def rig(context: Context, body: Object, joints: Mapping[str, Floats], name: str) -> Object:
    """Gives a body an armature at the joints (3,) of its own frame, with z up; the mesh keeps its place and shape.

    Gives the armature, the mesh's parent from now on, at the mesh's origin.
    """
    armature = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    active_collection(view_layer_of(context)).collection.objects.link(armature)
    armature.matrix_world = body.matrix_world
    if body.parent is None:  # taken apart again, a matrix gives it but nearly
        armature.scale = body.scale
    bones = body_bones(joints, front_of(joints))
    build_bones(context, armature, bones, connect=True)
    body.parent = armature
    body.matrix_parent_inverse = Matrix()
    body.matrix_basis = Matrix()
    bind(context, body, armature, joints)
    remember_poses(context, armature, bones)
    style_bones(armature)
    return armature


def rebind(context: Context, armature: Object) -> str:
    """New weights and a new neutral pose for an armature whose joints were moved; the pose becomes the one at rest.

    Gives a sentence where that cannot be done.
    """
    bodies = [obj for obj in armature.children if obj.type == "MESH" and obj.find_armature() == armature]
    bones = armature_of(armature).bones
    if not bodies:
        return "No mesh hangs on this armature: parent the body to it first."
    if any(name not in bones for name in BONES):
        return (
            "This skeleton came with its own bones and weights: bind it with Blender's Parent > With Automatic Weights."
        )
    if context.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    joints = {tail: np.array(bones[name].tail_local) for name, (_, tail) in BONES.items()}
    joints |= {name: np.array(bones[name].head_local) for name in BONES}
    for bone in pose_bones(armature):
        bone.matrix_basis = Matrix()
    for body in bodies:
        into = np.array(body.matrix_world.inverted() @ armature.matrix_world)
        own = {name: into[:3, :3] @ place + into[:3, 3] for name, place in joints.items()}
        bind(context, body, armature, own)
    remember_poses(context, armature, body_bones(joints, front_of(joints)))
    return ""


def _joints(person: Person, unit: float) -> dict[str, Floats]:
    """A person's joints with z up, in units of the scene."""
    return {name: _upright(place) / unit for name, place in person.joints.items()}


def _upright(place: Floats) -> Floats:
    """From the file's frame, y up, to Blender's, z up."""
    x, y, z = place
    return np.array([x, -z, y])


def _keep_faces(obj: Object, faces: set[int]) -> None:
    mesh = bmesh.new()
    mesh.from_mesh(mesh_of(obj))
    # loose vertices and edges go with the faces
    bmesh.ops.delete(mesh, geom=[face for face in mesh.faces if face.index not in faces], context="FACES")
    mesh.to_mesh(mesh_of(obj))
    mesh.free()
