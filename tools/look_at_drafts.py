# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders models from four sides onto one sheet, to be looked at.

usage: build/env/blender-4.5/bin/python tools/look_at_drafts.py FOLDER SHEET.png [--samples N]
  FOLDER  of NAME.glb, such as bench_draft.py leaves with --predictions; a row for each, in the names' order
"""

import argparse
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "build" / "python"))

from sam3d.scene.data import read_pixels, scene_of, set_view, write_pixels  # noqa: E402

SIDES = (30.0, 120.0, 210.0, 300.0)
"""Degrees of the camera around the model; 0 is in front."""
ABOVE = 20.0
SIZE = 220
SAMPLES = 8


def studio(samples: int) -> bpy.types.Object:
    """An empty scene with a camera, a sun and a soft sky, rendered with so many samples; returns the camera."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = scene_of(bpy.context)
    scene.render.engine = "CYCLES"  # type: ignore[assignment]  # the stubs know no add-on
    assert scene.cycles is not None
    scene.cycles.samples = samples
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    set_view(scene, "Standard")
    world = scene.world = bpy.data.worlds.new("Sky")
    world.use_nodes = True
    assert world.node_tree is not None
    color = world.node_tree.nodes["Background"].inputs["Color"]
    assert isinstance(color, bpy.types.NodeSocketColor)
    color.default_value = (0.55, 0.6, 0.65, 1.0)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    light = bpy.data.lights.new("Sun", "SUN")
    assert isinstance(light, bpy.types.SunLight)
    light.energy = 2.0
    sun = bpy.data.objects.new("Sun", light)
    sun.parent, sun.rotation_euler = camera, (0.5, -0.6, 0.0)  # over the photographer's shoulder
    for obj in (camera, sun):
        scene.collection.objects.link(obj)
    scene.camera = camera
    return camera


def render_row(model: Path, camera: bpy.types.Object, folder: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The model from four sides, side by side: (SIZE, 4 SIZE, 4), bottom row first."""
    before = set(bpy.data.objects)
    bpy.ops.import_scene.gltf(filepath=str(model))
    objects = [obj for obj in bpy.data.objects if obj not in before]
    corners = [obj.matrix_world @ Vector(corner) for obj in objects if obj.type == "MESH" for corner in obj.bound_box]
    center = sum(corners, Vector()) / len(corners)
    radius = max((corner - center).length for corner in corners)
    row = np.empty((SIZE, len(SIDES) * SIZE, 4), np.float32)
    for number, side in enumerate(SIDES):
        around, above = math.radians(side), math.radians(ABOVE)
        towards = Vector((math.sin(around) * math.cos(above), -math.cos(around) * math.cos(above), math.sin(above)))
        camera.location = center + towards * radius * 3.2
        camera.rotation_euler = towards.to_track_quat("Z", "Y").to_euler()
        scene_of(bpy.context).render.filepath = str(folder / "side.png")
        bpy.ops.render.render(write_still=True)
        picture = bpy.data.images.load(str(folder / "side.png"))
        row[:, number * SIZE : (number + 1) * SIZE] = read_pixels(picture)
        bpy.data.images.remove(picture)
    bpy.data.batch_remove(objects)
    return row


def main() -> int:
    """Render every model and save the sheet; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    options = parser.parse_args()
    models = sorted(options.folder.glob("*.glb"))
    if not models:
        print(f"There are no .glb files in {options.folder}.", file=sys.stderr)
        return 1
    camera = studio(options.samples)
    with tempfile.TemporaryDirectory() as folder:
        rows = [render_row(model, camera, Path(folder)) for model in models]
    sheet = np.concatenate(rows[::-1])
    image = bpy.data.images.new("sheet", sheet.shape[1], sheet.shape[0])
    write_pixels(image, sheet)
    image.filepath_raw, image.file_format = str(options.sheet.absolute()), "PNG"
    image.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
