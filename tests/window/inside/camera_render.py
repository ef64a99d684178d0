# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera takes the photo while the artist goes on working: rendered, stopped, interrupted, at once."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import (
    ARGUMENTS,
    FOLDER,
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
    runtime,
    screen_box,
    screenshot,
    seconds,
    take_step,
)

SEEN = 4
"""Turns of Blender's event loop that pass at least while the camera renders."""


def rendering() -> bool:
    return bool(bpy.app.is_job_running("RENDER"))


def state() -> dict[str, Any]:
    """What a render must leave as it was."""
    scene = bpy.context.scene
    kept = {
        name: value
        for owner in (scene.render, scene.render.image_settings, scene.cycles, scene.view_settings)
        for name, value in ((f"{owner.rna_type.identifier}.{key}", getattr(owner, key)) for key in simple(owner))
    }
    kept["display"] = bpy.context.preferences.view.render_display_type
    kept["users"] = scene.users
    kept["scenes"] = tuple(bpy.data.scenes.keys())
    kept["trees"] = tuple(bpy.data.node_groups.keys())
    bpy.data.images["Render Result"].save_render(str(FOLDER / "kept.png"), scene=scene)
    kept["render"] = (FOLDER / "kept.png").read_bytes()
    return kept


def simple(owner: Any) -> list[str]:
    kinds = {"BOOLEAN", "INT", "FLOAT", "STRING", "ENUM"}
    return [
        prop.identifier
        for prop in owner.rna_type.properties
        if prop.type in kinds and not getattr(prop, "is_array", False) and not prop.is_readonly
    ]


def block_out() -> None:
    """Two boxes that the camera sees, of which one hides part of the other, and the camera's own last render."""
    scene = bpy.context.scene
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    for name, location, size in (("Tall Box", (-1.5, 0, 1.5), 3.0), ("Low Box", (1.2, -1, 0.5), 1.0)):
        bpy.ops.mesh.primitive_cube_add(size=size, location=location)
        bpy.context.object.name = name
    bpy.ops.object.camera_add(location=(0, -12, 3), rotation=(1.4, 0, 0))
    scene.camera = bpy.context.object
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 4, False
    scene.render.resolution_x, scene.render.resolution_y = 640, 360
    scene.render.film_transparent = True
    scene.render.filepath = "//mine.png"
    scene.render.image_settings.file_format = "JPEG"
    bpy.ops.render.render()
    for name in ("Tall Box", "Low Box"):
        bpy.data.objects[name].select_set(True)
    bpy.context.object.select_set(False)
    bpy.ops.ed.undo_push(message="Block out")


def one_step() -> Steps:
    """From two boxes to two objects in their places, with one click."""
    settings = bpy.context.scene.sam3d
    settings.source, settings.camera_masks = "CAMERA", "EACH"
    bpy.context.scene.cycles.samples = 128
    bpy.ops.ed.undo_push(message="Choose the camera")
    before = state()
    x, y = yield from find_button("VIEW_3D")
    click(x, y)
    yield rendering
    ticks = 0

    def ended() -> bool:
        nonlocal ticks
        ticks += rendering()
        if ticks == SEEN:
            region("VIEW_3D").tag_redraw()
        elif ticks == 2 * SEEN:
            screenshot("2-rendering")
        return bool(job_queue().jobs)

    yield ended
    assert ticks >= SEEN, ticks
    assert state() == before
    yield lambda: all(job.state == "IMPORTED" for job in job_queue().jobs.values())
    assert len(job_queue().jobs) == 2
    for name, height, place in (("Tall Box", 3.0, (-1.5, 0, 0)), ("Low Box", 1.0, (1.2, -1, 0))):
        obj, replaced = bpy.data.objects[name], bpy.data.objects[f"{name} Box"]
        assert "sam3d_job" in obj and not replaced.visible_get()
        assert all(abs(a - b) < 1e-3 for a, b in zip(obj.location, place, strict=True)), obj.location[:]
        assert abs(obj.dimensions.z - height) < 1e-3
    yield seconds(1.0)
    screenshot("3-arrived")
    folder = next(iter(job_queue().jobs.values())).folder
    assert (folder / "photo.png").exists()
    assert (folder / "mask.png").exists()
    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    hover((left + right) / 2 - 200, (top + bottom) / 2)
    yield seconds(0.5)
    for _ in range(2):  # one step for each result
        yield from take_step("ctrl+z")
    boxes = [bpy.data.objects[name] for name in ("Tall Box", "Low Box")]
    assert all(obj.visible_get() and "sam3d_job" not in obj for obj in boxes)
    assert "Block-out" not in bpy.data.collections


def select_boxes() -> None:
    bpy.ops.object.select_all(action="DESELECT")
    for name in ("Tall Box", "Low Box"):
        bpy.data.objects[name].select_set(True)


def stopping(stop: Callable[[], None]) -> Steps:
    """A render is stopped: nothing is started, nothing is left, and the button works again."""
    scene = bpy.context.scene
    select_boxes()
    scene.sam3d.camera_masks = "NONE"
    scene.cycles.use_adaptive_sampling = False  # it is not to end before it is stopped
    scene.cycles.samples, scene.render.resolution_x, scene.render.resolution_y = 20000, 1920, 1080
    before, known = state(), set(job_queue().jobs)
    begun = time.perf_counter()
    with in_window():
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    print(f"Blender waited {(time.perf_counter() - begun) * 1000:.1f} ms for the render to begin")
    yield rendering
    with in_window():
        assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    hover((left + right) / 2 - 200, (top + bottom) / 2)
    yield seconds(1.0)
    assert runtime().capture.stage == "Rendering the photo"
    yield lambda: 0.0 < runtime().capture.fraction < 0.5
    stop()
    yield lambda: not rendering()
    yield lambda: len(bpy.data.scenes) == 1
    yield seconds(0.5)
    screenshot("4-stopped")
    assert state() == before
    assert set(job_queue().jobs) == known
    assert not scene.sam3d.obstacle(scene)


def cancel() -> None:
    """As the button in the panel does."""
    with in_window():
        assert bpy.ops.sam3d.cancel_capture() == {"FINISHED"}
        assert not bpy.ops.sam3d.cancel_capture.poll()


def undo_meanwhile() -> Steps:
    """A step that is made while the camera renders does not bring its scene back, neither does a file saved then."""
    known = set(job_queue().jobs)
    with in_window():
        bpy.ops.ed.undo_push(message="Before")
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    yield rendering
    assert len(bpy.data.scenes) == 2
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "meanwhile.blend"), copy=True)
    with bpy.data.libraries.load(str(FOLDER / "meanwhile.blend")) as (saved, _):
        assert saved.scenes == ["Scene"], saved.scenes
    bpy.data.objects["Low Box"].location.x = 4.0
    with in_window():
        bpy.ops.ed.undo_push(message="Move")
    bpy.data.objects["Low Box"].location.x = 5.0
    with in_window():
        bpy.ops.ed.undo_push(message="Move further")
        bpy.ops.ed.undo()
    yield lambda: not rendering()
    yield seconds(0.5)
    assert bpy.data.objects["Low Box"].location.x == 4.0
    assert bpy.data.scenes.keys() == ["Scene"]
    with in_window():
        bpy.ops.ed.undo()
        assert bpy.data.scenes.keys() == ["Scene"]
        bpy.ops.ed.redo()
    assert bpy.data.scenes.keys() == ["Scene"]
    yield seconds(0.5)
    assert set(job_queue().jobs) == known
    screenshot("5-undone")


def viewport() -> Steps:
    """At once, as the viewport shows it, and in the size of a render."""
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = 640, 360
    scene.sam3d.render_mode = "VIEWPORT"
    view = area("VIEW_3D").spaces.active
    view.shading.type = "SOLID"
    view.shading.color_type = "OBJECT"
    bpy.data.objects["Low Box"].color = (1.0, 0.0, 0.0, 1.0)
    yield seconds(0.5)
    known = set(job_queue().jobs)
    with in_window():
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert not rendering()
    (job_id,) = set(job_queue().jobs) - known
    assert view.overlay.show_overlays
    yield lambda: job_queue().jobs[job_id].state == "IMPORTED"
    (FOLDER / "viewport.png").write_bytes((job_queue().jobs[job_id].folder / "photo.png").read_bytes())
    screenshot("6-viewport")
    # the same for the eye: through the camera, without what covers it
    for obj in bpy.context.scene.objects:
        obj.hide_set("sam3d_job" in obj)
    bpy.context.scene.camera.data.show_passepartout = False
    view.overlay.show_overlays = view.show_gizmo = view.show_region_ui = False
    view.region_3d.view_perspective = "CAMERA"
    yield seconds(1.5)
    screenshot("7-through-the-camera")


def steps() -> Steps:
    install(ARGUMENTS[0])
    yield from open_tab("VIEW_3D")
    with in_window():
        block_out()
    yield seconds(1.0)
    bpy.context.scene.sam3d.source = "CAMERA"
    bpy.context.scene.sam3d.camera_masks = "EACH"
    region("VIEW_3D").tag_redraw()
    yield seconds(0.5)
    screenshot("1-camera")
    yield from one_step()
    yield from stopping(lambda: press("Escape"))
    yield from stopping(cancel)
    yield from undo_meanwhile()
    yield from viewport()


lead(steps())
