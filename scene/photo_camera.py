# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in."""

import bpy
from mathutils import Matrix

from ..engine.matching.camera import SENSOR, PhotoCamera, focal_of_lens


def read_camera(obj: bpy.types.Object, width: int, height: int) -> PhotoCamera:
    """The camera of the photo of that size, as the object is now."""
    from math import asin, atan2

    data = obj.data
    assert isinstance(data, bpy.types.Camera)
    axes = obj.matrix_world.to_3x3().normalized()
    forward, right, up = -axes.col[2], axes.col[0], axes.col[1]
    return PhotoCamera(
        width, height, focal_of_lens(data.lens, width, height), -asin(forward.z), atan2(right.z, up.z)
    )


def set_camera(obj: bpy.types.Object, camera: PhotoCamera) -> None:
    data = obj.data
    assert isinstance(data, bpy.types.Camera)
    data.sensor_fit = "HORIZONTAL"
    data.sensor_width = SENSOR * camera.width / max(camera.width, camera.height)
    data.lens = camera.lens
    right, up, forward = camera.axes
    obj.matrix_world = Matrix.Translation((0, 0, 1)) @ Matrix(
        [[right[i], up[i], -forward[i], 0] for i in range(3)] + [[0, 0, 0, 1]]
    )
