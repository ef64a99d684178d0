# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of the scene that results take the place of: where they stand, and where they are kept afterwards."""

import math
from collections.abc import Iterable, Sequence

import bpy
from mathutils import Vector

from ..photos.layout import Placeholder
from .data import scene_of, unit_of

KEPT = "sam3d_blockout"
"""The custom property of the collection of what was replaced."""
TOP = 0.25
"""Of the height of an object: its upper part, which has no hole where the middle is closed."""
QUARTER = math.pi / 2
CROOKED = 0.02
"""Of the sine of twice the angle between two objects that are not square with each other."""
STEEPEST = 1e-3
"""The horizontal share of a view below which its direction says nothing."""


def placeholder_of(context: bpy.types.Context, objects: Iterable[bpy.types.Object]) -> Placeholder:
    """The place of some objects, as their modifiers make them, together."""
    objects = list(objects)
    depsgraph = context.evaluated_depsgraph_get()
    corners = [
        obj.matrix_world @ Vector(corner)
        for obj in (original.evaluated_get(depsgraph) for original in objects)
        for corner in obj.bound_box
    ]
    low, high = (Vector([choose(axis) for axis in zip(*corners, strict=True)]) for choose in (min, max))
    middle = (low + high) / 2
    scene = scene_of(context)
    assert scene.camera is not None
    return Placeholder(
        (middle.x, middle.y, low.z),
        high.x - low.x,
        (high.z - low.z) * unit_of(scene),
        _turn(scene.camera, objects),
        tuple((obj.name, obj.session_uid) for obj in objects),
        closed=any(_has_top(obj.evaluated_get(depsgraph), low, high) for obj in objects if obj.type == "MESH"),
    )


def _has_top(obj: bpy.types.Object, low: Vector, high: Vector) -> bool:
    """Whether what falls onto the middle of a box around objects stops at the top of one of them.

    A picture does not tell a lid from the dark within a cup as surely.
    """
    back = obj.matrix_world.inverted_safe()
    above = Vector(((low.x + high.x) / 2, (low.y + high.y) / 2, high.z + 0.01 * (high.z - low.z)))
    hit, place, _, _ = obj.ray_cast(back @ above, back.to_3x3() @ Vector((0.0, 0.0, -1.0)))
    return hit and (obj.matrix_world @ place).z > high.z - TOP * (high.z - low.z)


def _turn(camera: bpy.types.Object, objects: Sequence[bpy.types.Object]) -> float:
    """How a result is to be turned about Z: by the camera, which has seen its front, but square with the objects.

    Of the four sides of a box it faces that which is turned to the camera most. A camera that looks straight up or down
    says nothing.
    """
    ahead = camera.matrix_world.to_3x3() @ Vector((0.0, 0.0, -1.0))
    has_way = math.hypot(ahead.x, ahead.y) > STEEPEST * ahead.length
    to_camera = math.atan2(-ahead.x, ahead.y) if has_way else 0.0
    turns = [_own_turn(obj) for obj in objects]
    if any(abs(math.sin(2 * (turn - turns[0]))) > CROOKED for turn in turns):
        return to_camera  # they are not square with each other
    return turns[0] + round((to_camera - turns[0]) / QUARTER) * QUARTER


def _own_turn(obj: bpy.types.Object) -> float:
    """An object's own turn about Z, by that of its axes which lies flattest."""
    axes = obj.matrix_world.to_3x3().normalized().col
    flattest = min(axes, key=lambda axis: abs(axis.z))
    return math.atan2(flattest.y, flattest.x)


def replaced(objects: Iterable[tuple[str, int]]) -> list[bpy.types.Object]:
    """Those of a placeholder's objects that there are still, also where they have other names by now.

    After a file was opened again, only their names tell them.
    """
    known = {obj.session_uid: obj for obj in bpy.data.objects}
    found = (known.get(number) or bpy.data.objects.get(name) for name, number in objects)
    return [obj for obj in found if obj is not None and obj.get("sam3d_job") is None]


def put_away(context: bpy.types.Context, objects: Iterable[bpy.types.Object], result_name: str) -> None:
    """Moves replaced objects into a hidden collection of the scene; one gives its name to the result.

    What other scenes show of them stays there.
    """
    own = [obj for obj in objects if obj.is_editable]
    if not own:
        return
    scene = scene_of(context)
    kept = _kept(scene)
    kept.hide_viewport = kept.hide_render = True
    shown = {scene.collection, *scene.collection.children_recursive} - {kept}
    for obj in own:
        for user in obj.users_collection:
            if user in shown and user.is_editable:
                user.objects.unlink(obj)
        if kept not in obj.users_collection:
            kept.objects.link(obj)
        if obj.name == result_name:
            obj.name = f"{result_name} Box"


def _kept(scene: bpy.types.Scene) -> bpy.types.Collection:
    """The scene's own collection of what was replaced."""
    for child in scene.collection.children:
        if child.get(KEPT) and child.is_editable:
            return child
    collection = bpy.data.collections.new("Block-out")
    collection[KEPT] = True
    scene.collection.children.link(collection)
    return collection
