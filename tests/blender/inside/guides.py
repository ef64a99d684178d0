# SPDX-License-Identifier: GPL-3.0-or-later
"""Guides and lens of a photo, and what follows them."""

from math import asin, atan2, degrees
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.sam3d.engine.matching.camera import PhotoCamera, focal_of_lens
from bl_ext.user_default.sam3d.photos.orientation import inverse, turned_place, upright_size
from bl_ext.user_default.sam3d.runtime.guides import match_to_change
from bl_ext.user_default.sam3d.scene.placed import was_moved
from bpy_extras.object_utils import world_to_camera_view
from common import FOLDER, choose_service, empty_file, imported_objects
from many_objects import desk
from PIL import Image

SIZE = 900, 600
TRUE = PhotoCamera(*SIZE, focal_of_lens(40.0, *SIZE), np.radians(21.0), np.radians(-3.0))
TURN = np.radians(25.0)
LINES = (
    ("X", (-0.5, 3.0), (0.8, 3.0)),
    ("X", (-0.5, 4.5), (0.8, 4.5)),
    ("Y", (-0.5, 3.0), (-0.5, 4.5)),
    ("Y", (0.8, 3.0), (0.8, 4.5)),
)
"""On the ground, in a frame that is turned: the axis, and both ends."""


def photo(settings: Any, orientation: int = 1) -> None:
    """A gray photo in a file that is to be turned so to be upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = FOLDER / "photo.jpg"
    Image.new("RGB", upright_size(SIZE, orientation), (120, 120, 120)).save(file, exif=exif)
    settings.image = bpy.data.images.load(str(file))


def draw(settings: Any, lines: Any = LINES, camera: PhotoCamera = TRUE, orientation: int = 1) -> Any:
    """Guides along lines on the ground as a camera sees them, on the photo as it lies; gives the match."""
    match = match_to_change(settings)
    match.guides.clear()
    c, s = np.cos(TURN), np.sin(TURN)
    for axis, *ends in lines:
        world = np.array([(x * c - y * s, x * s + y * c, 0.0) for x, y in ends])
        pixels, depth = camera.project(world + np.array([0.0, 1.5, 0.0]))
        assert (depth > 0).all()
        guide = match.guides.add()
        guide.axis = axis
        places = [turned_place(tuple(place), (camera.width, camera.height), inverse(orientation)) for place in pixels]
        (guide.x1, guide.y1), (guide.x2, guide.y2) = places
    return match


def seen(camera: bpy.types.Object) -> tuple[float, float, float]:
    """Pitch and roll in degrees, and the lens for a sensor whose longer edge has 36 mm."""
    bpy.context.view_layer.update()
    axes = camera.matrix_world.to_3x3().normalized()
    return -degrees(asin(-axes.col[2].z)), degrees(atan2(axes.col[0].z, axes.col[1].z)), camera.data.lens


def guides_tell_the_camera(orientation: str) -> None:
    """A camera is made of four lines on a photo, upright or not."""
    _, settings = empty_file()
    photo(settings, int(orientation))
    match = draw(settings, orientation=int(orientation))
    assert bpy.ops.sam3d.follow_guides() == {"FINISHED"}
    assert not match.problem and (match.width, match.height) == SIZE
    assert np.allclose(seen(settings.camera), (21.0, -3.0, 40.0), atol=(0.1, 0.1, 0.3)), seen(settings.camera)
    assert bpy.ops.sam3d.clear_guides() == {"FINISHED"}
    assert not match.guides and settings.camera is not None


def guides_that_contradict_each_other_move_nothing() -> None:
    """One sentence tells so, and goes when they agree again."""
    _, settings = empty_file()
    photo(settings)
    match = draw(settings)
    bpy.ops.sam3d.follow_guides()
    before = settings.camera.matrix_world.copy()
    kept = match.guides[0].y1, match.guides[1].y1
    match.guides[0].y1, match.guides[1].y1 = kept[0] - 250, kept[1] + 250
    assert bpy.ops.sam3d.follow_guides() == {"FINISHED"}
    assert match.problem.startswith("The guides contradict each other") and settings.camera.matrix_world == before
    match.guides[0].y1, match.guides[1].y1 = kept
    bpy.ops.sam3d.follow_guides()
    assert not match.problem


def a_lens_that_is_typed_is_the_cameras() -> None:
    """With guides, which then tell the rest, and without."""
    _, settings = empty_file()
    photo(settings)
    assert bpy.ops.sam3d.match_camera() == {"FINISHED"}
    match, found = settings.match, settings.camera.data.lens
    match.use_lens = True
    assert abs(match.lens - found) < 1e-3 and abs(settings.camera.data.lens - found) < 1.0, "it begins with another"
    match.use_lens = False
    match.lens = 85.0
    assert abs(settings.camera.data.lens - 85.0) > 5.0, "it is not in force yet"
    match.use_lens = True
    assert abs(settings.camera.data.lens - 85.0) < 1.0, settings.camera.data.lens
    draw(settings, LINES[:2])
    bpy.ops.sam3d.follow_guides()
    match.lens = 40.0
    assert np.allclose(seen(settings.camera)[2], 40.0, atol=0.3), seen(settings.camera)


def make_scene(url: str) -> tuple[Any, list[bpy.types.Object]]:
    """Two results that stand as in their photo."""
    scene, settings = empty_file()
    choose_service(url)
    scene.cursor.location = (2.0, 1.0, 0.5)
    desk(settings, (0.7, 0.75, 0.15), (0.25, 0.6, 0.1))
    settings.placement = "PHOTO"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    bpy.context.view_layer.update()
    assert settings.camera is not None
    objects = sorted(imported_objects(), key=lambda obj: obj.name)
    assert len(objects) == 2
    return settings, objects


def on_photo(camera: bpy.types.Object, obj: bpy.types.Object) -> Any:
    """Where the camera sees an object's origin, from 0 to 1."""
    scene, size = bpy.context.scene, bpy.context.scene.sam3d.match
    scene.render.resolution_x, scene.render.resolution_y = size.width, size.height
    bpy.context.view_layer.update()
    return np.array(world_to_camera_view(scene, camera, obj.matrix_world.translation)[:2])


def what_stands_there_follows_the_guides(url: str) -> None:
    """Each keeps its place in the photo; what was moved by hand stays where it is."""
    settings, (first, second) = make_scene(url)
    second.location.x += 0.3
    bpy.context.view_layer.update()
    before, moved = on_photo(settings.camera, first), second.matrix_world.copy()
    pitch = seen(settings.camera)[0]
    size = settings.match.width, settings.match.height
    camera = PhotoCamera(*size, focal_of_lens(45.0, *size), np.radians(pitch + 6.0), 0.0)
    match = draw(settings, camera=camera)
    assert bpy.ops.sam3d.follow_guides() == {"FINISHED"}
    assert not match.problem, match.problem
    assert np.allclose(seen(settings.camera), (pitch + 6.0, 0.0, 45.0), atol=(0.2, 0.2, 0.5)), seen(settings.camera)
    assert np.hypot(*(on_photo(settings.camera, first) - before)) < 0.05
    assert second.matrix_world == moved
    bpy.data.objects.remove(settings.camera)
    assert settings.camera is None
    place = first.matrix_world.translation.copy()
    assert bpy.ops.sam3d.follow_guides() == {"FINISHED"}
    assert np.allclose(seen(settings.camera), (pitch + 6.0, 0.0, 45.0), atol=(0.2, 0.2, 0.5)), seen(settings.camera)
    assert (first.matrix_world.translation - place).length < 0.05, "a new camera moves nothing far"
    assert np.hypot(*(on_photo(settings.camera, first) - before)) < 0.05


def all_takes_the_size_that_one_thing_really_has(url: str) -> None:
    """The camera sees the same as before, and what was moved by hand still counts as that."""
    settings, objects = make_scene(url)
    first, second = objects
    second.location.x += 0.1
    bpy.context.view_layer.update()
    camera = settings.camera
    seen_before, sizes = [on_photo(camera, obj) for obj in objects], [obj.dimensions.copy() for obj in objects]
    ground = settings.match.ground.matrix_world.translation.z
    bpy.context.view_layer.objects.active = first
    assert bpy.ops.sam3d.set_real_height(height=3.0 * first.dimensions.z) == {"FINISHED"}
    bpy.context.view_layer.update()
    for obj, place, size in zip(objects, seen_before, sizes, strict=True):
        assert np.allclose(obj.dimensions, 3.0 * size, rtol=1e-4), (obj.dimensions, size)
        assert np.allclose(obj.scale, 1.0, atol=1e-5)
        assert np.allclose(on_photo(camera, obj), place, atol=1e-4)
    assert abs(first.matrix_world.translation.z - ground) < 1e-4
    assert was_moved(second) and not was_moved(first)
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.sam3d.set_real_height.poll()
