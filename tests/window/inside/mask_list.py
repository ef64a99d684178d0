# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of masks with the mouse; and what may happen while a tool is in hand."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from drawing import arrived, at_rest, changed, drag, masks, on_screen, pixels, press_and_move, take_up, tools_in_hand
from steps import ARGUMENTS, FOLDER, Steps, area, hover, install, lead, open_tab, press, region, screenshot, seconds

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
    """Whatever happens to the photo, the editor and the file, the tool ends by itself; typing goes where it belongs."""
    settings = bpy.context.scene.sam3d
    yield from take_up("BOX", new=True)
    bpy.data.images.remove(settings.image)
    press("F13")  # any event
    yield lambda: not tools_in_hand()
    settings.image = bpy.data.images.load(PHOTO)
    yield from take_up("LASSO", new=True)
    yield from take_up("STROKE", new=True)  # another tool
    yield lambda: tools_in_hand() == ["STROKE"]
    count = len(masks())
    yield drag([(225, 290), (240, 300)])
    yield arrived(count + 1)
    yield drag([(200, 250), (240, 300)], "Escape")  # pressed before the drag: it ends the tool
    yield lambda: not tools_in_hand()
    assert len(masks()) == count + 1
    yield from take_up("BOX", new=True)
    area("IMAGE_EDITOR").type = "VIEW_3D"
    hover(300, 300)
    yield lambda: not tools_in_hand()
    assert bpy.context.workspace.status_text_set  # it can still be drawn
    screenshot("9-other-editor")
    area("VIEW_3D").type = "IMAGE_EDITOR"
    yield seconds(0.5)
    file = FOLDER / "desk.blend"
    yield from take_up("LASSO", new=True)
    drawn = pixels(2)
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    bpy.ops.wm.read_homefile(app_template="")
    yield seconds(0.5)
    assert not tools_in_hand()
    screenshot("9-other-file")
    bpy.ops.wm.open_mainfile(filepath=str(file))
    yield seconds(0.5)
    assert (pixels(2) == drawn).all()
    yield from take_up("LASSO", new=False)
    settings = bpy.context.scene.sam3d
    settings.active_mask = 2
    yield drag(SQUARE)
    yield lambda: at_rest() and pixels(2)[360, 760]
    press("BackSpace")
    yield lambda: at_rest() and (pixels(2) == drawn).all()


def choose_in_editor() -> Steps:
    """From the 3D viewport: its left half becomes an image editor; one that is open serves the next time."""
    window = bpy.context.window_manager.windows[0]
    settings = bpy.context.scene.sam3d
    viewport, editors = area("VIEW_3D"), len(window.screen.areas)
    yield from open_tab("VIEW_3D")
    yield seconds(0.5)
    screenshot("10-viewport")
    for _ in range(2):
        sidebar = region("VIEW_3D")
        with bpy.context.temp_override(window=window, area=area("VIEW_3D"), region=sidebar):
            assert bpy.ops.sam3d.choose_in_editor() == {"FINISHED"}
        yield lambda: region("IMAGE_EDITOR").active_panel_category == "SAM 3D"
        yield seconds(1.0)
        editor = area("IMAGE_EDITOR")
        assert len(window.screen.areas) == editors + 1
        assert editor.spaces.active.image == settings.image and editor.x < viewport.x
        (left, _), (right, _) = on_screen((0, 0)), on_screen(tuple(settings.image.size))
        assert editor.x <= left < right <= region("IMAGE_EDITOR").x + 1  # all of it, beside the sidebar
        editor.spaces.active.image = None
        screenshot("10-chosen")


def failure() -> Steps:
    """What shows nothing is told in the list, and taken back."""
    from bl_ext.user_default.sam3d.runtime.state import runtime

    yield from take_up("BOX", new=True)
    yield drag([(640, 20), (660, 10)])  # plain wall: nothing to be told apart
    yield lambda: len(masks()) == 1 and bool(runtime().masks.problem(masks()[0].drawn))
    yield seconds(0.5)
    screenshot("11-failure")
    assert masks()[0].image is None
    press("BackSpace")
    yield lambda: not masks()
    press("Escape")
    yield lambda: not tools_in_hand()


def steps() -> Steps:
    install(ZIP_FILE)
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    yield from choose_in_editor()
    area("VIEW_3D").type = "OUTLINER"
    bpy.ops.ed.undo_push(message="Choose the photo")
    yield from open_tab("IMAGE_EDITOR")
    yield from failure()
    yield from take_up("LASSO", new=True)
    for count in (1, 2, 3):
        yield drag([(x - 200 * count, y) for x, y in SQUARE])
        yield arrived(count)
    press("Escape")
    yield from rows()
    yield from interruptions()


lead(steps())
