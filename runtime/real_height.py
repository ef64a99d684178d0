# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the scene of a photo is, by how high one thing of it is known to be: the photo itself tells no scale."""

from statistics import fmean

import bpy
from mathutils import Matrix, Vector

from ..properties import scene_settings
from ..scene.data import scene_of
from ..scene.photo_camera import frame_of, seen_by
from ..scene.placed import height_of, scale_placed, source_of
from .standing import placed_objects, set_match


def set_height(context: bpy.types.Context, obj: bpy.types.Object, height: float) -> None:
    """Give a placed object a height in the scene's units, and all that stands in its photo with it, the camera, too.

    The middle of what stands there stays where it is.
    """
    scene = scene_of(context)
    settings, source = scene_settings(scene), source_of(obj)
    objects, match = placed_objects(scene, source), settings.match_of(source)
    camera = None if match is None else settings.camera_of(match)
    frame = None if match is None or camera is None else frame_of(camera, settings.ground_of(match))
    low = obj.matrix_world.translation.z if frame is None else frame.translation.z
    middle = Vector((*(fmean(one.matrix_world.translation[axis] for one in objects) for axis in (0, 1)), low))
    scale = Matrix.Scale(height / height_of(obj), 4)
    larger = Matrix.Translation(middle) @ scale @ Matrix.Translation(-middle)
    for one in objects:
        scale_placed(one, larger)
    if match is not None and camera is not None and frame is not None:
        set_match(context, match, camera.name, seen_by(camera, match.width, match.height), larger @ frame)
