# SPDX-License-Identifier: GPL-3.0-or-later
"""Results that arrive stand where their photo shows them, before a camera that sees them so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, sin

import bpy
from mathutils import Matrix, Vector

from ..engine.matching.camera import EYE, PhotoCamera
from ..engine.matching.stance import carried_over
from ..jobs.model import BEING_PLACED, OTHERS_FIRST, Job, State
from ..jobs.places import Place, SeenPhoto
from ..jobs.variations import subject_of, variation_of
from ..match_properties import SAM3D_PG_match, photo_source
from ..photos.camera_guesses import CameraWishes
from ..properties import SAM3D_PG_settings, scene_settings
from ..scene.clearance import way_clear
from ..scene.data import scene_of, unit_of, view_layer_of
from ..scene.ground import make_ground, set_ground
from ..scene.importing import photo_collection
from ..scene.photo_camera import fit_background, frame_at, frame_of, make_camera, seen_by, set_camera
from ..scene.placed import is_placed, remember_place
from ..scene.showing import viewports
from ..scene.variations import hide
from .arrival import key_of
from .state import runtime


@dataclass(frozen=True)
class Standing:
    """Where a result is to stand: the matrix from its model to the world, of which `turn`, in radians, is about Z."""

    matrix: Matrix
    turn: float
    place: Place
    frame: Matrix


def wishes_for(scene: bpy.types.Scene, source: str) -> CameraWishes:
    """What is known of a photo's camera: where something stands before it already, it is kept."""
    settings = scene_settings(scene)
    match = settings.match_of(source)
    if match is None:
        return CameraWishes()
    camera = settings.camera_of(match)
    if camera is not None and placed_objects(scene, match.source):
        return CameraWishes(camera=seen_by(camera, match.width, match.height))
    return told_wishes(match)


def told_wishes(match: SAM3D_PG_match) -> CameraWishes:
    """What the artist has said of a photo's camera."""
    return CameraWishes(lens=match.lens if match.use_lens else 0.0, guides=match.upright_guides())


def placed_objects(scene: bpy.types.Scene, source: str) -> list[bpy.types.Object]:
    """The objects of a scene that stand as a photo shows them, also where they were moved since."""
    return [obj for obj in scene.objects if is_placed(obj, source)]


def why_wait(context: bpy.types.Context, job: Job) -> str:
    """Why a result does not know its place in the photo yet; empty where it does, or asks for none."""
    matching = runtime().matching
    if not job.destination.is_as_in_photo:
        return ""
    if not matching.is_asked_for(job.id):
        peers = [peer for peer in runtime().queue.jobs.values() if key_of(peer) == key_of(job)]
        if any(peer.at_work for peer in peers):
            return OTHERS_FIRST
        ready = [peer for peer in peers if peer.state is State.READY and not matching.is_asked_for(peer.id)]
        matching.start_arriving(ready, wishes_for(scene_of(context), job.destination.source))
    return "" if matching.is_found(job.id) else BEING_PLACED


def standing(context: bpy.types.Context, job: Job) -> tuple[Standing | None, tuple[str, ...]]:
    """Where a result is to stand that is just brought in, and what the artist should know of that.

    None where it stands at its location.
    """
    if not job.destination.is_as_in_photo:
        return None, ()
    place, notes = runtime().matching.take(job)
    if place is None:
        return None, notes
    scene = scene_of(context)
    settings, source = scene_settings(scene), job.destination.source
    match = settings.match_of(source)
    camera = None if match is None else settings.camera_of(match)
    placed, unit = place.placed, unit_of(scene)
    if match is not None and camera is not None and placed_objects(scene, match.source):
        frame = frame_of(camera, settings.ground_of(match))
        placed = carried_over(placed, place.camera, seen_by(camera, place.camera.width, place.camera.height))
    else:
        frame = frame_at(Vector(job.destination.origin or job.destination.location), place.scale / unit, place.middle)
    matrix = frame @ Matrix(placed.matrix.tolist()) @ Matrix.Scale(unit, 4)
    return Standing(matrix, frame.to_euler().z + placed.yaw, place, frame), notes


def take_place(context: bpy.types.Context, job: Job, objects: Sequence[bpy.types.Object], at: Standing) -> None:
    """A result has been brought in where it stands: that is remembered, and its photo gets camera and ground."""
    scene, destination = scene_of(context), job.destination
    match = match_for(scene_settings(scene), destination.source)
    is_first = not placed_objects(scene, match.source)
    if is_first:
        at = _moved_clear(context, objects, at)
    # which may tell another file than the job does, where the photo has moved
    remember_place(objects, at.matrix, match.source)
    if _is_further_variation(job):
        hide(context, objects)
    if is_first or scene_settings(scene).camera_of(match) is None:
        match.told = at.place.told
        note_photo(match, at.place.photo)
        set_match(context, match, job.photo, at.place.camera.resized(*at.place.photo.size), at.frame)


def _moved_clear(context: bpy.types.Context, objects: Sequence[bpy.types.Object], at: Standing) -> Standing:
    """The first of a photo's objects, moved to where nothing stands in all that it shows, up to the last of them."""
    camera = at.place.camera
    depth = at.place.far * cos(camera.pitch) + sin(camera.pitch)
    aside = depth * camera.width / 2 / camera.focal
    ground = [(x, y, 0.0) for x in (-aside, aside) for y in (0.0, at.place.far)]
    room = [at.frame @ Vector(corner) for corner in (*ground, EYE.tolist())]
    view = next((space for _, _, space in viewports(context)), None)
    way = way_clear(context, objects, corners=room, view=view)
    move = Matrix.Translation(way)
    for obj in objects:
        if obj.parent is None:
            obj.location += way
    view_layer_of(context).update()
    return replace(at, matrix=move @ at.matrix, frame=move @ at.frame)


def _is_further_variation(job: Job) -> bool:
    """Whether another result of the same subject has the place already, or is about to."""
    others = [other for other in runtime().queue.jobs.values() if subject_of(other) == subject_of(job)]
    known = [variation_of(other) for other in others if other.model is not None] if subject_of(job) else []
    return any(number < variation_of(job) for number in known)


def match_for(settings: SAM3D_PG_settings, source: str) -> SAM3D_PG_match:
    """What a scene remembers of a photo; from now on where it did not."""
    match = settings.match_of(source)
    if match is None:
        match = settings.matches.add()
        match.source = source
    if match.image is None:
        match.image = image_of(source)
    return match


def note_photo(match: SAM3D_PG_match, photo: SeenPhoto) -> None:
    """Remember how a photo lies."""
    match.width, match.height = photo.size
    match.orientation = photo.orientation


def set_match(context: bpy.types.Context, match: SAM3D_PG_match, photo: str, seen: PhotoCamera, frame: Matrix) -> None:
    """Have a photo's camera be `seen`, above its ground, both made where there are none."""
    scene = scene_of(context)
    settings = scene_settings(scene)
    collection = photo_collection(context, photo, photo, match.source)
    camera = settings.camera_of(match)
    if camera is None:
        camera = match.camera = make_camera(collection, f"{photo} Camera", match.image)
        if settings.ground_of(match) is None:
            match.ground = make_ground(collection, f"{photo} Ground")
    set_camera(scene, camera, seen, frame)
    fit_background(scene, camera, match.width, match.height, match.orientation)
    ground = settings.ground_of(match)
    if ground is not None:
        set_ground(ground, frame)


def image_of(source: str) -> bpy.types.Image | None:
    """The photo, by what tells it from others."""
    return next((image for image in bpy.data.images if photo_source(image) == source), None)
