# SPDX-License-Identifier: GPL-3.0-or-later
"""From the zip to the first object, in a Blender that nobody has touched: each click is a real one, and counted."""

import json
import sys
from collections.abc import Callable, Generator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from PIL import Image, ImageChops, ImageDraw
from steps import (
    ACTS,
    ARGUMENTS,
    FOLDER,
    Steps,
    act,
    area,
    click,
    find_button,
    hover,
    job_queue,
    lead,
    press,
    region,
    runtime,
    screen_box,
    screenshot,
    seconds,
)

(ZIP_FILE,) = ARGUMENTS
BLUE = (71, 114, 179)
"""Of the button that Blender takes for granted."""
ROW = 20
"""Pixels from one row of buttons to the next, at least."""
TABS = 24
"""Pixels at the right edge of a sidebar that its tabs take."""


def picture(name: str) -> Image.Image:
    with Image.open(screenshot(name)) as screen:
        return screen.convert("RGB")


def middle_of_viewport() -> tuple[float, float]:
    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    return left + (right - left) * 0.4, (top + bottom) / 2


def install() -> Steps:
    """The zip is dropped on the window, which asks where to put it: OK."""
    hover(*middle_of_viewport())
    yield seconds(0.5)
    before = picture("1-untouched")
    act("drop the zip")
    with bpy.context.temp_override(
        window=bpy.context.window_manager.windows[0], area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")
    ):
        # what Blender calls when a file is dropped, which no tool here can do
        assert bpy.ops.extensions.package_install_files("INVOKE_DEFAULT", url=ZIP_FILE) == {"RUNNING_MODAL"}
    yield seconds(1.5)
    asked = picture("2-asked")
    new = np.asarray(ImageChops.difference(before, asked)).any(2)
    blue = (np.abs(np.asarray(asked, np.int16) - BLUE) < 12).all(2) & new
    rows, columns = np.nonzero(blue)
    bottom = rows > rows.max() - 12  # the button stands below the tick
    click(float(columns[bottom].mean()), float(rows[bottom].mean()))
    yield lambda: hasattr(bpy.types.Scene, "sam3d")


def open_sidebar(tabs_before: Image.Image) -> Steps:
    hover(*middle_of_viewport())
    yield seconds(0.5)
    press("n")
    yield lambda: region("VIEW_3D").width > 1
    yield seconds(1.0)
    tabs = picture("3-sidebar").crop(tab_strip())
    box = ImageChops.difference(tabs_before, tabs).getbbox()
    assert box is not None, "there is no new tab"
    left, top, _, _ = tab_strip()
    click(left + TABS / 2, top + (box[1] + box[3]) / 2)
    yield lambda: region("VIEW_3D").active_panel_category == "SAM 3D"


def find_sample() -> Generator[Callable[[], bool], None, tuple[float, float]]:
    """Where *Try a Sample* is: below the first row that looks otherwise when there is a photo."""
    without = yield from sidebar("3-no-photo")
    bpy.context.scene.sam3d.image = bpy.data.images.new("Any", 8, 8)
    with_photo = yield from sidebar("3-any-photo")
    bpy.data.images.remove(bpy.context.scene.sam3d.image)
    yield from sidebar("3-no-photo")
    box = ImageChops.difference(without, with_photo).getbbox()
    assert box is not None, "the panel looks the same without a photo"
    left, top, right, _ = screen_box(region("VIEW_3D"))
    place = (left + right - TABS) / 2, top + box[1] + 1.6 * ROW
    hover(*place)
    yield seconds(2.0)  # while the panel is drawn anew it loses the button that the mouse presses
    return place


def sidebar(name: str) -> Generator[Callable[[], bool], None, Image.Image]:
    region("VIEW_3D").tag_redraw()
    yield seconds(1.0)
    return picture(name).crop(screen_box(region("VIEW_3D")))


def tab_strip() -> tuple[int, int, int, int]:
    _, top, right, bottom = screen_box(region("VIEW_3D"))
    return right - TABS, top, right, bottom


def steps() -> Steps:
    space = area("VIEW_3D").spaces.active
    space.show_region_ui = True
    yield seconds(1.0)
    tabs_before = picture("0-tabs").crop(tab_strip())
    space.show_region_ui = False
    yield seconds(0.5)
    assert space.shading.type == "SOLID" and space.shading.color_type == "MATERIAL"
    assert bpy.data.objects.keys() == ["Camera", "Cube", "Light"]

    yield from install()
    installing = len(ACTS)
    yield from open_sidebar(tabs_before)
    click(*(yield from find_sample()))
    yield lambda: bpy.context.scene.sam3d.image is not None
    yield seconds(1.5)
    click(*(yield from find_button("VIEW_3D")))
    yield lambda: any(job.state == "IMPORTED" for job in job_queue().jobs.values())
    yield lambda: bool(runtime().results.jobs)  # the list shows it
    yield seconds(2.0)
    print(ACTS)
    assert len(ACTS) <= 8 and len(ACTS) - installing <= 4, ACTS

    (obj,) = (obj for obj in bpy.context.scene.objects if "sam3d_job" in obj)
    assert bpy.context.view_layer.objects.active == obj and obj.select_get()
    screenshot("4-arrived")
    bpy.data.objects["Cube"].hide_set(True)  # the same picture without it shows what it hides
    yield seconds(1.0)
    screenshot("5-without-the-cube")
    silhouette(obj).save(FOLDER / "silhouette.png")
    (FOLDER / "viewport.json").write_text(json.dumps(screen_box(region("VIEW_3D", "WINDOW"))))


def silhouette(obj: bpy.types.Object) -> Image.Image:
    """Where an object is in the viewport."""
    place = region("VIEW_3D", "WINDOW")
    seen = Image.new("L", (place.width, place.height))
    draw = ImageDraw.Draw(seen)
    at = [
        location_3d_to_region_2d(place, area("VIEW_3D").spaces.active.region_3d, obj.matrix_world @ vertex.co)
        for vertex in obj.data.vertices
    ]
    for polygon in obj.data.polygons:
        draw.polygon([(at[index].x, place.height - at[index].y) for index in polygon.vertices], fill=255)
    return seen


lead(steps())
