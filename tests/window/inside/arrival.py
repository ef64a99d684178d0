# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist has set stays: a shading that was set back, a view that was moved, a camera's view, a selection."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from mathutils import Vector
from steps import ARGUMENTS, Steps, area, in_window, install, lead, open_tab, screenshot, seconds

AWAY = Vector((50.0, 40.0, 0.0))


def results() -> list[bpy.types.Object]:
    return [obj for obj in bpy.context.scene.objects if "sam3d_job" in obj]


def import_again(job_id: str) -> Steps:
    count = len(results())
    with in_window():
        assert bpy.ops.sam3d.import_job(job_id=job_id) == {"FINISHED"}
    yield lambda: len(results()) == count + 1
    yield seconds(1.0)


def steps() -> Steps:
    install(ARGUMENTS[0])
    yield from open_tab("VIEW_3D")
    space = area("VIEW_3D").spaces.active
    view, shading = space.region_3d, space.shading
    with in_window():
        assert bpy.ops.sam3d.try_sample() == {"FINISHED"}
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    yield lambda: bool(results())
    (mug,) = results()
    job_id = mug["sam3d_job"]
    yield lambda: (view.view_location - mug.location).length < 0.6
    assert shading.type == "SOLID" and shading.color_type == "TEXTURE"

    yield seconds(2.5)  # until the view has come to rest
    shading.color_type = "MATERIAL"
    view.view_location = AWAY
    yield from import_again(job_id)
    assert shading.color_type == "MATERIAL"
    assert view.view_location == AWAY, view.view_location
    second = next(obj for obj in results() if obj != mug)
    assert (second.location - mug.location).length > 0.8
    screenshot("1-out-of-view")

    bpy.context.view_layer.objects.active = bpy.data.objects["Cube"]
    second.select_set(False)
    with in_window():
        assert bpy.ops.sam3d.frame_result(job_id=job_id) == {"FINISHED"}
    yield lambda: (view.view_location - (mug.location + second.location) / 2).length < 0.6
    assert not mug.select_get() and not second.select_get()
    assert bpy.context.view_layer.objects.active.name == "Cube"
    screenshot("2-framed")

    view.view_perspective = "CAMERA"
    camera = bpy.context.scene.camera.matrix_world.copy()
    yield from import_again(job_id)
    with in_window():
        assert bpy.ops.sam3d.frame_result(job_id=job_id) == {"CANCELLED"}
    assert view.view_perspective == "CAMERA" and bpy.context.scene.camera.matrix_world == camera


lead(steps())
