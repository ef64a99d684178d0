# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines are dragged along edges of a photo, and its camera follows them."""

import subprocess
import sys
from math import asin, atan2, cos, degrees, log, radians, sin
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from drawing import drag, on_screen, over_photo, tool_in_hand
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from steps import (
    ARGUMENTS,
    FOLDER,
    Steps,
    area,
    hover,
    install,
    lead,
    open_tab,
    press,
    screenshot,
    seconds,
    take_step,
)

(ZIP_FILE,) = ARGUMENTS
WIDTH, HEIGHT, LENS = 960, 640, 32.0
PITCH, ROLL, TURN = radians(24.0), radians(2.0), radians(35.0)
EYE = np.array([0.0, -6.0, 3.0])
CORNERS = ((-1.6, -1.3), (1.6, 1.3))
"""Of a box on the floor, by which it is turned."""
BOX = (195, 160, 785, 520)
"""Around the box, in pixels of the photo."""
NEAR = 4.0
"""Pixels of the photo within which the mouse can be told to be."""
Place = tuple[float, float]


def pixel(x: float, y: float, z: float = 0.0) -> Place:
    """Where the photo's true camera sees a place of the floor's frame, which is turned."""
    focal = LENS / 36.0 * WIDTH
    world = np.array([x * cos(TURN) - y * sin(TURN), x * sin(TURN) + y * cos(TURN), z]) - EYE
    forward = np.array([0.0, cos(PITCH), -sin(PITCH)])
    up = np.array([0.0, sin(PITCH), cos(PITCH)])
    right = np.array([1.0, 0.0, 0.0])
    right, up = cos(ROLL) * right + sin(ROLL) * up, cos(ROLL) * up - sin(ROLL) * right
    depth = world @ forward
    return WIDTH / 2 + focal * (world @ right) / depth, HEIGHT / 2 - focal * (world @ up) / depth


def make_photo(path: Path) -> None:
    """A box on a floor of planks, seen by the true camera."""
    photo = Image.new("RGB", (WIDTH, HEIGHT), (150, 165, 180))
    draw = ImageDraw.Draw(photo)
    far = [pixel(x, y) for x, y in ((-4, -4), (4, -4), (4, 4), (-4, 4))]
    draw.polygon(far, fill=(120, 90, 70))
    for place in np.arange(-4.0, 4.5, 0.5):
        draw.line([pixel(-4, place), pixel(4, place)], fill=(80, 60, 45), width=2)
    (x1, y1), (x2, y2) = CORNERS
    for face, shade in (
        (((x1, y1, 0), (x1, y2, 0), (x1, y2, 1), (x1, y1, 1)), (200, 190, 170)),
        (((x1, y1, 0), (x2, y1, 0), (x2, y1, 1), (x1, y1, 1)), (225, 215, 195)),
        (((x1, y1, 1), (x2, y1, 1), (x2, y2, 1), (x1, y2, 1)), (245, 240, 225)),
    ):
        draw.polygon([pixel(*corner) for corner in face], fill=shade)
    photo.save(path)


def match() -> Any:
    """What the scene remembers of the photo, as it is now: undo makes it anew."""
    (found,) = bpy.context.scene.sam3d.matches
    return found


def seen() -> tuple[float, float, float]:
    """Pitch and roll in degrees, and the lens, of the camera that was made."""
    bpy.context.view_layer.update()
    camera = match().camera
    axes = camera.matrix_world.to_3x3().normalized()
    return -degrees(asin(-axes.col[2].z)), degrees(atan2(axes.col[0].z, axes.col[1].z)), camera.data.lens


def draw_line(start: tuple[float, ...], end: tuple[float, ...]) -> Steps:
    """Drag along an edge of the box or the floor."""
    first, last = np.array(pixel(*start)), np.array(pixel(*end))
    count = len(guides())
    yield drag([tuple(first + (last - first) * share) for share in (0.0, 0.3, 0.7, 1.0)])
    yield lambda: len(guides()) == count + 1


def guides() -> list[tuple[float, ...]]:
    """The ends of the photo's guides."""
    matches = bpy.context.scene.sam3d.matches
    return [(guide.x1, guide.y1, guide.x2, guide.y2) for guide in matches[0].guides] if matches else []


def axes() -> list[str]:
    """Theirs."""
    return [guide.axis for guide in match().guides]


def is_true(found: tuple[float, float, float]) -> bool:
    """Whether a camera is the photo's, within what a mouse can tell."""
    pitch, roll, lens = found
    return abs(pitch - degrees(PITCH)) < 2 and abs(roll - degrees(ROLL)) < 2 and abs(log(lens / LENS)) < 0.05


def two_pairs() -> Steps:
    """The first pair leaves the lens open, the second is drawn without choosing its axis, from where others end; undo
    takes it back.
    """
    (x1, y1), (x2, y2) = CORNERS
    yield from draw_line((x1, y1, 1), (x2, y1, 1))
    yield from draw_line((x1, y2, 1), (x2, y2, 1))
    yield seconds(0.3)
    screenshot("2-one-pair")
    yield from draw_line((x1, y1 + 0.1, 0), (x1, y2, 0))
    before = seen()
    assert not is_true(before)
    yield from draw_line((x2, y1, 1), (x2, y2 - 0.1, 1))
    assert axes() == ["X", "X", "Y", "Y"]
    hover(*on_screen(pixel(x2, y2 - 0.1, 1)))
    yield seconds(0.5)
    screenshot("3-two-pairs")
    assert is_true(seen()), seen()
    yield from take_step("ctrl+z")
    assert axes() == ["X", "X", "Y"] and np.allclose(seen(), before, atol=0.01), (axes(), seen(), before)
    yield from take_step("ctrl+shift+z")
    assert axes() == ["X", "X", "Y", "Y"] and is_true(seen())


def handles() -> Steps:
    """An end is dragged, a drag is left, a line begins at another's end; lines are taken away."""
    (x1, y1), (x2, _) = CORNERS
    corner, aside = pixel(x1, y1, 1), (pixel(x1, y1, 1)[0] - 60, pixel(x1, y1, 1)[1] + 70)
    yield drag([corner, aside, aside])
    yield lambda: np.hypot(guides()[0][0] - aside[0], guides()[0][1] - aside[1]) < NEAR
    assert len(axes()) == 4 and not is_true(seen())
    yield drag([aside, (500, 400), corner, corner])
    yield lambda: is_true(seen())
    before = guides()
    subprocess.run(["xdotool", "mousemove", *map(str, on_screen(corner)), "mousedown", "1"], check=True, timeout=30)
    yield seconds(0.3)
    hover(*on_screen((500, 300)))
    yield lambda: guides() != before
    screenshot("4-while-dragged")
    subprocess.run(["xdotool", "click", "3", "mouseup", "1"], check=True, timeout=30)
    yield lambda: guides() == before
    assert is_true(seen())
    yield drag([corner, (520, 200), (600, 120)], "shift")
    yield lambda: len(axes()) == 5
    assert guides()[:4] == before
    yield drag([pixel(x1, y1, 1), pixel(x1, y1, 1)])  # a slip of the hand
    yield drag([(560, 160)], "ctrl")
    yield lambda: guides() == before
    hover(*on_screen(pixel(x2, 0.3 * y1, 1)))
    yield seconds(0.3)
    press("x")
    yield lambda: len(axes()) == 3
    yield from take_step("ctrl+z")
    assert guides() == before and is_true(seen())


def horizon() -> Steps:
    """It is one line, drawn anew."""
    bpy.context.window_manager.sam3d_drawing.guide_axis = "HORIZON"
    for height in (30, 90):
        yield drag([(100, height), (500, height), (860, height)])
        yield lambda height=height: abs(guides()[-1][1] - height) < NEAR  # type: ignore[misc]
    assert axes() == ["X", "X", "Y", "Y", "HORIZON"]
    yield seconds(0.3)
    screenshot("8-horizon")


def kept_in_file() -> Steps:
    """Saved and opened again."""
    before, camera = guides(), seen()
    file = str(FOLDER / "kept.blend")
    with over_photo():
        bpy.ops.wm.save_as_mainfile(filepath=file)
        bpy.ops.wm.open_mainfile(filepath=file)
    yield lambda: bpy.data.filepath == file
    yield seconds(1.0)
    screenshot("9-reloaded")
    assert guides() == before and np.allclose(seen(), camera, atol=1e-4)
    with over_photo():
        assert bpy.ops.sam3d.clear_guides() == {"FINISHED"}
    assert not guides()


def what_stands_there() -> Steps:
    """A result follows an end that is dragged, at once and as it is fitted; one undo takes all of that back."""
    settings = bpy.context.scene.sam3d
    draw_box = settings.masks.add()
    draw_box.name, draw_box.use_box, draw_box.box = "Box", True, BOX
    with over_photo():
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    yield lambda: any("sam3d_job" in obj for obj in bpy.context.scene.objects) and not pump_is_busy()
    screenshot("6-placed")
    before = place_of_box()
    corner = pixel(CORNERS[0][0], CORNERS[0][1], 1)
    lines = guides()
    yield drag([corner, (corner[0] - 5, corner[1] + 7), (corner[0] - 10, corner[1] + 14)])
    yield lambda: guides() != lines
    at_once = place_of_box()
    yield lambda: not pump_is_busy()
    assert not np.allclose(at_once, before, atol=1e-4), "it did not follow"
    screenshot("7-followed")
    yield from take_step("ctrl+z")
    assert np.allclose(place_of_box(), before, atol=1e-5), (place_of_box(), before)
    assert axes() == ["X", "X", "Y", "Y"] and is_true(seen())


def place_of_box() -> NDArray[np.float64]:
    """The matrix (4, 4) of the result."""
    bpy.context.view_layer.update()
    (box,) = (obj for obj in bpy.context.scene.objects if "sam3d_job" in obj)
    return np.array(box.matrix_world)


def pump_is_busy() -> bool:
    """Whether anything is left to watch."""
    from bl_ext.user_default.sam3d.runtime import pump

    return bool(pump.busy())


def steps() -> Steps:
    install(ZIP_FILE)
    make_photo(FOLDER / "photo.png")
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(str(FOLDER / "photo.png"))
    settings.placement = "PHOTO"
    yield from open_tab("VIEW_3D")
    screenshot("0-viewport")
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=area("VIEW_3D")):
        assert bpy.ops.sam3d.draw_guides() == {"FINISHED"}
    yield lambda: tool_in_hand() == "sam3d.guides"
    yield seconds(0.7)
    screenshot("1-tool")
    yield from two_pairs()
    yield from handles()
    yield from what_stands_there()
    yield from horizon()
    yield from kept_in_file()


lead(steps())
