# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has said about a photo's camera, and the camera that follows it."""

import bpy

from ..engine.matching.camera import PhotoCamera
from ..engine.matching.guides import GuideError, camera_from_guides, usual_camera
from ..match_properties import SAM3D_PG_match
from ..photos.orientation import upright_size
from ..properties import SAM3D_PG_settings, match_of
from ..scene.photo_camera import read_camera
from ..scene.pixels import orientation, photo_source
from .matching import refit


def match_to_change(settings: SAM3D_PG_settings) -> SAM3D_PG_match:
    """What the scene remembers of the current photo's camera, from now on if it was nothing yet."""
    match = match_of(settings)
    if match is None:
        match = settings.matches.add()
        match.source = photo_source(settings.photo)
        match.orientation = orientation(settings.photo)
    return match


def follow(context: bpy.types.Context, settings: SAM3D_PG_settings, match: SAM3D_PG_match) -> None:
    """Have the camera, and all that stands before it, follow guides and lens; where those contradict each other,
    nothing moves, and `match.problem` tells why.
    """
    width, height = settings.photo.size
    try:
        camera = told_camera(match, (width, height))
    except GuideError as error:
        match.problem = str(error)
        return
    match.problem = ""
    refit(context, match, camera)


def told_camera(match: SAM3D_PG_match, size: tuple[int, int]) -> PhotoCamera:
    """The camera by guides and lens of a photo that has that size as Blender shows it; raises GuideError."""
    upright = upright_size(size, match.orientation)
    guess = read_camera(match.camera, *upright) if match.camera is not None else usual_camera(*upright)
    return camera_from_guides(*upright, match.upright_guides(size), guess, match.known_focal(size))
