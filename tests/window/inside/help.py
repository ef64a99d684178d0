# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's menus, its search, and F1, from its own defaults: where an artist finds the add-on and its guide."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import (
    ARGUMENTS,
    FOLDER,
    Steps,
    area,
    find_button,
    hover,
    install,
    lead,
    open_tab,
    press,
    region,
    screen_box,
    screenshot,
    seconds,
)

ZIP_FILE, PHOTO = ARGUMENTS
IN_DIALOG = (600, 250)
"""A place of the screen that Blender's file dialog covers."""
OPENED = FOLDER / "opened.txt"
"""Where the browser of this test writes the addresses that it is to open."""


def stand_in_for_browser() -> None:
    """Let Blender find a browser that only notes what it is to open."""
    browser = FOLDER / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> "{OPENED}"\n')
    browser.chmod(0o755)
    os.environ["BROWSER"] = f"{browser} %s"


def within(kind: str) -> Any:
    """The context of an editor's main region; for a `with`."""
    window = bpy.context.window_manager.windows[0]
    return bpy.context.temp_override(window=window, area=area(kind), region=region(kind, "WINDOW"))


def dialog() -> Callable[[], bool]:
    """A condition: Blender asks for a photo's file."""

    def is_open() -> bool:
        windows = bpy.context.window_manager.windows
        spaces = [space for window in windows for space in (window.screen.areas[0].spaces.active,)]
        asked = [space.active_operator for space in spaces if space.type == "FILE_BROWSER"]
        return any(operator is not None and operator.bl_idname == "SAM3D_OT_open_photo" for operator in asked)

    return is_open


def typed(words: str) -> Callable[[], bool]:
    """Type on the keyboard; the condition that this is done."""
    hand = subprocess.Popen(["xdotool", "type", "--delay", "80", words])
    return lambda: hand.poll() is not None


def search() -> Steps:
    """Blender's menu search finds it by the words that come to one's mind."""
    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    for words in ("reconstruct", "photo", "3d objects"):
        hover((left + right) / 2, (top + bottom) / 2)
        yield seconds(0.5)
        with within("VIEW_3D"):
            bpy.ops.wm.search_menu("INVOKE_DEFAULT")
        yield seconds(1.0)
        yield typed(words)
        yield seconds(1.0)
        screenshot(f"search-{words.replace(' ', '-')}")
        press("Return")
        yield dialog()
        hover(*IN_DIALOG)
        yield seconds(1.0)
        press("Escape")
        yield lambda: len(bpy.context.window_manager.windows) == 1
        yield seconds(0.5)


def menus() -> Steps:
    """They are drawn; a reference image and the image editor's become the photo, and the tab comes into view."""
    settings = bpy.context.scene.sam3d
    with within("VIEW_3D"):
        bpy.ops.object.empty_image_add(filepath=PHOTO)
    shown = (
        ("VIEW_3D", "VIEW3D_MT_image_add"),
        ("VIEW_3D", "TOPBAR_MT_file_import"),
        ("VIEW_3D", "VIEW3D_MT_object_context_menu"),
    )
    for kind, menu in shown:
        with within(kind):
            bpy.ops.wm.call_menu(name=menu)
        yield seconds(1.0)
        screenshot(menu)
        press("Escape")
        yield seconds(0.5)
    assert not area("VIEW_3D").spaces.active.show_region_ui
    with within("VIEW_3D"):
        assert bpy.ops.sam3d.use_reference("INVOKE_DEFAULT", image=Path(PHOTO).name) == {"FINISHED"}
    yield lambda: region("VIEW_3D").active_panel_category == "SAM 3D"
    assert settings.image.name == Path(PHOTO).name
    settings.image = None
    area("VIEW_3D").ui_type = "IMAGE_EDITOR"
    yield seconds(0.5)
    area("IMAGE_EDITOR").spaces.active.image = bpy.data.images[Path(PHOTO).name]
    with within("IMAGE_EDITOR"):
        bpy.ops.wm.call_menu(name="IMAGE_MT_image")
    yield seconds(1.0)
    screenshot("IMAGE_MT_image")
    press("Escape")
    yield seconds(0.5)
    with within("IMAGE_EDITOR"):
        assert bpy.ops.sam3d.use_editor_image("INVOKE_DEFAULT") == {"FINISHED"}
    yield lambda: region("IMAGE_EDITOR").active_panel_category == "SAM 3D"
    assert settings.image is not None
    area("IMAGE_EDITOR").ui_type = "VIEW_3D"
    yield seconds(0.5)


def manual() -> Steps:
    """F1 over the button opens the guide at what it does; presets are listed.

    No function key gets through to the virtual screen, so another one stands for it.
    """
    keys = bpy.context.window_manager.keyconfigs.user.keymaps["Window"].keymap_items
    keys["wm.doc_view_manual_ui_context"].type = "J"
    yield from open_tab("VIEW_3D")
    button = yield from find_button("VIEW_3D")
    hover(*button)
    yield seconds(1.0)
    press("j")
    yield OPENED.exists
    address = OPENED.read_text().split()[0]
    assert address.startswith("http://127.0.0.1:") and address.endswith("/guide.html#the-first-object"), address
    with within("VIEW_3D"):
        bpy.ops.wm.call_panel(name="SAM3D_PT_presets")
    yield seconds(1.0)
    screenshot("presets")
    press("Escape")
    yield seconds(0.5)


def steps() -> Steps:
    stand_in_for_browser()
    install(ZIP_FILE)
    yield seconds(0.5)
    yield from search()
    yield from menus()
    yield from manual()


lead(steps())
