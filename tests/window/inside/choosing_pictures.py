# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the guide's page on choosing objects: masks over the desk, and what they become."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from mathutils import Euler
from steps import ARGUMENTS, Steps, area, install, lead, open_tab, region, screenshot, seconds

ZIP_FILE, PHOTO = ARGUMENTS
OBJECTS = {
    "Teapot": ((390, 385, 862, 704), [], [(580, 400), (650, 420), (350, 650), (800, 640), (420, 670)]),
    "Apple": ((145, 175, 306, 350), [(200, 205)], []),
    "Mug": (
        (940, 480, 1195, 745),
        [(1000, 600), (1000, 690), (1100, 690), (1178, 560), (1050, 510)],
        [(952, 735), (1175, 735)],
    ),
    "Notebook": ((0, 538, 352, 806), [], []),
}
"""The box around each, points on it, and points that are not on it."""


def add(name: str, number: int) -> None:
    from bl_ext.user_default.sam3d.runtime.gestures import COLORS

    box, inside, outside = OBJECTS[name]
    mask = bpy.context.scene.sam3d.masks.add()
    mask.name, mask.use_box, mask.box, mask.color = name, True, box, COLORS[number]
    for points, is_inside in ((inside, True), (outside, False)):
        for x, y in points:
            point = mask.points.add()
            point.x, point.y, point.inside = x, y, is_inside
    bpy.ops.sam3d.update_mask(index=number)


def steps() -> Steps:
    install(ZIP_FILE)
    from bl_ext.user_default.sam3d.runtime import pump
    from bl_ext.user_default.sam3d.runtime.state import runtime

    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    yield from open_tab("VIEW_3D")
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=area("VIEW_3D")):
        bpy.ops.sam3d.choose_in_editor()
    yield seconds(1.5)
    for number, name in enumerate(OBJECTS):
        with bpy.context.temp_override(window=window):
            add(name, number)
        yield lambda: not pump.busy()
    settings.active_mask = 2
    region("IMAGE_EDITOR").tag_redraw()
    yield seconds(1.5)
    screenshot("choosing")

    with bpy.context.temp_override(window=window, area=area("IMAGE_EDITOR")):
        bpy.ops.sam3d.back_to_viewport()
    yield seconds(0.5)
    view = area("VIEW_3D").spaces.active
    with bpy.context.temp_override(window=window):
        bpy.ops.sam3d.reconstruct()
    yield lambda: not runtime().queue.at_work() and not runtime().queue.awaited()
    yield seconds(1.0)
    view.region_3d.view_rotation = Euler((1.2, 0.0, 0.1)).to_quaternion()
    for obj in bpy.context.scene.objects:
        obj.select_set("sam3d_job" in obj)
    canvas = region("VIEW_3D", "WINDOW")
    with bpy.context.temp_override(window=window, area=area("VIEW_3D"), region=canvas):
        bpy.ops.view3d.view_selected()
    bpy.ops.object.select_all(action="DESELECT")
    region("VIEW_3D").tag_redraw()
    yield seconds(2.0)
    screenshot("arrived")


lead(steps())
