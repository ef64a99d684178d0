# SPDX-License-Identifier: GPL-3.0-or-later
"""The same photo, stored in each of the ways in which it can lie, looked at through the camera that is found for it."""

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from PIL import Image
from steps import (
    ARGUMENTS,
    FOLDER,
    Steps,
    area,
    in_window,
    install,
    lead,
    region,
    runtime,
    screen_box,
    screenshot,
    seconds,
)

LYING = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How an upright photo is turned for each orientation of EXIF."""
ORIENTATION = 0x0112
MOST = 8.0
"""Of 255, by which pixels may differ in the mean: turned, they are between others."""


def steps() -> Steps:
    zip_file, photo = ARGUMENTS
    install(zip_file)
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    area("VIEW_3D").spaces.active.overlay.show_overlays = False
    area("VIEW_3D").spaces.active.show_gizmo = False
    settings = bpy.context.scene.sam3d
    seen = []
    for orientation, file in stored(Path(photo)):
        settings.image = bpy.data.images.load(str(file))
        with in_window():
            assert bpy.ops.sam3d.match_camera() == {"FINISHED"}
        yield lambda: not runtime().matching.busy
        assert settings.match.orientation == orientation
        view = {"area": area("VIEW_3D"), "region": region("VIEW_3D", "WINDOW")}
        with in_window(), bpy.context.temp_override(**view):
            assert bpy.ops.sam3d.look_through() == {"FINISHED"}
        yield seconds(1.0)
        with Image.open(screenshot(f"orientation-{orientation}")) as screen:
            seen.append(np.asarray(screen.convert("RGB").crop(screen_box(view["region"])), np.float64))
    assert seen[0].std() > MOST
    for other in seen[1:]:
        assert np.abs(other - seen[0]).mean() < MOST


def stored(photo: Path) -> Iterator[tuple[int, Path]]:
    """Files of a photo that are all the same when they are upright, with their orientations."""
    with Image.open(photo) as image:
        upright = image.convert("RGB").resize((800, 600))
    for orientation in (1, *LYING):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        lying = upright.transpose(LYING[orientation]) if orientation in LYING else upright
        file = FOLDER / f"lying-{orientation}.jpg"
        lying.save(file, exif=exif, quality=95)
        yield orientation, file


lead(steps())
