# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconstructs one photo with the built zip in real Blender and renders what arrives: a picture for the documentation.

usage: build/env/blender-4.5/bin/python tools/portrait.py PHOTO PICTURE.png
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from installed import install

if TYPE_CHECKING:
    import bpy  # in earnest only once the settings are nobody's own

SIZE = (960, 720)
SAMPLES = 32


def main() -> int:
    """Reconstruct and render; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("picture", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        install(Path(folder))

        import bpy

        bpy.ops.wm.read_homefile(use_empty=True)
        scene = bpy.context.scene
        assert scene is not None
        scene.sam3d.image = bpy.data.images.load(str(options.photo.absolute()))  # type: ignore[attr-defined]  # ours
        if bpy.ops.sam3d.reconstruct(wait=True) != {"FINISHED"}:  # type: ignore[attr-defined]  # our own
            print("The photo could not be reconstructed.", file=sys.stderr)
            return 1
        _light(scene)
        scene.render.filepath = str(options.picture.absolute())
        bpy.ops.render.render(write_still=True)
    return 0


def _set(tree: "bpy.types.NodeTree | None", node: str, values: dict[str, object]) -> None:
    """Sets inputs of a node."""
    assert tree is not None
    for name, value in values.items():
        tree.nodes[node].inputs[name].default_value = value  # type: ignore[attr-defined]  # these sockets have one


def _light(scene: "bpy.types.Scene") -> None:
    """A bright table, a soft light from the left and a camera that sees the object as large as the picture allows."""
    import bpy
    from mathutils import Vector

    obj = next(obj for obj in scene.objects if obj.get("sam3d_job"))
    corners = [obj.matrix_world @ Vector(corner) for corner in obj.bound_box]
    center = sum(corners, Vector()) / len(corners)
    size = max((corner - center).length for corner in corners)

    bpy.ops.mesh.primitive_plane_add(size=size * 60)
    ground = bpy.context.object
    assert ground is not None
    assert isinstance(ground.data, bpy.types.Mesh)
    ground.name = "Ground"
    paper = bpy.data.materials.new("Paper")
    paper.use_nodes = True
    _set(paper.node_tree, "Principled BSDF", {"Base Color": (0.8, 0.79, 0.77, 1.0), "Roughness": 0.9})
    ground.data.materials.append(paper)

    lamp = bpy.data.lights.new("Softbox", "AREA")
    assert isinstance(lamp, bpy.types.AreaLight)
    lamp.size, lamp.energy = size * 3, 250 * size**2
    light = bpy.data.objects.new("Softbox", lamp)
    light.location = center + Vector((-2.5, -2.0, 3.5)) * size
    light.rotation_euler = (center - light.location).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(light)
    scene.world = bpy.data.worlds.new("Sky")
    scene.world.use_nodes = True
    _set(scene.world.node_tree, "Background", {"Color": (0.75, 0.8, 0.9, 1.0), "Strength": 1.0})

    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location = center + Vector((0.9, -2.6, 1.0)).normalized() * size * 4.0
    camera.rotation_euler = (center - camera.location).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(camera)
    scene.camera = camera

    scene.render.engine = "CYCLES"  # type: ignore[assignment]  # the stubs know no add-on
    assert scene.cycles is not None
    assert scene.view_settings is not None
    scene.cycles.samples = SAMPLES
    # the photo's own colors, unchanged
    scene.view_settings.view_transform = "Standard"  # type: ignore[assignment]  # the stubs know no view transform
    scene.view_settings.exposure = -0.5
    scene.render.resolution_x, scene.render.resolution_y = SIZE


if __name__ == "__main__":
    sys.exit(main())
