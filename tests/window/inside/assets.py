# SPDX-License-Identifier: GPL-3.0-or-later
"""Results are kept as assets, shown by the asset browser, and dragged out of it into another file."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import (
    ARGUMENTS,
    FOLDER,
    Steps,
    all_preferences,
    area,
    click,
    hover,
    in_window,
    install,
    job_queue,
    lead,
    press,
    region,
    screen_box,
    screenshot,
    seconds,
)

ZIP_FILE, *PHOTOS = ARGUMENTS
LIBRARY = "SAM 3D"
TILE = 112
"""Pixels from one asset to the next."""


def reconstruct(photo: str, subject: str) -> Steps:
    settings = bpy.context.scene.sam3d
    settings.image, settings.subject = bpy.data.images.load(photo), subject
    with in_window():
        bpy.ops.sam3d.reconstruct()
    yield lambda: not job_queue().at_work() and not job_queue().awaited()


def keep_first(job_id: str) -> Steps:
    """The first time, Blender asks whether its preferences may be changed."""
    with in_window():
        assert bpy.ops.sam3d.keep_as_asset("INVOKE_DEFAULT", job_id=job_id) == {"RUNNING_MODAL"}
    yield seconds(1.0)
    screenshot("1-the-question")
    press("Return")
    yield lambda: LIBRARY in bpy.context.preferences.filepaths.asset_libraries
    assert all_preferences().asked_about_assets


def keep_by_search(job_id: str) -> Steps:
    """What is selected, by the search of Blender's menus."""
    kept = FOLDER / "results" / "assets" / f"{job_id}.blend"
    before = kept.stat().st_mtime_ns
    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    hover((left + right) / 2, (top + bottom) / 2)
    yield seconds(0.5)
    with bpy.context.temp_override(
        window=bpy.context.window_manager.windows[0], area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")
    ):
        bpy.ops.wm.search_menu("INVOKE_DEFAULT")
    yield seconds(1.0)
    typing = subprocess.Popen(["xdotool", "type", "--delay", "80", "keep as asset"])
    yield lambda: typing.poll() is not None
    yield seconds(1.0)
    screenshot("2-search")
    press("Return")
    yield lambda: kept.stat().st_mtime_ns > before
    yield seconds(1.0)


def open_browser() -> Steps:
    """An asset browser in the lower part of the 3D viewport, with the library."""
    with bpy.context.temp_override(
        window=bpy.context.window_manager.windows[0], area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")
    ):
        bpy.ops.screen.area_split(direction="HORIZONTAL", factor=0.45)
    lower = min((each for each in bpy.context.screen.areas if each.type == "VIEW_3D"), key=lambda each: each.y)
    lower.ui_type = "ASSETS"
    yield seconds(1.0)
    lower.spaces.active.params.asset_library_reference = LIBRARY
    yield seconds(3.0)


def tile(number: int) -> tuple[float, float]:
    """The middle of an asset of the browser."""
    left, top, _, _ = screen_box(region("FILE_BROWSER", "WINDOW"))
    return left + 60 + TILE * number, top + 50


def drag(number: int, x: float, y: float) -> Steps:
    """Drag an asset to a place of the screen, as slowly as Blender may draw, and wait until it is there."""
    known, (left, top) = len(bpy.context.scene.objects), tile(number)
    hover(left, top)
    yield seconds(0.5)
    subprocess.run(["xdotool", "mousedown", "1"], check=True, timeout=30)
    yield seconds(0.3)
    for part in range(1, 13):
        hover(left + (x - left) * part / 12, top + (y - top) * part / 12)
        yield seconds(0.15)
    subprocess.run(["xdotool", "mouseup", "1"], check=True, timeout=30)
    yield lambda: len(bpy.context.scene.objects) > known
    yield seconds(1.0)


def steps() -> Steps:
    install(ZIP_FILE)
    all_preferences().results_folder = str(FOLDER / "results")
    for photo in PHOTOS:
        yield from reconstruct(photo, "BODY" if "mannequin" in photo else "OBJECT")
    jobs = list(job_queue().jobs.values())
    yield from keep_first(jobs[0].id)
    with in_window():
        for job in jobs[1:]:
            assert bpy.ops.sam3d.keep_as_asset("INVOKE_DEFAULT", job_id=job.id) == {"FINISHED"}
    yield from keep_by_search(jobs[-1].id)
    bpy.ops.wm.read_homefile()
    yield seconds(1.0)
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    yield from open_browser()
    view = area("VIEW_3D").spaces.active
    view.shading.color_type = "TEXTURE"
    view.region_3d.view_distance = 8.5
    yield seconds(1.0)
    screenshot("3-browser")

    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    before = set(bpy.context.scene.objects)
    for number, place in enumerate((0.35, 0.5, 0.65)):
        yield from drag(number, left + (right - left) * place, top + (bottom - top) * 0.6)
    screenshot("4-dragged")
    arrived = [obj for obj in bpy.context.scene.objects if obj not in before]
    print([(obj.name, obj.type, tuple(round(x, 2) for x in obj.location)) for obj in arrived])
    assert all(obj["sam3d_job"] in {job.id for job in jobs} for obj in arrived)
    assert sorted(obj.type for obj in arrived) == ["ARMATURE", "MESH", "MESH", "MESH"]
    assert all(obj.is_editable and obj.asset_data is None for obj in arrived)
    places = {tuple(round(x, 1) for x in obj.location) for obj in arrived if obj.parent is None}
    assert len(places) == 3, places
    (armature,) = [obj for obj in arrived if obj.type == "ARMATURE"]
    bpy.context.view_layer.objects.active = armature
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=area("VIEW_3D")):
        bpy.ops.object.mode_set(mode="POSE")
    armature.pose.bones["upper_arm.L"].rotation_mode = "XYZ"
    armature.pose.bones["upper_arm.L"].rotation_euler.x = 1.0
    click(*tile(1))
    yield seconds(1.5)
    screenshot("5-posed")


lead(steps())
