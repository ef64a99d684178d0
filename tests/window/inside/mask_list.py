# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of masks with the mouse; and what may happen while a tool is in hand."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from drawing import arrived, at_rest, changed, drag, masks, pixels, press_and_move, take_up, tools_in_hand
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


def steps() -> Steps:
    install(ZIP_FILE)
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    area("VIEW_3D").type = "IMAGE_EDITOR"
    bpy.ops.ed.undo_push(message="Choose the photo")
    yield from open_tab("IMAGE_EDITOR")
    yield from take_up("LASSO", new=True)
    for count in (1, 2, 3):
        yield drag([(x - 200 * count, y) for x, y in SQUARE])
        yield arrived(count)
    press("Escape")
    yield from rows()
    yield from interruptions()


lead(steps())
