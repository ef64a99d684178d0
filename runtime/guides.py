# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has said about a photo's camera, and the camera that follows it."""

import bpy

from ..engine.matching.camera import PhotoCamera
from ..engine.matching.guides import GuideError, camera_from_guides, usual_camera
from ..match_properties import SAM3D_PG_match, photo_source
from ..photos.orientation import upright_size
from ..properties import SAM3D_PG_settings
from ..scene.photo_camera import seen_by
from ..scene.pixels import orientation
from .matching import match_for


def match_to_change(settings: SAM3D_PG_settings) -> SAM3D_PG_match:
    """What the scene remembers of the current photo's camera, from now on if it was nothing yet."""
    match = match_for(settings, photo_source(settings.photo))
    if not match.guides:
        width, height = settings.photo.size
        match.orientation = orientation(settings.photo)
        match.width, match.height = upright_size((width, height), match.orientation)
    return match


def follow(context: bpy.types.Context, settings: SAM3D_PG_settings, match: SAM3D_PG_match) -> None:
    """Have the camera, and all that stands before it, follow guides and lens; where those contradict each other,
    nothing moves, and `match.problem` tells why.
    """
    try:
        camera = told_camera(settings, match)
    except GuideError as error:
        match.problem = str(error)
        return
    match.problem = ""
    refit(context, match, camera)


def told_camera(settings: SAM3D_PG_settings, match: SAM3D_PG_match) -> PhotoCamera:
    """The photo's camera by guides and lens; raises GuideError."""
    camera, size = settings.camera_of(match), (match.width, match.height)
    guess = usual_camera(*size) if camera is None else seen_by(camera, *size)
    return camera_from_guides(*size, match.upright_guides(), guess, match.known_focal)


def refit(context: bpy.types.Context, match: SAM3D_PG_match, camera: PhotoCamera) -> None:
    """Stand-in."""
    from mathutils import Matrix

    from ..scene.data import scene_of
    from ..scene.photo_camera import make_camera, set_camera

    if match.camera is None:
        match.camera = make_camera(scene_of(context).collection, "Photo", None)
    set_camera(scene_of(context), match.camera, camera, Matrix())
