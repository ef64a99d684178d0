# SPDX-License-Identifier: GPL-3.0-or-later
"""The photo studio: backdrop, softboxes, camera, exposure, and the finished picture or mask on disk."""

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import bpy
import numpy as np
from bpy_extras.object_utils import world_to_camera_view
from materials import glowing, linear
from mathutils import Vector
from shapes import clad


def empty_scene(size: tuple[int, int]) -> None:
    """Start from nothing, for a picture of this width and height."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    render = bpy.context.scene.render
    render.resolution_x, render.resolution_y = size
    bpy.context.scene.world = bpy.data.worlds.new("Studio")


def surroundings(color: str, strength: float) -> None:
    """An even light from all around, a little brighter from above, so that dark sides are not black."""
    world = bpy.context.scene.world
    if world.node_tree is None:
        world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = linear(color)
    background.inputs["Strength"].default_value = strength


def softbox(
    place: Sequence[float], aim: Sequence[float], size: Sequence[float], power: float, color: str = "ffffff"
) -> None:
    """A rectangular area light; power in watts at the scene's scale."""
    light = bpy.data.lights.new("Softbox", "AREA")
    light.shape, light.size, light.size_y = "RECTANGLE", size[0], size[1]
    light.energy, light.color = power, linear(color)[:3]
    lamp = bpy.data.objects.new("Softbox", light)
    lamp.location = place
    lamp.rotation_euler = (Vector(aim) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    lamp.visible_camera = False
    bpy.context.scene.collection.objects.link(lamp)


def product_lights(key: float = 1600.0) -> None:
    """A key from the upper left, a fill from the right, a rim behind; far away, so the paper is even."""
    softbox((-7.5, -7.0, 14.0), (0, 0, 0.7), (10.0, 10.0), key, "fff4e6")
    softbox((12.1, -6.6, 5.7), (0, 0, 0.8), (5.5, 8.8), key * 0.3)
    softbox((5.5, 8.8, 12.0), (0, 0, 0.8), (3.3, 7.7), key * 0.08)
    surroundings("e6eaf0", 0.75)


def bounds(root: bpy.types.Object) -> np.ndarray:
    """The corners of all parts under a root, in the scene, (N, 3)."""
    bpy.context.view_layer.update()
    return np.array(
        [
            part.matrix_world @ Vector(corner)
            for part in root.children_recursive
            if part.type == "MESH"
            for corner in part.bound_box
        ]
    )


def camera(yaw: float, pitch: float, target: Sequence[float], distance: float) -> bpy.types.Object:
    """A 50 mm camera in front (-Y) of the target, turned to the right by yaw and up by pitch, in degrees."""
    data = bpy.data.cameras.new("Camera")
    data.lens = 50.0
    eye = bpy.data.objects.new("Camera", data)
    bpy.context.scene.collection.objects.link(eye)
    bpy.context.scene.camera = eye
    turn, rise = math.radians(yaw), math.radians(pitch)
    away = Vector((math.sin(turn) * math.cos(rise), -math.cos(turn) * math.cos(rise), math.sin(rise)))
    eye.location = Vector(target) + away * distance
    eye.rotation_euler = (-away).to_track_quat("-Z", "Y").to_euler()
    return eye


def portrait(root: bpy.types.Object, yaw: float, pitch: float, fill: float) -> bpy.types.Object:
    """A camera for a square picture of the whole prop, which fills this part of the frame's longer side."""
    corners = bounds(root)
    target = Vector((corners.min(axis=0) + corners.max(axis=0)) / 2)
    eye = camera(yaw, pitch, target, 10.0)
    away = (eye.location - target).normalized()
    # The extent shrinks with the distance, and the middle wanders a little: a few steps settle both.
    for _ in range(6):
        bpy.context.view_layer.update()
        seen = np.array([world_to_camera_view(bpy.context.scene, eye, Vector(corner)) for corner in corners])
        low, high = seen[:, :2].min(axis=0), seen[:, :2].max(axis=0)
        distance = (eye.location - target).length
        drift = (low + high) / 2 - 0.5
        width = distance * eye.data.sensor_width / eye.data.lens
        target += eye.matrix_world.to_3x3() @ Vector((drift[0] * width, drift[1] * width, 0.0))
        eye.location = target + away * distance * max(high - low) / fill
    return eye


def focus(eye: bpy.types.Object, place: Sequence[float], aperture: float) -> None:
    """A shallow depth of field around a place."""
    eye.data.dof.use_dof = True
    eye.data.dof.focus_distance = (Vector(place) - eye.location).length
    eye.data.dof.aperture_fstop = aperture


def exposure(stops: float) -> None:
    """The film: AgX with some contrast, brighter by so many stops."""
    view = bpy.context.scene.view_settings
    view.view_transform, view.look, view.exposure = "AgX", "AgX - Medium High Contrast", stops


def _rendered(samples: int, threads: int) -> np.ndarray:
    """The scene through its camera: rows from the bottom, (height, width, 4), from 0 to 1 as displayed."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = samples
    # Even surfaces need few samples before the denoiser: half the time at no visible cost.
    scene.cycles.use_adaptive_sampling = True
    scene.cycles.adaptive_threshold, scene.cycles.adaptive_min_samples = 0.03, 8
    scene.cycles.max_bounces, scene.cycles.diffuse_bounces = 5, 3
    scene.render.dither_intensity = 0.0
    if threads:
        scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    with tempfile.TemporaryDirectory() as folder:
        scene.render.filepath = str(Path(folder) / "render.png")
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(scene.render.filepath)
        image.colorspace_settings.name = "sRGB"
        image.alpha_mode = "CHANNEL_PACKED"
        pixels = np.empty((image.size[1], image.size[0], 4), dtype=np.float32)
        image.pixels.foreach_get(pixels.ravel())
    return pixels


def _save(pixels: np.ndarray, path: Path) -> None:
    """Write such rows of pixels; the name says whether as JPEG or PNG."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new(path.stem, width, height, alpha=True)
    image.alpha_mode = "CHANNEL_PACKED"
    image.colorspace_settings.name = "Non-Color"  # Before the pixels: changing it later empties the image.
    image.pixels.foreach_set(np.ascontiguousarray(pixels, dtype=np.float32).ravel())
    settings = bpy.context.scene.render.image_settings
    opaque = bool((pixels[..., 3] == 1.0).all())
    settings.file_format = "JPEG" if path.suffix == ".jpg" else "PNG"
    settings.color_mode = "RGB" if opaque else "RGBA"
    settings.quality, settings.compression = 90, 100
    view = bpy.context.scene.view_settings
    view.view_transform, view.look, view.exposure = "Raw", "None", 0.0
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save_render(str(path))


def shoot(path: Path, samples: int, cut_out: bool, threads: int) -> None:
    """Render the photo: a cut-out with alpha, or a full picture with a trace of vignette and grain."""
    scene = bpy.context.scene
    scene.render.film_transparent = cut_out
    scene.cycles.use_denoising = True
    pixels = _rendered(samples, threads)
    if cut_out:
        pixels[pixels[..., 3] == 0.0] = 0.0
    else:
        pixels[..., :3] = _developed(pixels[..., :3])
        pixels[..., 3] = 1.0
    _save(pixels, path)


def _developed(color: np.ndarray) -> np.ndarray:
    """What a lens and a sensor add: slightly darker corners and fine grain."""
    height, width = color.shape[:2]
    y, x = np.mgrid[-1.0 : 1.0 : height * 1j, -1.0 : 1.0 : width * 1j]
    vignette = 1.0 - 0.04 * (x**2 + y**2)
    grain = np.random.default_rng(1).normal(0.0, 0.006, (height, width, 1))
    developed: np.ndarray = np.clip(color * vignette[..., None] + grain, 0.0, 1.0)
    return developed


def shoot_mask(path: Path, subject: bpy.types.Object, threads: int) -> None:
    """Render where the subject is seen: white on black, hard edges. The scene's materials are lost."""
    scene = bpy.context.scene
    white, black = glowing("ffffff"), glowing("000000")
    parts = set(subject.children_recursive)
    for obj in scene.objects:
        if obj.type == "MESH":
            clad(obj, white if obj in parts else black)
    scene.world = None
    scene.camera.data.dof.use_dof = False
    scene.cycles.use_denoising = False
    scene.render.film_transparent = False
    view = scene.view_settings
    view.view_transform, view.look, view.exposure = "Raw", "None", 0.0
    pixels = _rendered(16, threads)
    inside = (pixels[..., :1] > 0.5).astype(np.float32)
    _save(np.concatenate([inside, inside, inside, np.ones_like(inside)], axis=2), path)
