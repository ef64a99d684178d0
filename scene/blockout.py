# SPDX-License-Identifier: GPL-3.0-or-later
"""Where objects of the scene stand that results are to take the place of."""

import math
from collections.abc import Iterable

import bpy
from mathutils import Vector

from ..photos.layout import Placeholder
from .data import scene_of, unit_of

STEEPEST = 1e-3
"""The horizontal share of a view below which its direction says nothing."""


def placeholder_of(context: bpy.types.Context, objects: Iterable[bpy.types.Object]) -> Placeholder:
    """The place of some objects, as their modifiers make them, together."""
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
        _turn(scene.camera),
    )


def _turn(camera: bpy.types.Object) -> float:
    """The camera's turn about Z; looking straight up or down it has none."""
    ahead = camera.matrix_world.to_3x3() @ Vector((0.0, 0.0, -1.0))
    return math.atan2(-ahead.x, ahead.y) if math.hypot(ahead.x, ahead.y) > STEEPEST * ahead.length else 0.0
