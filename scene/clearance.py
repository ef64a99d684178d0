# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps what arrives clear of what stands there already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import bpy
import numpy as np
from bpy.types import Context, Depsgraph, Object, SpaceView3D
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from ..photos.free_place import ROW, Boxes, Ways, free_place, ways_of
from .data import mesh_of, view_layer_of

SURROUNDS = 3.0
"""So many times wider and deeper than what arrives is a thing that it can stand within: a room, or uneven ground."""
MOST_FACES = 500_000
"""Of a mesh that is looked into: it takes Blender a moment to make ready for that."""
KINDS = frozenset(
    ("MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME", "GPENCIL", "GREASEPENCIL")
)
"""Objects that show something of their own where they stand."""
SEE_THROUGH = frozenset(("WIRE", "BOUNDS"))
"""How what only helps to build is displayed."""
AXES = tuple(Vector(axis) for axis in np.concatenate([np.eye(3), -np.eye(3)]).tolist())


def way_clear(
    context: Context,
    objects: Sequence[Object],
    *,
    others: Sequence[Vector] = (),
    corners: Sequence[Vector] = (),
    view: SpaceView3D | None = None,
) -> Vector:
    """How far new objects are to be moved so that they stand free, beside what is in the way where they are.

    `others` are places, from where they stand, at which more of their kind will stand, and `corners` those of the room
    that all of them take: that is to be free as well. Where there is a `view`, they go to its right.
    """
    view_layer, depsgraph = view_layer_of(context), context.evaluated_depsgraph_get()
    new = [_box(obj.evaluated_get(depsgraph)) for obj in objects if obj.type in KINDS]
    if not new:
        return Vector()
    places = np.array([(0.0, 0.0, 0.0), *(place[:] for place in others)])
    taken = (np.concatenate(new)[None] + places[:, None]).reshape(-1, 3)
    taken = np.concatenate([taken, *(np.array([corner[:]]) for corner in corners)])
    box = np.array([[taken.min(0), taken.max(0)]])
    ways = _ways(view)
    standing, boxes = list(view_layer.objects), _all_boxes(view_layer.objects)
    ours = set(objects)

    def solid(which: NDArray[np.bool_]) -> Boxes:
        found = [
            shown
            for index in np.flatnonzero(which)
            if (obj := standing[index]) not in ours and _is_shown(obj)
            for shown in _boxes(obj, boxes[index], depsgraph)
            if not _is_around(obj, shown, box, depsgraph)
        ]
        return np.array(found).reshape(-1, 2, 3)

    x, y = free_place(box, solid(_meeting(boxes, box)), ways)
    if x or y:  # all others need not be looked at where the place is free
        x, y = free_place(box, solid(_may_be_in_the_way(boxes, box, ways)), ways)
    return Vector((x, y, 0.0))


def _ways(view: SpaceView3D | None) -> Ways:
    if view is None or view.region_3d is None:
        return Ways()
    turn = view.region_3d.view_rotation
    return ways_of((turn @ Vector((1.0, 0.0, 0.0)))[:], (turn @ Vector((0.0, 0.0, 1.0)))[:])


def _box(obj: Object) -> NDArray[np.float64]:
    """The corners of an object's bounding box in the world (8, 3)."""
    matrix = np.array(obj.matrix_world)
    corners = np.array([corner[:] for corner in obj.bound_box])
    return np.asarray(corners @ matrix[:3, :3].T + matrix[:3, 3])


def _all_boxes(objects: bpy.types.LayerObjects) -> Boxes:
    """The boxes of all objects of a view layer: there may be many thousands."""
    count = len(objects)
    corners, matrices = np.empty(count * 24, np.float32), np.empty(count * 16, np.float32)
    objects.foreach_get("bound_box", corners)
    objects.foreach_get("matrix_world", matrices)
    matrix = matrices.reshape(-1, 4, 4).transpose(0, 2, 1).astype(np.float64)
    world = corners.reshape(-1, 8, 3) @ matrix[:, :3, :3].transpose(0, 2, 1) + matrix[:, None, :3, 3]
    return np.stack([world.min(1), world.max(1)], 1)


def _meeting(boxes: Boxes, box: Boxes) -> NDArray[np.bool_]:
    """Which boxes another box meets."""
    return np.asarray(np.all((boxes[:, 0] <= box[0, 1]) & (boxes[:, 1] >= box[0, 0]), axis=1))


def _may_be_in_the_way(boxes: Boxes, box: Boxes, ways: Ways) -> NDArray[np.bool_]:
    """Which boxes are to be looked at when a place is looked for, at first around another box, and then aside."""
    low, high = box[0]
    meeting = _meeting(boxes, box)
    widest = (boxes[meeting, 1] - boxes[meeting, 0])[:, :2].max(initial=0.0)
    around = np.full(3, 2.5 * ROW * (high - low)[:2].max() + 2 * widest)
    row = np.array([np.inf if ways.aside[0] else 0.0, np.inf if ways.aside[1] else 0.0, 0.0])
    around[2] = 0.0
    found = np.zeros(len(boxes), bool)
    for reach in (around, row):
        found |= np.all((boxes[:, 0] <= high + reach) & (boxes[:, 1] >= low - reach), axis=1)
    return found


def _is_shown(obj: Object) -> bool:
    return (obj.type in KINDS or obj.instance_collection is not None) and (
        obj.display_type not in SEE_THROUGH and obj.visible_get()
    )


def _boxes(obj: Object, box: Boxes, depsgraph: Depsgraph) -> Iterator[Boxes]:
    """The boxes of what an object shows: of an instance of a collection, all that is in that."""
    if obj.type in KINDS:
        yield box
    collection = obj.instance_collection if obj.instance_type == "COLLECTION" else None
    if collection is not None:
        place = obj.matrix_world @ Matrix.Translation(-collection.instance_offset)
        turned = np.array(place)
        for part in collection.all_objects:
            if part.type in KINDS:
                corners = _box(part.evaluated_get(depsgraph)) @ turned[:3, :3].T + turned[:3, 3]
                yield np.array([corners.min(0), corners.max(0)])


def _is_around(obj: Object, theirs: Boxes, box: Boxes, depsgraph: Depsgraph) -> bool:
    """Whether a large thing is only around the place, as a room is, and not solid there."""
    (low, high), (their_low, their_high) = box[0].tolist(), theirs.tolist()
    for axis in (0, 1):
        is_within = their_low[axis] <= low[axis] and their_high[axis] >= high[axis]
        if not is_within or their_high[axis] - their_low[axis] < SURROUNDS * (high[axis] - low[axis]):
            return False
    if obj.type != "MESH" or len(mesh_of(obj).polygons) > MOST_FACES:
        return True
    height = (max(low[2], their_low[2]) + min(high[2], their_high[2])) / 2
    middle = Vector(((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, height))
    return not _is_within(obj.evaluated_get(depsgraph), middle)


def _is_within(obj: Object, point: Vector) -> bool:
    """Whether a mesh object shows the backs of its faces to a point, wherever one looks."""
    back = obj.matrix_world.inverted_safe()
    origin = back @ point
    for axis in AXES:
        ahead = back.to_3x3() @ axis
        hit, _, normal, _ = obj.ray_cast(origin, ahead)
        if not hit or normal.dot(ahead) <= 0.0:
            return False
    return True
