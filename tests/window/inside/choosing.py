# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects are shown on the photo with the mouse, and become masks."""

import subprocess
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from drawing import (
    arrived,
    at_rest,
    changed,
    drag,
    draws_now,
    likeness,
    masks,
    on_screen,
    pixels,
    take_up,
    tool_in_hand,
)
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from steps import (
    ARGUMENTS,
    Steps,
    area,
    click,
    hover,
    install,
    lead,
    press,
    region,
    screenshot,
    seconds,
    take_step,
)

ZIP_FILE, PHOTO, TEAPOT = ARGUMENTS
TEAPOT_BOX = ((380.0, 380.0), (870.0, 710.0))
"""Corners around the teapot, in pixels of the photo."""


def teapot() -> NDArray[np.bool_]:
    """The true mask."""
    return np.asarray(Image.open(TEAPOT).convert("L")) > 127


def is_in_hand(tool: str) -> bool:
    """Whether the editor's active tool is this one."""
    return tool_in_hand() == tool


def is_masked(number: int, row: int, column: int) -> bool:
    """Whether a mask has a pixel, with nothing at work."""
    return at_rest() and bool(pixels(number)[row, column])


def lay_down() -> Steps:
    """The editor's own tool again, as it is drawn."""
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=area("IMAGE_EDITOR")):
        bpy.ops.wm.tool_set_by_id(name="builtin.sample")
    yield seconds(0.5)


def ways_to_a_tool() -> Steps:
    """The toolbar's button and the panel's are found by how they look when their tool is in hand, and pressed with the
    mouse; a key takes a tool up as well.
    """
    for name in ("TOOLS", "UI"):
        yield from take_up("BOX", new=True)
        yield seconds(0.5)
        in_hand = screenshot(f"0-in-hand-{name}")
        yield from take_up("LASSO", new=True)
        yield seconds(0.5)
        left, top, right, _ = changed(in_hand, screenshot(f"0-other-{name}"), name)
        yield from lay_down()
        box = (left + right) / 2 if name == "TOOLS" else left + 20
        click(box, top + 10)  # the first of the two that look otherwise
        yield partial(is_in_hand, "sam3d.box")
    hover(*on_screen((640, 480)))
    yield seconds(0.3)
    for key, tool in (("l", "lasso"), ("s", "stroke"), ("p", "points"), ("b", "box")):
        press(key)
        yield partial(is_in_hand, f"sam3d.{tool}")


def box() -> Steps:
    """A box is dragged, and another one: the tool stays in hand."""
    yield from ways_to_a_tool()
    done = drag([TEAPOT_BOX[0], *[(600, 500)] * 30, TEAPOT_BOX[1]])
    yield seconds(1.2)
    screenshot("1-rubber-band")
    yield done
    yield arrived(1)
    yield seconds(0.5)
    screenshot("1-box")
    assert likeness(pixels(0), teapot()) > 0.75, likeness(pixels(0), teapot())
    yield drag([(145, 175), (306, 350)])  # the apple
    yield arrived(2)
    yield seconds(0.5)
    screenshot("2-second-box")
    assert pixels(1)[265, 225]
    assert not pixels(1)[960 - 265, 225]


def points() -> Steps:
    """A click makes an object; with Ctrl it says what does not belong to it, with Shift what does."""
    yield from take_up("POINTS", new=True)
    yield drag([(150, 620)])  # the notebook
    yield arrived(3)
    assert pixels(2)[620, 150]
    (point,) = masks()[2].points
    assert abs(point.x - 150) < 2 and abs(point.y - 620) < 2 and point.inside and not point.radius
    yield drag([(150, 860)], "ctrl")  # the table
    yield lambda: len(masks()[2].points) == 2 and at_rest()
    assert not pixels(2)[860, 150]
    assert not masks()[2].points[1].inside
    yield drag([(280, 650)], "shift")
    yield lambda: len(masks()[2].points) == 3 and at_rest()
    assert pixels(2)[650, 280]
    yield seconds(0.5)
    screenshot("3-points")
    assert len(masks()) == 3
    bpy.context.scene.sam3d.active_mask = 0
    yield from take_up("POINTS", new=False)
    yield drag([(410, 660)], "ctrl")  # the table beside the teapot
    yield lambda: len(masks()[0].points) == 1 and at_rest()
    yield drag([(620, 550)])
    yield lambda: len(masks()[0].points) == 2 and at_rest()
    assert [point.inside for point in masks()[0].points] == [False, True]
    assert not pixels(0)[660, 410] and pixels(0)[550, 620]
    assert likeness(pixels(0), teapot()) > 0.8, likeness(pixels(0), teapot())


def strokes() -> Steps:
    """A brush over the object, another with Ctrl over what is not; brackets change its size."""
    yield from take_up("STROKE", new=True)
    for key in ("bracketright", "bracketright", "bracketleft"):
        press(key)
        yield seconds(0.3)
    middle = on_screen((500, 600))
    subprocess.Popen(f"xdotool mousemove {middle[0]} {middle[1]} sleep 0.3 key f sleep 0.3".split()).wait(10)
    yield seconds(0.3)
    hover(middle[0] + 60, middle[1])
    yield seconds(0.5)
    screenshot("4-brush-size")
    press("Escape")  # the size is as it was
    yield seconds(0.3)
    yield drag([(190, 250), (230, 300), (265, 240), (215, 230)])  # the apple
    yield arrived(4)
    radii = {round(point.radius, 3) for point in masks()[3].points}
    assert len(radii) == 1 and len(masks()[3].points) > 8
    zoom = region("IMAGE_EDITOR", "WINDOW").view2d.view_to_region(1.0, 0.0)[0]
    zoom = (zoom - region("IMAGE_EDITOR", "WINDOW").view2d.view_to_region(0.0, 0.0)[0]) / 1280
    radius = radii.pop() * zoom
    assert abs(radius - 20 * 1.15) < 0.2, radius
    assert pixels(3)[270, 205] and pixels(3)[270, 250]
    yield drag([(100, 380), (230, 400), (330, 380)], "ctrl")  # the book below it
    yield lambda: not all(point.inside for point in masks()[3].points) and at_rest()
    assert pixels(3)[270, 205] and not pixels(3)[390, 165]
    yield seconds(0.5)
    screenshot("4-stroke")
    assert len(masks()) == 4


def lassos() -> Steps:
    """Outlines are exact, at any zoom; what is added by clicking leaves the rest as it was drawn."""
    yield from take_up("LASSO", new=True)
    before = on_screen((1280, 960))
    subprocess.run(["xdotool", "click", "--repeat", "2", "--delay", "100", "4"], check=True)
    yield lambda: on_screen((1280, 960)) != before  # the wheel zooms while the tool is in hand
    yield seconds(0.5)
    first = [(400, 400), (600, 400), (600, 560), (400, 560)]
    yield drag([*first, first[0]])
    yield arrived(5)
    assert likeness(pixels(4), filled(first)) > 0.97
    second, third = [(560, 450), (700, 450), (630, 600)], [(380, 500), (480, 500), (480, 600), (380, 600)]
    yield drag(second, "shift")
    yield lambda: at_rest() and pixels(4)[470, 650]
    assert likeness(pixels(4), filled(first) | filled(second)) > 0.97
    done = drag([*third[:3], *third[2:3] * 30, third[3]], "ctrl")
    yield seconds(1.2)
    screenshot("5-lasso-line")
    yield done
    yield lambda: at_rest() and not pixels(4)[520, 440]
    wanted = (filled(first) | filled(second)) & ~filled(third)
    assert likeness(pixels(4), wanted) > 0.97
    yield seconds(0.3)
    screenshot("5-lasso")
    assert not masks()[4].has_prompts and len(masks()) == 5
    drawn = pixels(4)
    subprocess.run(["xdotool", "click", "--repeat", "2", "--delay", "100", "5"], check=True)
    yield seconds(0.5)
    yield from take_up("POINTS", new=False)
    yield drag([(150, 620)])
    yield lambda: at_rest() and pixels(4)[620, 150]
    assert (pixels(4) & drawn).sum() == drawn.sum()
    yield drag([(150, 620)], "ctrl")
    yield lambda: at_rest() and not pixels(4)[620, 150]
    assert pixels(4)[450, 500]


def filled(polygon: list[tuple[int, int]]) -> NDArray[np.bool_]:
    """What a polygon covers of the photo."""
    image = Image.new("1", (1280, 960))
    ImageDraw.Draw(image).polygon(polygon, fill=1)
    return np.asarray(image)


def undo_and_redo() -> Steps:
    """Each gesture is one step, and masks follow."""
    yield from take_up("LASSO", new=False)
    outlines = [[(left, 300), (left + 120, 300), (left + 120, 420), (left, 420)] for left in (700, 900, 1000)]
    for outline in outlines[:2]:
        yield drag(outline)
        yield partial(is_masked, 4, 360, outline[0][0] + 60)
    assert likeness(pixels(4), filled(outlines[1])) > 0.93
    yield from take_step("ctrl+z")
    yield lambda: pixels(4)[360, 760]
    assert likeness(pixels(4), filled(outlines[0])) > 0.93
    yield drag(outlines[2])
    yield lambda: at_rest() and pixels(4)[360, 1060]
    yield from take_step("ctrl+z")
    yield lambda: pixels(4)[360, 760]
    yield from take_step("ctrl+z")
    yield lambda: pixels(4)[450, 500]  # what it was before the tool
    screenshot("6-taken-back")
    done = drag([*outlines[0], *outlines[0][-1:] * 20, outlines[0][0]])
    yield draws_now
    press("Escape")
    yield lambda: not draws_now()
    yield done
    yield seconds(0.3)
    assert tool_in_hand() == "sam3d.lasso"
    assert pixels(4)[450, 500] and len(masks()) == 5
    for count in (4, 3):
        while len(masks()) > count:
            yield from take_step("ctrl+z")
    screenshot("7-undone")
    assert pixels(0)[550, 620] and not pixels(0)[660, 410]
    while len(masks()) < 5:
        yield from take_step("ctrl+shift+z")
    for _ in range(4):  # the lasso's and the points' further gestures
        yield from take_step("ctrl+shift+z")
    yield lambda: at_rest() and masks()[4].image is not None
    assert pixels(4)[450, 500] and not pixels(4)[520, 440]


def steps() -> Steps:
    install(ZIP_FILE)
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=area("VIEW_3D")):
        assert bpy.ops.sam3d.choose_in_editor() == {"FINISHED"}
    yield lambda: region("IMAGE_EDITOR").active_panel_category == "SAM 3D"
    bpy.ops.ed.undo_push(message="Choose the photo")
    yield seconds(0.5)
    yield from box()
    yield from points()
    yield from strokes()
    yield from lassos()
    yield from undo_and_redo()


lead(steps())
