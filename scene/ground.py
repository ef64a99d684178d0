# SPDX-License-Identifier: GPL-3.0-or-later
"""The ground of a photo: what its subjects stand on, and cast their shadows on."""

from __future__ import annotations

import bpy
from bpy.types import Collection, Object
from mathutils import Matrix, Vector

HALF = 50.0
"""Of its edges, in heights of the photo's eye."""


def make_ground(collection: Collection, name: str) -> Object:
    """A square of two units around its origin.

    In the viewport only its edges are shown: the photo is behind it.
    """
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], [], [(0, 1, 2, 3)])
    ground = bpy.data.objects.new(name, mesh)
    ground.display_type = "WIRE"
    collection.objects.link(ground)
    return ground


def set_ground(ground: Object, frame: Matrix) -> None:
    """Have a ground lie under the eye of a photo; `frame` is from the photo's frame to the world."""
    half = HALF * frame.median_scale
    ground.matrix_world = Matrix.LocRotScale(frame.translation, frame.to_quaternion(), Vector((half, half, half)))
