# SPDX-License-Identifier: GPL-3.0-or-later
"""What drawing twenty masks over a photo takes of the main thread: milliseconds of its processor in FOLDER/draws.json.

Here the processor does the graphics card's work as well, in the draw calls. So the draws are also measured with draw
calls that have nothing to draw: that is what is left with a graphics card.
"""

import json
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from gpu_extras.batch import batch_for_shader
from image_editor import view
from steps import ARGUMENTS, FOLDER, Steps, area, install, lead, more_than_now, region, replace, screenshot

COUNT, DRAWN = 20, 5
PHOTO, MASK = (1632, 1224), (2048, 1536)
GUIDES = (
    ("X", 340, 850, 1190, 714),
    ("X", 374, 595, 1173, 527),
    ("Y", 1275, 884, 952, 561),
    ("Y", 1445, 561, 1088, 408),
)
"""Axis and ends in pixels of the photo."""
spent: list[float] = []


def steps() -> Steps:
    zip_file, times = ARGUMENTS
    install(zip_file)
    from bl_ext.user_default.sam3d.overlay import handler
    from bl_ext.user_default.sam3d.runtime.state import runtime

    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.new("photo", *PHOTO)
    settings.image.generated_type = "COLOR_GRID"
    for number in range(COUNT):
        add_mask(settings, number)
    settings.active_mask = 7
    draw = handler._draw

    def timed() -> None:
        begun = time.thread_time()
        draw()
        spent.append((time.thread_time() - begun) * 1000)

    handler.unregister(runtime().draw_handle)
    replace(handler, "_draw", timed)
    runtime().draw_handle = handler.register()
    area("VIEW_3D").type = "IMAGE_EDITOR"
    area("IMAGE_EDITOR").spaces.active.image = settings.image
    yield lambda: bool(spent)
    figures = {"first": spent[:1], "rendered": (yield from draws(DRAWN))}
    screenshot("masks")

    draw_nothing()
    figures["masks"] = yield from draws(int(times))
    mask = settings.masks[settings.active_mask]
    for place in np.linspace(0.1, 0.9, 500):
        point = mask.points.add()
        point.x, point.y, point.radius = PHOTO[0] * place, PHOTO[1] * place, 20.0
    figures["stroke"] = yield from draws(int(times))
    mask.points.clear()
    add_guides(settings)
    with view():
        bpy.ops.wm.tool_set_by_id(name="sam3d.guides")
    figures["guides"] = yield from draws(int(times))
    (FOLDER / "draws.json").write_text(json.dumps(figures))


def draw_nothing() -> None:
    """Let all draw calls be made, with a single corner, which is too few for a triangle."""
    from bl_ext.user_default.sam3d.overlay import guides, outlines, prompts

    tile = batch_for_shader(outlines._shader(), "TRIS", {"tile": [(0, 0)], "corner": [(0, 0)]})
    columns = {"corner": [(0, 0)], "edges": [(0, 0, 0, 0)], "shade": [(0, 0, 0)], "kind": [(0, 0)]}
    mark = batch_for_shader(prompts._shader(), "TRIS", columns)
    columns = {"corner": [(0, 0)], "ends": [(0, 0, 0, 0)], "shade": [(0, 0, 0, 0)], "kind": [0]}
    line = batch_for_shader(guides._shader(), "TRIS", columns)
    marks, lines = prompts._batch, guides._batch
    replace(outlines, "_tiles", lambda: tile)
    replace(prompts, "_batch", lambda found: marks(found) and mark)
    replace(guides, "_batch", lambda *found: lines(*found) and line)


def add_guides(settings: Any) -> None:
    """Two pairs, and the camera that they tell."""
    from bl_ext.user_default.sam3d.runtime.guides import match_to_change

    match = match_to_change(settings)
    for axis, *ends in GUIDES:
        guide = match.guides.add()
        guide.axis = axis
        guide.x1, guide.y1, guide.x2, guide.y2 = ends
    with view():
        assert bpy.ops.sam3d.follow_guides() == {"FINISHED"} and settings.camera is not None


def draws(count: int) -> Generator[Callable[[], bool], None, list[float]]:
    """Draw the editor anew so many times, and once before; returns what each took."""
    begun = len(spent)
    while len(spent) <= begun + count:
        drawn_again = more_than_now(spent)
        region("IMAGE_EDITOR", "WINDOW").tag_redraw()
        yield drawn_again
    return spent[begun + 1 :]


def add_mask(settings: bpy.types.PropertyGroup, number: int) -> None:
    """A disc, from a box."""
    width, height = MASK
    middle = np.array((number % 5 + 0.5, number // 5 + 0.5)) / (5, 4)
    mask = settings.masks.add()
    mask.color = np.random.default_rng(number).random(3)
    mask.use_box = True
    mask.box = [round(edge) for edge in np.concatenate([middle - 0.08, middle + 0.08]) * (*PHOTO, *PHOTO)]
    y, x = np.mgrid[:height, :width]
    inside = np.hypot(x - middle[0] * width, y - (1.0 - middle[1]) * height) < 0.08 * height
    mask.image = bpy.data.images.new(f"mask {number}", width, height, alpha=False)
    mask.image.pixels.foreach_set(np.repeat(inside.ravel(), 4).astype(np.float32))


lead(steps())
