# SPDX-License-Identifier: GPL-3.0-or-later
"""A photo of a person becomes an armature; its poses and controls by the panel; a mesh made elsewhere is rigged."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from mathutils import Euler, Vector
from steps import (
    ARGUMENTS,
    Steps,
    area,
    hover,
    install,
    lead,
    open_tab,
    press,
    region,
    screen_box,
    screenshot,
    seconds,
)

ZIP_FILE, PHOTO = ARGUMENTS


def look_at(body: bpy.types.Object) -> None:
    """A body from the front, and not what is in the way beside it."""
    view = area("VIEW_3D").spaces.active
    view.show_gizmo = False
    view.region_3d.view_rotation = Euler((1.4, 0.0, 0.25)).to_quaternion()
    view.region_3d.view_location = body.location + Vector((0.2, 0.0, 0.85))
    view.region_3d.view_distance = 4.6


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    from bl_ext.user_default.sam3d.runtime.state import runtime

    scene = bpy.context.scene
    scene.sam3d.image = bpy.data.images.load(PHOTO)
    scene.sam3d.subject = "BODY"
    bpy.ops.ed.undo_push(message="Choose the photo")
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        bpy.ops.sam3d.reconstruct()
    yield lambda: not runtime().queue.at_work() and not runtime().queue.awaited()
    armature = bpy.context.view_layer.objects.active
    assert armature.type == "ARMATURE", [job.notes for job in runtime().queue.jobs.values()]
    yield seconds(1.5)
    look_at(armature)
    yield seconds(0.5)
    screenshot("1-arrived")
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        assert bpy.ops.sam3d.take_pose(pose="neutral") == {"FINISHED"}
        yield seconds(1.0)
        screenshot("2-a-pose")
        assert bpy.ops.sam3d.toggle_ik() == {"FINISHED"}
    yield seconds(1.0)
    screenshot("3-ik")
    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    hover((left + right) / 2, (top + bottom) / 2)
    yield seconds(0.5)
    press("ctrl+z")  # what scripts do makes no step of its own: this takes the arrival back
    yield lambda: set(bpy.context.scene.objects.keys()) == {"Camera", "Cube", "Light"}
    scene = bpy.context.scene  # undo has made it anew

    model = next(iter(runtime().queue.jobs.values())).model
    bpy.ops.import_scene.gltf(filepath=str(model))
    (body,) = (obj for obj in scene.objects if obj.type == "MESH" and obj.name != "Cube")
    look_at(body)
    bpy.context.view_layer.objects.active = body
    bpy.ops.ed.undo_push(message="Import")
    yield seconds(1.0)
    screenshot("4-a-mesh-from-elsewhere")
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=area("VIEW_3D")):
        assert bpy.ops.sam3d.rig_body("INVOKE_DEFAULT") == {"RUNNING_MODAL"}
    yield lambda: body.find_armature() is not None
    yield seconds(1.0)
    screenshot("5-rigged")


lead(steps())
