# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that stand where the photo shows them: what is remembered of that, by which they are placed anew.

Only the objects at the top of a result have places of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpy.types import Object
from mathutils import Matrix, Vector

from .data import mesh_of
from .importing import PHOTO_SOURCE
from .placement import transform

MODEL, PLACE = "sam3d_from_model", "sam3d_place"
"""Custom properties: the matrix from the model, as it was delivered, to the object's own frame; and that from there to
the world which the match has found, 16 numbers row by row."""
STANDS_ON = "sam3d_stands_on"
"""The custom property that tells what the artist has said an object to stand on: the job of another, or the ground
where it is empty; where it is missing, that is found out."""
SAME = 1e-4
"""Of an object's size: what it has moved less was not moved by hand."""


def remember_place(objects: Sequence[Object], place: Matrix, source: str) -> None:
    """Note where a match has put a result, by the matrix from its model to the world, and what tells the photo."""
    for obj in objects:
        if obj.parent is None:
            obj[PHOTO_SOURCE] = source
            obj[MODEL] = _numbers(obj.matrix_world.inverted() @ place)
            obj[PLACE] = _numbers(obj.matrix_world)


def is_placed(obj: Object, source: str) -> bool:
    """Whether an object was put where a photo shows it."""
    return obj.get(PHOTO_SOURCE) == source and obj.get(MODEL) is not None and obj.get(PLACE) is not None


def source_of(obj: Object) -> str:
    """What tells the photo that an object was placed by; empty where it was not."""
    source = str(obj.get(PHOTO_SOURCE, ""))
    return source if is_placed(obj, source) else ""


def say_what_it_stands_on(obj: Object, job: str | None) -> None:
    """Remember what an object stands on: the result of another job, "" for the ground, None for what is found."""
    if job is not None:
        obj[STANDS_ON] = job
    elif obj.get(STANDS_ON) is not None:
        del obj[STANDS_ON]


def what_it_stands_on(obj: Object) -> str | None:
    """What the artist has said an object to stand on, likewise."""
    told = obj.get(STANDS_ON)
    return None if told is None else str(told)


def was_moved(obj: Object) -> bool:
    """Whether the artist has moved an object since a match has placed it."""
    place = _matrix(obj[PLACE])
    size = max(obj.dimensions[:]) or 1.0
    gone = (obj.matrix_world.translation - place.translation).length
    now, then = obj.matrix_world.to_3x3(), place.to_3x3()
    turned = max((now.col[axis] - then.col[axis]).length for axis in range(3)) / then.median_scale
    return gone > SAME * size or turned > SAME


def move_alike(obj: Object, other: Object) -> None:
    """Move an object from its place as another was moved from its own."""
    obj.matrix_world = other.matrix_world @ _matrix(other[PLACE]).inverted() @ _matrix(obj[PLACE])


def change_model(obj: Object, other: Object, step: Matrix) -> None:
    """Have a placed object stand where the photo shows the model of another; what was moved by hand is moved alike.

    step: leads from that model to the object's own.
    """
    own, found = place_of(obj) @ step, _matrix(obj[PLACE]) @ _matrix(obj[MODEL]) @ step
    back = _matrix(other[MODEL]).inverted()
    obj[MODEL] = other[MODEL]
    obj.matrix_world, obj[PLACE] = own @ back, _numbers(found @ back)


def place_of(obj: Object) -> Matrix:
    """The matrix from a placed object's model to the world, by where it stands now."""
    return obj.matrix_world @ _matrix(obj[MODEL])


def move_to_place(obj: Object, place: Matrix) -> None:
    """Put a placed object where a matrix from its model to the world says, at once, scaling and leaning the object."""
    obj.matrix_world = place @ _matrix(obj[MODEL]).inverted()
    obj[PLACE] = _numbers(obj.matrix_world)


def origin_in(place: Matrix, obj: Object) -> Vector:
    """Where a placed object's own origin is when its model is put to a place."""
    return (place @ _matrix(obj[MODEL]).inverted()).translation


def stand_at_place(obj: Object, place: Matrix, turn: float) -> None:
    """The same for where a match has found it to stand: what it leans and is scaled goes into the mesh.

    turn: about Z, in radians, which is the object's own.
    """
    wanted = place @ _matrix(obj[MODEL]).inverted()
    if obj.type == "MESH" and not obj.children and mesh_of(obj).shape_keys is None:
        own = Matrix.Translation(wanted.translation) @ Matrix.Rotation(turn, 4, "Z")
        transform(mesh_of(obj), own.inverted() @ wanted)
        obj.matrix_world = own
        obj.scale = (1.0, 1.0, 1.0)  # to the last digit
    else:
        obj.matrix_world = wanted
    remember_place([obj], place, obj[PHOTO_SOURCE])


def scale_placed(obj: Object, larger: Matrix) -> None:
    """Make a placed object larger where it stands, about a place that `larger` tells; it counts as moved by hand where
    it did before.
    """
    place, world, found = (larger @ matrix for matrix in (place_of(obj), obj.matrix_world, _matrix(obj[PLACE])))
    if obj.type == "MESH" and not obj.children and mesh_of(obj).shape_keys is None:
        scale = Matrix.Scale(larger.median_scale, 4)
        transform(mesh_of(obj), scale)
        world, found = (matrix @ scale.inverted() for matrix in (world, found))
    obj.matrix_world = world
    obj[MODEL], obj[PLACE] = _numbers(world.inverted() @ place), _numbers(found)


def height_of(obj: Object) -> float:
    """How high a placed object is in the world, with all that hangs on it."""
    corners = [
        (part.matrix_world @ Vector(corner)).z
        for part in (obj, *obj.children_recursive)
        if part.type == "MESH"
        for corner in part.bound_box
    ]
    return max(corners) - min(corners) if corners else 0.0


def placed_top(obj: Object | None) -> Object | None:
    """What has a place of its own of that which an object belongs to; None where it was not placed."""
    while obj is not None and not source_of(obj):
        obj = obj.parent
    return obj


def _numbers(matrix: Matrix) -> list[float]:
    return [value for row in matrix.row for value in row]


def _matrix(numbers: Sequence[float]) -> Matrix:
    return Matrix([numbers[start : start + 4] for start in range(0, 16, 4)])
