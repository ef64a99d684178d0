# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose As in the Photo for the desk and its masks, press the button, look through the camera, take it all back."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import (
    ARGUMENTS,
    Steps,
    area,
    click,
    find_button,
    hover,
    in_window,
    install,
    job_queue,
    lead,
    open_tab,
    press,
    region,
    replace,
    runtime,
    screen_box,
    screenshot,
    seconds,
)

THINGS = ("mug", "pencils", "plant")
LONGEST = 0.005
"""Seconds of the processor that a tick may take which brings nothing in."""


def steps() -> Steps:
    zip_file, photos = ARGUMENTS
    install(zip_file)
    from bl_ext.user_default.sam3d.operators import watch

    spent = measure_ticks(watch)
    yield from open_tab("VIEW_3D")
    scene = bpy.context.scene
    settings = scene.sam3d
    settings.image = bpy.data.images.load(str(Path(photos) / "desk.jpg"))
    for name in THINGS:
        mask = settings.masks.add()
        mask.name, mask.image = name, bpy.data.images.load(str(Path(photos) / f"desk-{name}.png"))
    bpy.ops.ed.undo_push(message="Choose the photo")
    yield seconds(1.0)
    screenshot("1-chosen")

    settings.placement = "PHOTO"
    bpy.ops.ed.undo_push(message="Choose the placement")
    before = own_things(scene)
    x, y = yield from find_button("VIEW_3D")
    click(x, y)
    yield lambda: bool(job_queue().jobs)
    yield seconds(0.5)
    screenshot("2-running")
    yield lambda: [job.state for job in job_queue().jobs.values()] == ["IMPORTED"] * len(THINGS)
    yield seconds(1.5)
    screenshot("3-arrived")
    assert settings.camera is not None and settings.camera.name == "desk Camera"
    assert all(bpy.data.objects[name].users_collection[0].name == "desk" for name in THINGS)
    assert own_things(scene) == before
    assert max(spent) < LONGEST, sorted(spent)[-3:]

    with in_window(), bpy.context.temp_override(area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        assert bpy.ops.sam3d.look_through() == {"FINISHED"}
    yield seconds(1.5)
    screenshot("4-through")
    assert own_things(scene) == before
    with in_window():
        assert bpy.ops.sam3d.use_photo_size() == {"FINISHED"}
        bpy.ops.ed.undo_push(message="Use the photo's size")  # which operators that are called make none of
    yield seconds(1.5)
    screenshot("5-photo-size")
    assert (scene.render.resolution_x, scene.render.resolution_y) == tuple(settings.image.size)

    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    hover((left + right) / 2 - 200, (top + bottom) / 2 + 250)
    yield seconds(0.5)
    press("ctrl+z")
    yield lambda: own_things(bpy.context.scene) == before
    press("ctrl+z")
    yield lambda: not any("sam3d_job" in obj for obj in bpy.data.objects)
    yield seconds(1.0)
    screenshot("6-undone")
    assert bpy.context.scene.sam3d.camera is None and "desk Ground" not in bpy.data.objects
    assert bpy.context.scene.sam3d.placement == "PHOTO"


def own_things(scene: bpy.types.Scene) -> list[object]:
    """What is the artist's own, and changes only where that was asked for."""
    render = scene.render
    return [scene.camera.name, scene.world.name, render.resolution_x, render.resolution_y, render.resolution_percentage]


def measure_ticks(watch: object) -> list[float]:
    """The seconds that each tick takes from now on which brings nothing in."""
    spent: list[float] = []
    tick = watch.tick  # type: ignore[attr-defined]

    def timed(context: bpy.types.Context) -> object:
        begun, arrived = time.thread_time(), len(imported())
        told = tick(context)
        if len(imported()) == arrived:
            spent.append(time.thread_time() - begun)
        return told

    replace(watch, "tick", timed)
    return spent


def imported() -> list[object]:
    return [job for job in runtime().queue.jobs.values() if job.state == "IMPORTED"]


lead(steps())
