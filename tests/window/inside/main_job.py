# SPDX-License-Identifier: GPL-3.0-or-later
"""Install the zip, open the panel, press the button, see the object arrive, take it back with one Ctrl+Z."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import (
    ARGUMENTS,
    Steps,
    click,
    find_button,
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


def steps() -> Steps:
    zip_file, photo = ARGUMENTS
    install(zip_file)
    yield from open_tab("VIEW_3D")
    screenshot("1-no-photo")
    scene = bpy.context.scene
    scene.sam3d.image = bpy.data.images.load(photo)
    bpy.ops.ed.undo_push(message="Choose the photo")
    yield seconds(1.0)
    screenshot("2-photo")
    before = set(bpy.data.objects.keys())

    x, y = yield from find_button("VIEW_3D")
    click(x, y)
    from bl_ext.user_default.sam3d.runtime.state import runtime

    yield lambda: bool(runtime().queue.jobs)
    yield seconds(0.3)
    screenshot("3-running")
    yield lambda: any(job.state == "IMPORTED" for job in runtime().queue.jobs.values())
    yield seconds(1.0)
    arrived = set(bpy.data.objects.keys()) - before
    assert len(arrived) == 1, arrived
    obj = bpy.data.objects[arrived.pop()]
    assert obj["sam3d_provider"] == "DRAFT"
    assert obj.users_collection[0].name == Path(photo).stem
    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    screenshot("4-arrived")

    hover((left + right) / 2 - 200, (top + bottom) / 2 + 250)
    yield seconds(0.5)
    press("ctrl+z")
    yield lambda: not thing_stands()
    assert bpy.context.scene.sam3d.image is not None
    screenshot("5-undone")


def thing_stands() -> bool:
    return any("sam3d_job" in obj for obj in bpy.data.objects)


lead(steps())
