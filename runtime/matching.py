# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in."""

import bpy

from ..engine.matching.camera import PhotoCamera
from ..match_properties import SAM3D_PG_match
from ..scene.data import scene_of
from ..scene.photo_camera import set_camera


def refit(context: bpy.types.Context, match: SAM3D_PG_match, camera: PhotoCamera) -> None:
    if match.camera is None:
        match.camera = bpy.data.objects.new("Photo", bpy.data.cameras.new("Photo"))
        scene_of(context).collection.objects.link(match.camera)
    set_camera(match.camera, camera)
