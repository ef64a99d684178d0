# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has said about a photo's camera, and the camera that follows it."""

import bpy

from ..engine.matching.camera import PhotoCamera
from ..engine.matching.evidence import Source
from ..engine.matching.guides import GuideError, camera_from_guides
from ..engine.matching.usual import usual_camera
from ..jobs.matching import told
from ..match_properties import SAM3D_PG_match, photo_source
from ..photos.orientation import upright_size
from ..properties import SAM3D_PG_settings
from ..scene.data import scene_of
from ..scene.photo_camera import seen_by
from ..scene.pixels import orientation
from . import pump
from .matching import CannotMatch, find_camera_of, refit
from .standing import match_for, placed_objects

PAIR = 2
"""Guides of each axis that tell the lens, too."""


def match_to_change(settings: SAM3D_PG_settings) -> SAM3D_PG_match:
    """What the scene remembers of the current photo's camera, from now on if it was nothing yet."""
    match = match_for(settings, photo_source(settings.photo))
    if not (match.guides and match.width):
        width, height = settings.photo.size
        match.orientation = orientation(settings.photo)
        match.width, match.height = upright_size((width, height), match.orientation)
    return match


def follow(context: bpy.types.Context, settings: SAM3D_PG_settings, match: SAM3D_PG_match) -> None:
    """Have the camera, and all that stands before it, follow guides and lens at once, and be fitted in the background.

    Where guides contradict each other nothing moves, and `match.problem` tells why.
    """
    match.problem = ""
    has_camera = settings.camera_of(match) is not None
    is_lost = not has_camera and bool(placed_objects(scene_of(context), match.source))
    try:
        if not is_lost and (match.guides or (match.use_lens and has_camera)):
            refit(context, match, told_camera(settings, match), search=bool(match.guides))
            match.told = _told(match)
        if is_lost or (has_camera and not match.guides):
            find_camera_of(context, follows=True)
    except GuideError as error:
        match.problem = str(error)
    except CannotMatch:
        pass  # what stands there has followed, and nothing is known to fit it by
    pump.follow()


def told_camera(settings: SAM3D_PG_settings, match: SAM3D_PG_match) -> PhotoCamera:
    """The photo's camera by guides and lens; raises GuideError."""
    camera, size = settings.camera_of(match), (match.width, match.height)
    guess = usual_camera(*size) if camera is None else seen_by(camera, *size)
    return camera_from_guides(*size, match.upright_guides(), guess, match.known_focal)


def _told(match: SAM3D_PG_match) -> str:
    """What the camera was taken from, as a sentence."""
    axes = [guide.axis for guide in match.guides]
    if match.use_lens:
        return told(Source.ARTIST, Source.GUIDES) if axes else f"Lens from {Source.ARTIST}."
    if min(axes.count("X"), axes.count("Y")) >= PAIR:
        return told(Source.GUIDES, Source.GUIDES)
    return f"Horizon from {Source.GUIDES}, lens as before."
