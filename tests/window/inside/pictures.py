# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of README and guide: several photos become objects, with the panel beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from mathutils import Euler
from preferences_editor import show_preferences
from steps import (
    ARGUMENTS,
    Steps,
    area,
    drafts_held,
    in_window,
    install,
    job_queue,
    lead,
    open_tab,
    region,
    screenshot,
    seconds,
)

ZIP_FILE, *PHOTOS = ARGUMENTS
SHOWN = 0.3
"""The share of its work that the running draft has done in the picture."""


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    scene = bpy.context.scene
    for photo in PHOTOS:
        scene.sam3d.image = bpy.data.images.load(photo)
        with drafts_held(SHOWN):
            with in_window():
                bpy.ops.sam3d.reconstruct()
            yield lambda: any(job.at_work and job.fraction >= SHOWN for job in job_queue().jobs.values())
            region("VIEW_3D").tag_redraw()
            yield seconds(0.3)
            screenshot("running")  # that of the last photo stays
        yield lambda: not job_queue().at_work() and not job_queue().awaited()
    view = area("VIEW_3D").spaces.active.region_3d
    view.view_rotation = Euler((1.25, 0.0, 0.35)).to_quaternion()
    for obj in scene.objects:
        obj.select_set("sam3d_job" in obj)
    with bpy.context.temp_override(
        window=bpy.context.window_manager.windows[0], area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")
    ):
        bpy.ops.view3d.view_selected()
    view.view_distance *= 1.2  # the sidebar lies over the viewport
    bpy.ops.object.select_all(action="DESELECT")
    yield seconds(2.0)
    screenshot("panel")

    area("VIEW_3D").type = "IMAGE_EDITOR"
    area("IMAGE_EDITOR").spaces.active.image = scene.sam3d.image
    yield from open_tab("IMAGE_EDITOR")
    settings = scene.sam3d
    for name in ("left", "right"):
        mask = settings.masks.add()
        mask.name = name
        mask.image = bpy.data.images.new(f"mask {name}", 64, 64)
    region("IMAGE_EDITOR").tag_redraw()
    yield seconds(1.0)
    screenshot("image-editor")
    show_preferences("IMAGE_EDITOR")
    area("PREFERENCES").tag_redraw()
    yield seconds(1.5)
    screenshot("preferences")


lead(steps())
