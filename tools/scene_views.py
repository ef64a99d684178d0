# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a scene that was made from a photo: through the photo's camera, and from above it."""

from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector
from PIL import Image
from quiet import quiet

SAMPLES = 16
HIGHER = 50.0
"""Degrees that the second view looks down."""


def light(scene: bpy.types.Scene, camera: bpy.types.Object) -> None:
    """A soft sky, and a sun over the left shoulder of whoever took the photo."""
    world = scene.world = bpy.data.worlds.new("Sky")
    world.use_nodes = True
    assert world.node_tree is not None
    color = world.node_tree.nodes["Background"].inputs["Color"]
    assert isinstance(color, bpy.types.NodeSocketColor)
    color.default_value = (0.5, 0.53, 0.58, 1.0)
    lamp = bpy.data.lights.new("Sun", "SUN")
    assert isinstance(lamp, bpy.types.SunLight)
    lamp.energy, lamp.angle = 1.2, 0.2
    sun = bpy.data.objects.new("Sun", lamp)
    turn = camera.matrix_world.to_euler().z
    sun.rotation_euler = (0.7, -0.35, turn)
    scene.collection.objects.link(sun)


def through(scene: bpy.types.Scene, camera: bpy.types.Object, size: tuple[int, int], folder: Path) -> Image.Image:
    """What a camera sees, of a size in pixels."""
    render = scene.render
    scene.camera = camera
    render.engine = "CYCLES"  # type: ignore[assignment]  # the stubs know no add-on
    assert scene.cycles is not None and scene.view_settings is not None
    scene.cycles.samples, scene.cycles.use_denoising = SAMPLES, True
    scene.view_settings.view_transform = "Standard"  # type: ignore[assignment]  # the stubs know no view transform
    render.resolution_x, render.resolution_y = size
    render.resolution_percentage = 100
    render.filepath = str(folder / "view.png")
    with quiet():
        bpy.ops.render.render(write_still=True)
    with Image.open(render.filepath) as picture:
        return picture.convert("RGB")


def from_above(
    scene: bpy.types.Scene,
    camera: bpy.types.Object,
    objects: list[bpy.types.Object],
    size: tuple[int, int],
    folder: Path,
) -> Image.Image:
    """The same things from the camera's side but from higher, so that their places on the ground are seen."""
    corners = [obj.matrix_world @ Vector(corner) for obj in objects for corner in obj.bound_box]
    center = sum(corners, Vector()) / len(corners)
    radius = max((corner - center).length for corner in corners)
    ways = center - camera.matrix_world.translation
    down = np.radians(HIGHER)
    along = Vector((ways.x, ways.y, 0.0)).normalized() * np.cos(down) - Vector((0.0, 0.0, np.sin(down)))
    second = bpy.data.objects.new("From Above", bpy.data.cameras.new("From Above"))
    second.location = center - along * radius * 3.4
    second.rotation_euler = along.to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(second)
    picture = through(scene, second, size, folder)
    bpy.data.objects.remove(second)
    return picture


def side_by_side(pictures: list[Image.Image], gap: int = 8) -> Image.Image:
    """Pictures of one height in a row."""
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) - 1)
    row = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    left = 0
    for picture in pictures:
        row.paste(picture, (left, 0))
        left += picture.width + gap
    return row
