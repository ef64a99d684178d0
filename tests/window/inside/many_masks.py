# SPDX-License-Identifier: GPL-3.0-or-later
"""What drawing twenty masks over a photo takes of the main thread: milliseconds in FOLDER/draws.json."""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from steps import ARGUMENTS, FOLDER, Steps, area, install, lead, region, screenshot

COUNT, DRAWS = 20, 20
PHOTO, MASK = (1632, 1224), (2048, 1536)


def steps() -> Steps:
    install(ARGUMENTS[0])
    from bl_ext.user_default.sam3d.overlay import handler

    spent: list[float] = []
    draw = handler._draw

    def timed() -> None:
        begun = time.perf_counter()
        draw()
        spent.append((time.perf_counter() - begun) * 1000)

    handler.unregister()
    handler._draw = timed
    handler.register()
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.new("photo", *PHOTO)
    settings.image.generated_type = "COLOR_GRID"
    for number in range(COUNT):
        add_mask(settings, number)
    area("VIEW_3D").type = "IMAGE_EDITOR"
    area("IMAGE_EDITOR").spaces.active.image = settings.image
    yield lambda: len(spent) > 0
    for number in range(DRAWS):
        region("IMAGE_EDITOR", "WINDOW").tag_redraw()
        yield lambda done=len(spent): len(spent) > done
        if number == DRAWS // 2:
            screenshot("masks")
            first, rest = spent[0], len(spent)
            mask = settings.masks[0]
            while len(mask.points) < 500:
                point = mask.points.add()
                point.x, point.y, point.radius = 3.0 * len(mask.points), 600.0, 10.0
            settings.active_mask = 0
    screenshot("stroke")
    figures = {"first": [first], "masks": spent[1:rest], "stroke": spent[rest + 1 :]}
    print(figures)
    (FOLDER / "draws.json").write_text(json.dumps(figures))


def add_mask(settings: bpy.types.PropertyGroup, number: int) -> None:
    """A disc somewhere, from a box."""
    width, height = MASK
    mask = settings.masks.add()
    mask.color = tuple(np.random.default_rng(number).random(3))
    middle = np.array((number % 5 + 0.5, number // 5 + 0.5)) / (5, 4)
    mask.use_box = True
    mask.box = [round(edge) for edge in np.concatenate([middle - 0.1, middle + 0.1]) * (*PHOTO, *PHOTO)]
    y, x = np.mgrid[:height, :width]
    inside = np.hypot(x - middle[0] * width, y - (1.0 - middle[1]) * height) < 0.1 * height
    mask.image = bpy.data.images.new(f"mask {number}", width, height, alpha=False)
    pixels = np.repeat(inside[..., None], 4, 2).astype(np.float32)
    pixels[..., 3] = 1.0
    mask.image.pixels.foreach_set(pixels.ravel())


lead(steps())
