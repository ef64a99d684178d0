# SPDX-License-Identifier: GPL-3.0-or-later
"""Room to choose; the list of masks with the mouse; and what may happen while a tool is in hand."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from drawing import (
    arrived,
    at_rest,
    changed,
    drag,
    draws_now,
    masks,
    on_screen,
    over_photo,
    pixels,
    press_and_move,
    take_up,
    tool_in_hand,
)
from steps import (
    ARGUMENTS,
    FOLDER,
    Steps,
    area,
    click,
    install,
    lead,
    open_tab,
    region,
    replace,
    screenshot,
    seconds,
    take_step,
)

ZIP_FILE, PHOTO = ARGUMENTS
SQUARE = [(700, 300), (820, 300), (820, 420), (700, 420)]


def rows() -> Steps:
    """The list with the mouse: a click with Ctrl renames, the eye switches off."""
    sidebar = region("IMAGE_EDITOR")
    bpy.context.scene.sam3d.active_mask = 0
    sidebar.tag_redraw()
    yield seconds(0.5)
    before = screenshot("8-list")
    masks()[1].name = "Ob"
    sidebar.tag_redraw()
    yield seconds(0.5)
    left, top, right, bottom = changed(before, screenshot("8-name"))
    name = left + 20, (top + bottom) / 2
    masks()[1].color = (0.0, 0.0, 1.0)
    # Ctrl and a click open the field as a double click does, on the slowest machine, too
    yield press_and_move([(int(name[0]), int(name[1]))], ["ctrl"])
    subprocess.Popen("xdotool key ctrl+a sleep 0.2 key shift+a p p l e sleep 0.2 key Return".split())
    yield lambda: masks()[1].name == "Apple"
    yield seconds(0.5)
    before = screenshot("8-renamed")
    masks()[1].use = False
    sidebar.tag_redraw()
    yield seconds(0.5)
    *_, right, _bottom = changed(before, screenshot("8-eye"))
    masks()[1].use = True
    press_and_move([(int(right) - 8, int(name[1]))])
    yield lambda: not masks()[1].use
    yield seconds(0.5)
    screenshot("8-switched-off")


def interruptions() -> Steps:
    """Whatever happens to the photo, the editor and the file, the tool stays, and draws over nothing but the photo."""
    settings = bpy.context.scene.sam3d
    space = area("IMAGE_EDITOR").spaces.active
    count = len(masks())
    yield from take_up("BOX", new=True)
    place = on_screen(SQUARE[0]), on_screen(SQUARE[2])
    bpy.data.images.remove(settings.image)
    yield press_and_move(place)
    settings.image = bpy.data.images.load(PHOTO)
    space.image = bpy.data.images.new("another", 64, 64)
    yield seconds(0.3)
    yield press_and_move(place)
    screenshot("9-another-image")
    assert len(masks()) == count and not draws_now() and tool_in_hand() == "sam3d.box"
    with over_photo():
        assert not bpy.ops.sam3d.choose_tool.poll()
        assert bpy.ops.sam3d.choose_in_editor() == {"FINISHED"}  # which shows the photo
    yield seconds(1.0)
    assert space.image == settings.image
    yield from take_up("STROKE", new=True)
    yield drag([(225, 290), (240, 300)])
    yield arrived(count + 1)
    editor = area("IMAGE_EDITOR")
    for kind in ("TEXT_EDITOR", "IMAGE_EDITOR"):
        editor.type = kind
        yield seconds(0.5)
    file = FOLDER / "desk.blend"
    yield from take_up("LASSO", new=True)
    drawn = pixels(2)
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    bpy.ops.wm.read_homefile(app_template="")
    yield seconds(0.5)
    screenshot("9-other-file")
    bpy.ops.wm.open_mainfile(filepath=str(file))
    yield seconds(0.5)
    assert (pixels(2) == drawn).all()
    yield from take_up("LASSO", new=False)
    bpy.context.scene.sam3d.active_mask = 2
    yield drag(SQUARE)
    yield lambda: at_rest() and pixels(2)[360, 760]
    yield from take_step("ctrl+z")
    yield lambda: at_rest() and (pixels(2) == drawn).all()


def room_to_choose() -> Steps:
    """From the 3D viewport: the whole editor shows the photo, large and in view, and one click brings the viewport back
    as it was.
    """
    window, settings = bpy.context.window_manager.windows[0], bpy.context.scene.sam3d
    editors = [(place.x, place.y, place.width, place.height) for place in window.screen.areas]
    space = area("VIEW_3D").spaces.active
    space.shading.type, space.region_3d.view_distance = "WIREFRAME", 7.5
    yield from open_tab("VIEW_3D")
    viewport = area("VIEW_3D")
    for turn in range(2):
        with bpy.context.temp_override(window=window, area=area("VIEW_3D"), region=region("VIEW_3D")):
            assert bpy.ops.sam3d.choose_in_editor() == {"FINISHED"}
        yield lambda: region("IMAGE_EDITOR").active_panel_category == "SAM 3D"
        yield seconds(1.0)
        screenshot("10-chosen")
        editor = area("IMAGE_EDITOR")
        assert tool_in_hand() == "sam3d.box"
        assert editor == viewport and editor.spaces.active.image == settings.image
        assert [(place.x, place.y, place.width, place.height) for place in window.screen.areas] == editors
        (left, top), (right, bottom) = on_screen((0, 0)), on_screen(tuple(settings.image.size))
        room = region("IMAGE_EDITOR").x - editor.x
        assert editor.x <= left < right <= editor.x + room + 1  # all of it, beside the sidebar
        assert right - left > 0.85 * room or bottom - top > 0.85 * editor.height
        if turn:
            return
        before = screenshot("10-way-back")
        settings.image = None  # there is nothing to choose: the way back goes from the header
        yield seconds(0.7)
        begin, high, _, low = changed(before, screenshot("10-no-way-back"), "HEADER")
        settings.image = editor.spaces.active.image
        yield seconds(0.7)
        click(begin + 30, (high + low) / 2)
        yield lambda: viewport.type == "VIEW_3D"
        space = viewport.spaces.active
        assert (space.shading.type, space.region_3d.view_distance) == ("WIREFRAME", 7.5)
        assert region("VIEW_3D").active_panel_category == "SAM 3D"


def failure() -> Steps:
    """What shows nothing is told in the list, and taken back."""
    from bl_ext.user_default.sam3d.engine.selection import SelectionError, Selector
    from bl_ext.user_default.sam3d.runtime.state import runtime

    def nothing(_selector: object, _prompts: object) -> None:
        raise SelectionError("Nothing stands out there: draw closer around the subject, or paint the mask.")

    candidates = Selector.candidates
    replace(Selector, "candidates", nothing)  # what is plain to one selection is a thing to another
    yield from take_up("BOX", new=True)
    yield drag([(640, 20), (660, 10)])
    yield lambda: len(masks()) == 1 and bool(runtime().masks.problem(masks()[0].drawn))
    replace(Selector, "candidates", candidates)
    yield seconds(0.5)
    screenshot("11-failure")
    assert masks()[0].image is None
    yield from take_step("ctrl+z")
    yield lambda: not masks()


def steps() -> Steps:
    install(ZIP_FILE)
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    yield from room_to_choose()
    bpy.ops.ed.undo_push(message="Choose the photo")
    yield from open_tab("IMAGE_EDITOR")
    yield from failure()
    yield from take_up("LASSO", new=True)
    for count in (1, 2, 3):
        yield drag([(x - 200 * count, y) for x, y in SQUARE])
        yield arrived(count)
    yield from rows()
    yield from interruptions()


lead(steps())
