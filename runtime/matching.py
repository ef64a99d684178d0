# SPDX-License-Identifier: GPL-3.0-or-later
"""A photo's camera changes, or is found anew, and with it the places of all that stands as the photo shows it.

What was moved by hand is left alone, unless it is asked for; the others together keep their size and their middle.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import wait as wait_for_futures
from statistics import fmean, median

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ..engine.matching.camera import PhotoCamera
from ..engine.matching.evidence import Placed
from ..engine.matching.stance import carried_over
from ..jobs.announcements import Announcement
from ..jobs.matching import PhotoMatch, Report, match_alone, match_jobs
from ..match_properties import SAM3D_PG_match, photo_source
from ..photos.batch import Batch
from ..photos.camera_guesses import CameraWishes
from ..properties import scene_settings
from ..scene.data import cursor_of, scene_of, unit_of
from ..scene.importing import can_import, push_undo_step
from ..scene.photo_camera import frame_at, frame_of, seen_by
from ..scene.pixels import NoPixels, photo_name, picture
from ..scene.placed import (
    move_to_place,
    origin_in,
    place_of,
    stand_at_place,
    was_moved,
    what_it_stands_on,
)
from ..scene.result_objects import JOB
from .photo_matching import Renewal, outcome
from .standing import image_of, match_for, note_photo, placed_objects, set_match, told_wishes
from .state import runtime

USUAL_EYE = 1.6
"""Meters that a camera is above the ground while nothing tells how large the scene is."""
AHEAD = 4.0
"""How far ahead the ground is that a camera looks at, in heights of its eye, at most."""
SAME = 1e-3
"""Radians, and widths of the photo, by which cameras differ that are one and the same."""

NOT_FOUND = "The photo's camera could not be found: draw guides along its edges, or type its lens."


class CannotMatch(Exception):
    """There is nothing to be matched; `str(error)` is a sentence for the artist."""


def refit(context: bpy.types.Context, match: SAM3D_PG_match, seen: PhotoCamera, *, search: bool) -> None:
    """Have a photo's camera be `seen`, and carry over at once what stands before it; nothing is searched for that.

    With `search` all is then fitted anew to its masks in the background, before the camera as it is.
    """
    scene = scene_of(context)
    settings = scene_settings(scene)
    camera = settings.camera_of(match)
    frame = _usual_frame(scene, seen) if camera is None else frame_of(camera, settings.ground_of(match))
    objects = [] if camera is None else _unmoved(scene, match.source)
    places = {}
    for obj in objects:
        assert camera is not None
        old = seen_by(camera, seen.width, seen.height)
        matrix = frame.inverted() @ place_of(obj) @ Matrix.Scale(1 / unit_of(scene), 4)
        yaw = obj.matrix_world.to_euler().z - frame.to_euler().z
        rows = [list(row) for row in matrix.row]
        places[obj.name] = carried_over(Placed(np.array(rows), yaw, 0.0), old, seen)
    _stand(context, match, seen, frame, places, exactly=False)
    if search and objects:
        start_fit(context, match, keeps_camera=True, follows=True)


def start_fit(
    context: bpy.types.Context,
    match: SAM3D_PG_match,
    *,
    keeps_camera: bool,
    jobs: Sequence[str] = (),
    follows: bool = False,
) -> None:
    """Fit what stands as a photo shows it anew, in the background: all that was not moved by hand, or the results of
    `jobs` alone. It `follows` what has just been changed, or is a step of undo of its own. Raises CannotMatch.
    """
    scene = scene_of(context)
    settings = scene_settings(scene)
    standing = {str(obj.get(JOB)): obj for obj in placed_objects(scene, match.source)}
    found = [job for job_id in standing if (job := runtime().queue.find(job_id)) is not None and job.model is not None]
    if not found:
        raise CannotMatch("The jobs of what stands there are no longer on the list, so its masks are not known.")
    camera = settings.camera_of(match)
    wishes = told_wishes(match)
    if keeps_camera and camera is not None:
        wishes = CameraWishes(camera=seen_by(camera, match.width, match.height))
    told = {job: on for job, obj in standing.items() if (on := what_it_stands_on(obj)) is not None}
    wanted = jobs or [str(obj.get(JOB)) for obj in _unmoved(scene, match.source)]
    _start(
        scene,
        match,
        lambda report: match_jobs(found, wishes, report, stands_on=told),
        wanted,
        keeps_camera=keeps_camera,
        follows=follows,
    )


def find_camera_of(context: bpy.types.Context, *, follows: bool = False) -> None:
    """Find the camera of the photo that is set, and fit what stands before it anew; in the background.

    It `follows` what has just been changed, or is a step of undo of its own. Raises CannotMatch.
    """
    scene = scene_of(context)
    settings = scene_settings(scene)
    if settings.image is None:
        raise CannotMatch("Choose a photo first.")
    try:
        photo = picture(settings.image)
    except NoPixels as error:
        raise CannotMatch(str(error)) from error
    match = match_for(settings, photo_source(settings.image))
    if placed_objects(scene, match.source):
        start_fit(context, match, keeps_camera=False, follows=follows)
        return
    batch = Batch(photo, wishes=told_wishes(match))
    _start(scene, match, lambda report: match_alone(batch, report), follows=follows)


def tick(context: bpy.types.Context) -> list[Announcement]:
    """Take over what was found, where the scene can take it now; returns what is to be told."""
    told = []
    for renewal in list(runtime().matching.renewals):
        scene = next((one for one in bpy.data.scenes if one.session_uid == renewal.scene), None)
        if scene is None:
            runtime().matching.renewals.remove(renewal)
        elif renewal.future.done() and scene == context.scene and not can_import(context):
            runtime().matching.renewals.remove(renewal)
            told += [Announcement(note, is_warning=True) for note in _take_over(context, renewal)]
            if not renewal.follows:
                push_undo_step("SAM 3D: Fit to Photo")
    return told


def wait(context: bpy.types.Context) -> list[str]:
    """Wait for what is being found; returns what the artist should know."""
    wait_for_futures([renewal.future for renewal in runtime().matching.renewals])
    return [each.text for each in tick(context)]


def _start(
    scene: bpy.types.Scene,
    match: SAM3D_PG_match,
    work: Callable[[Report], PhotoMatch],
    jobs: Sequence[str] = (),
    *,
    keeps_camera: bool = False,
    follows: bool = False,
) -> None:
    matching = runtime().matching
    matching.drop(match.source)
    future, wishes = matching.start(work), told_wishes(match)
    renewal = Renewal(future, scene.session_uid, match.source, tuple(jobs), wishes, keeps_camera, follows)
    matching.renewals.append(renewal)


def _take_over(context: bpy.types.Context, renewal: Renewal) -> tuple[str, ...]:
    """Have camera and objects be as they were found; returns what the artist should know."""
    scene = scene_of(context)
    settings = scene_settings(scene)
    found, notes = outcome(renewal.future)
    match = settings.match_of(renewal.source)
    if found.camera is None or match is None:
        return notes or (NOT_FOUND,)
    note_photo(match, found.photo)
    seen = found.camera.resized(*found.photo.size)
    camera = settings.camera_of(match)
    kept = seen_by(camera, *found.photo.size) if renewal.keeps_camera and camera is not None else None
    # undone, or changed meanwhile: then what was found belongs to another one
    if not _is_same(kept, seen) if kept is not None else told_wishes(match) != renewal.wishes:
        return ()
    if kept is not None:
        seen = kept
    else:
        match.told = found.told
    frame = _usual_frame(scene, seen) if camera is None else frame_of(camera, settings.ground_of(match))
    objects = [obj for obj in placed_objects(scene, renewal.source) if str(obj.get(JOB)) in renewal.jobs]
    places = {obj.name: found.places[str(obj.get(JOB))].placed for obj in objects if obj.get(JOB) in found.places}
    _stand(context, match, seen, frame, places, exactly=True, keeps_frame=renewal.keeps_camera)
    return notes


def _is_same(one: PhotoCamera, other: PhotoCamera) -> bool:
    this, that = ((camera.focal / camera.width, camera.pitch, camera.roll) for camera in (one, other))
    return all(abs(a - b) < SAME for a, b in zip(this, that, strict=True))


def _stand(
    context: bpy.types.Context,
    match: SAM3D_PG_match,
    seen: PhotoCamera,
    frame: Matrix,
    places: Mapping[str, Placed],
    *,
    exactly: bool,
    keeps_frame: bool = False,
) -> None:
    """Have a camera be `seen`, and objects, by name, be in their places; all together as large as before."""
    scene = scene_of(context)
    unit = Matrix.Scale(unit_of(scene), 4)
    matrices = {bpy.data.objects[name]: Matrix(placed.matrix.tolist()) @ unit for name, placed in places.items()}
    if matrices and not keeps_frame:
        frame = _kept(frame, matrices)
    set_match(context, match, _photo_of(match), seen, frame)
    for obj, placed in zip(matrices, places.values(), strict=True):
        if exactly:
            stand_at_place(obj, frame @ matrices[obj], frame.to_euler().z + placed.yaw)
        else:
            move_to_place(obj, frame @ matrices[obj])


def _kept(frame: Matrix, places: Mapping[bpy.types.Object, Matrix]) -> Matrix:
    """The frame in which objects, by their places in the photo's frame, have the size and the middle that they have."""
    scale = median(place_of(obj).median_scale / matrix.median_scale for obj, matrix in places.items())
    turned = Matrix.Rotation(frame.to_euler().z, 4, "Z") @ Matrix.Scale(scale, 4)
    now = [obj.matrix_world.translation for obj in places]
    then = [turned @ origin_in(matrix, obj) for obj, matrix in places.items()]
    x, y = (fmean(place[axis] for place in now) - fmean(place[axis] for place in then) for axis in (0, 1))
    return Matrix.Translation((x, y, frame.translation.z)) @ turned


def _usual_frame(scene: bpy.types.Scene, seen: PhotoCamera) -> Matrix:
    """From the photo's frame to the world while nothing stands there: what lies ahead comes to the 3D cursor."""
    _, ahead, down = seen.rays(np.array([[seen.width / 2, 0.75 * seen.height]]))[0].tolist()
    distance = min(AHEAD, ahead / -down) if down < 0 else AHEAD
    return frame_at(Vector(cursor_of(scene)), USUAL_EYE / unit_of(scene), (0.0, distance))


def _unmoved(scene: bpy.types.Scene, source: str) -> list[bpy.types.Object]:
    return [obj for obj in placed_objects(scene, source) if not was_moved(obj)]


def _photo_of(match: SAM3D_PG_match) -> str:
    """The name of a match's photo."""
    image = match.image or image_of(match.source)
    return "Photo" if image is None else photo_name(image)
