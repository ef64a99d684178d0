# SPDX-License-Identifier: GPL-3.0-or-later
"""A photo's camera in the scene: made, renewed, read, and what is between the photo's frame and the world.

The photo's frame (`engine.matching.camera`) has the eye above its origin; in the world the camera tells where that is,
and a custom property of the camera how high the ground is. So a camera that the artist has moved takes all with it that
is placed from it afterwards.
"""

from __future__ import annotations

import math

import bpy
from bpy.types import Camera, Collection, Context, Image, Object, Scene
from mathutils import Matrix, Vector

from ..engine.matching.camera import SENSOR, PhotoCamera
from ..photos.orientation import UPRIGHT, is_lying
from .showing import free_part, viewports

GROUND = "sam3d_ground"
"""The custom property of a photo's camera that tells the height of the ground, where that has no object any more."""
TURNS = {
    1: (0.0, False),
    2: (0.0, True),
    3: (180.0, False),
    4: (180.0, True),
    5: (-90.0, True),
    6: (90.0, False),
    7: (90.0, True),
    8: (-90.0, False),
}
"""For each orientation of EXIF by how many degrees a background is turned, and whether it is mirrored before that."""
NEAR, FAR = 0.01, 1000.0
"""Of what a camera shows, in heights of its eye."""


def camera_data(camera: Object) -> Camera:
    """What a camera object holds."""
    assert isinstance(camera.data, Camera)
    return camera.data


def frame_at(place: Vector, scale: float, middle: tuple[float, float]) -> Matrix:
    """From the photo's frame to the world: the `middle` of what stands there comes to a place; it looks along +Y."""
    x, y = middle
    return Matrix.Translation(place) @ Matrix.Scale(scale, 4) @ Matrix.Translation((-x, -y, 0.0))


def frame_of(camera: Object, ground: Object | None) -> Matrix:
    """From the photo's frame to the world, by where a photo's camera stands and looks."""
    eye, ahead = camera.matrix_world.translation, _ahead(camera)
    height = ground.matrix_world.translation.z if ground is not None else float(camera.get(GROUND, 0.0))
    scale = eye.z - height
    if scale <= 0.0:  # it was moved under the ground
        scale = 1.0
    heading = math.atan2(-ahead.x, ahead.y)
    turn = Matrix.Rotation(heading, 4, "Z")
    return Matrix.Translation((eye.x, eye.y, eye.z - scale)) @ turn @ Matrix.Scale(scale, 4)


def seen_by(camera: Object, width: int, height: int) -> PhotoCamera:
    """A photo's camera as the matching knows it, for the photo in some size."""
    ahead, data = _ahead(camera), camera_data(camera)
    right = camera.matrix_world.to_3x3().col[0].normalized()
    level = Vector((ahead.y, -ahead.x, 0.0)).normalized()
    roll = math.atan2(right.dot(level.cross(ahead)), right.dot(level))
    pitch = math.asin(max(-1.0, min(1.0, -ahead.z)))
    return PhotoCamera(width, height, data.lens / data.sensor_width * width, pitch, roll)


def make_camera(collection: Collection, name: str, image: Image | None) -> Object:
    """A camera that is to be set, with a photo behind what it shows."""
    data = bpy.data.cameras.new(name)
    camera = bpy.data.objects.new(name, data)
    collection.objects.link(camera)
    if image is not None:
        background = data.background_images.new()
        background.image = image
        background.alpha = 1.0
        data.show_background_images = True
    return camera


def set_camera(scene: Scene, camera: Object, seen: PhotoCamera, frame: Matrix) -> None:
    """Have a camera stand, look and show as a photo's did. `frame` is from the photo's frame to the world."""
    right, up, ahead = (Vector(axis) for axis in seen.axes.tolist())
    turn = Matrix((right[:], up[:], (-ahead)[:])).transposed().to_4x4()
    turned = frame.to_quaternion().to_matrix().to_4x4() @ turn
    eye = frame @ Vector((0.0, 0.0, 1.0))
    camera.matrix_world = Matrix.Translation(eye) @ turned
    data, scale = camera_data(camera), frame.median_scale
    data.sensor_fit = "HORIZONTAL"
    data.sensor_width = SENSOR * seen.width / max(seen.width, seen.height)
    data.lens = seen.lens
    data.clip_start, data.clip_end = NEAR * scale, FAR * scale
    camera[GROUND] = frame.translation.z


def fit_background(scene: Scene, camera: Object, width: int, height: int, orientation: int = UPRIGHT) -> None:
    """Have the photo be upright and as wide as the render, which the lens goes by, whatever the render's shape.

    width, height: of the upright photo; orientation: how it is turned so, as EXIF has it.
    """
    render = scene.render
    frame = render.resolution_x * render.pixel_aspect_x / (render.resolution_y * render.pixel_aspect_y)
    turned, flipped = TURNS[orientation]
    lies = is_lying(orientation)
    own = height / width if lies else width / height
    # FIT has the photo, as it lies, be as wide or as high as a frame of these units
    across, down = (frame, frame / own) if own > frame else (own, 1.0)
    for background in camera_data(camera).background_images:
        background.frame_method = "FIT"
        background.scale = frame / (down if lies else across)
        background.rotation, background.use_flip_x = math.radians(turned), flipped


def _ahead(camera: Object) -> Vector:
    """The direction in which a camera looks."""
    column: Vector = camera.matrix_world.to_3x3().col[2]
    return -column.normalized()


def use_size(scene: Scene, width: int, height: int) -> None:
    """Have renders be as large as a photo, in pixels, as many as Blender allows."""
    most = 65536
    scale = min(1.0, most / max(width, height))
    render = scene.render
    render.resolution_x, render.resolution_y = max(4, round(width * scale)), max(4, round(height * scale))
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0


def look_through(context: Context, camera: Object) -> bool:
    """Look through a camera in the viewport that the artist is in, or else in the largest, and in no other; or no more,
    where that looks through it.

    Returns whether there is a viewport.
    """
    views = list(viewports(context))
    if not views:
        return False
    window, area, space = next((view for view in views if view[1] == context.area), views[0])
    view = space.region_3d
    assert view is not None
    if space.use_local_camera and space.camera == camera and view.view_perspective == "CAMERA":
        space.use_local_camera = False
        view.view_perspective = "PERSP"
        return True
    space.use_local_camera = True
    space.camera = camera
    view.view_perspective = "CAMERA"
    region = next(region for region in area.regions if region.type == "WINDOW")
    with context.temp_override(window=window, area=area, region=region):
        bpy.ops.view3d.view_center_camera()
    left, right = free_part(area)
    share = (right - left) / region.width
    zoom = share * (math.sqrt(2) + view.view_camera_zoom / 50) ** 2 / 4  # as Blender reckons it
    view.view_camera_zoom = (math.sqrt(4 * zoom) - math.sqrt(2)) * 50
    view.view_camera_offset = (((region.width - left - right) / 2) / (region.width * 2 * zoom), 0.0)
    return True
