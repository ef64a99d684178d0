# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel with a photo and two masks in Blender's own layout: the button is in view at any scale. How
long the panel takes to be drawn is left in figures.json.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import (
    ARGUMENTS,
    FOLDER,
    Steps,
    area,
    find_button,
    in_window,
    install,
    lead,
    open_tab,
    region,
    replace,
    screen_box,
    screenshot,
    seconds,
)

ZIP_FILE, PHOTO, DRAWS = ARGUMENTS
SCALES = (1.0, 1.5)
"""The screen has 900 lines, so that 1080 have room the more."""
BOXES = ((390, 385, 862, 704), (145, 175, 306, 350))
HALF = 22.0
"""Pixels at scale 1 from the middle of the button to its lower edge, and some."""


figures: dict[str, list[float]] = {}
"""Milliseconds by what was drawn."""


def measure(name: str, kind: str, cls: type) -> Steps:
    """Have the panel drawn as often as is asked for, and note how long each draw takes."""
    draw = cls.draw  # type: ignore[attr-defined]  # it is a panel
    spent = figures[name] = []

    def timed_draw(self: bpy.types.Panel, context: bpy.types.Context) -> None:
        begun = time.perf_counter()
        draw(self, context)
        spent.append((time.perf_counter() - begun) * 1000)

    replace(cls, "draw", timed_draw)
    while len(spent) < int(DRAWS):
        region(kind).tag_redraw()
        yield seconds(0.0)
    replace(cls, "draw", draw)


def measure_draws(kind: str) -> Steps:
    """With the draft engine, and with a server of one's own that is not there."""
    from bl_ext.user_default.sam3d.panels import main

    cls = main.SAM3D_PT_view3d if kind == "VIEW_3D" else main.SAM3D_PT_image_editor
    yield from measure(f"draw_{kind}", kind, cls)
    bpy.context.scene.sam3d.provider = "LOCAL"
    yield from measure(f"draw_{kind}_LOCAL", kind, cls)
    bpy.context.scene.sam3d.provider = "DRAFT"


def draw_masks() -> Steps:
    """Two, as the box tool makes them."""
    from bl_ext.user_default.sam3d.runtime import pump
    from bl_ext.user_default.sam3d.runtime.gestures import new_mask

    settings = bpy.context.scene.sam3d
    for number, box in enumerate(BOXES):
        mask = new_mask(settings)
        mask.use_box, mask.box = True, box
        with in_window():
            bpy.ops.sam3d.update_mask(index=number)
    yield lambda: not pump.busy()


def is_in_view(kind: str, scale: float) -> Steps:
    """The button's lower edge is above that of the sidebar."""
    _, y = yield from find_button(kind)
    _, _, _, bottom = screen_box(region(kind))
    screenshot(f"{kind}-{scale}")
    assert y + HALF * scale < bottom, (kind, scale, y, bottom)


def steps() -> Steps:
    install(ZIP_FILE)
    bpy.context.scene.sam3d.image = bpy.data.images.load(PHOTO)
    yield from open_tab("VIEW_3D")
    yield from draw_masks()
    for scale in SCALES:
        bpy.context.preferences.view.ui_scale = scale
        yield seconds(0.5)
        yield from is_in_view("VIEW_3D", scale)
        if scale == 1.0:
            yield from measure_draws("VIEW_3D")
        window = bpy.context.window_manager.windows[0]
        with bpy.context.temp_override(window=window, area=area("VIEW_3D")):
            bpy.ops.sam3d.choose_in_editor()
        yield lambda: region("IMAGE_EDITOR").active_panel_category == "SAM 3D"
        yield seconds(0.5)
        yield from is_in_view("IMAGE_EDITOR", scale)
        if scale == 1.0:
            yield from measure_draws("IMAGE_EDITOR")
        with bpy.context.temp_override(window=window, area=area("IMAGE_EDITOR")):
            bpy.ops.sam3d.back_to_viewport()
    (FOLDER / "figures.json").write_text(json.dumps(figures))


lead(steps())
