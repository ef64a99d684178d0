# SPDX-License-Identifier: GPL-3.0-or-later
"""Where photos come from: a file dropped onto the tab or beside it, a copied file, the scene's own images."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import (
    ARGUMENTS,
    BOUND,
    FOLDER,
    Steps,
    area,
    click,
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
FIRST_FILE = (20, 39)
"""Where the first file's icon is in a file browser's list, in pixels from its top left."""


def in_editor(kind: str, name: str = "WINDOW") -> Any:
    window = bpy.context.window_manager.windows[0]
    return bpy.context.temp_override(window=window, area=area(kind), region=region(kind, name))


def drag(start: tuple[float, float], end: tuple[float, float]) -> Callable[[], bool]:
    """Press the mouse at one place of the screen, move it to another and let go; the condition that this is done."""
    way = [
        (start[0] + (end[0] - start[0]) * part / 10, start[1] + (end[1] - start[1]) * part / 10) for part in range(11)
    ]
    moves = "; sleep 0.1; ".join(f"xdotool mousemove {x:.0f} {y:.0f}" for x, y in way)
    place = f"xdotool mousemove {start[0]:.0f} {start[1]:.0f}; sleep 0.5"
    first = f"{place}; xdotool mousemove_relative 2 1; sleep 0.5; xdotool mousedown 1; sleep 0.3"
    hand = subprocess.Popen(["sh", "-c", f"{first}; {moves}; sleep 0.5; xdotool mouseup 1"])
    return lambda: hand.poll() is not None


def dropped(file: tuple[float, float], place: tuple[float, float], letter: str, arrived: Callable[[], bool]) -> Steps:
    """Drag a file to a place and choose in Blender's menu there, by a letter, until something has arrived.

    A drag by a machine is not always taken as one, above all the first.
    """
    end = time.monotonic() + BOUND
    while not arrived():
        assert time.monotonic() < end, f"never came true: {arrived}"
        yield drag(file, place)
        yield seconds(1.5)
        screenshot(f"1-dropped-{letter}")
        for key in (letter, "Escape"):
            press(key)
            yield seconds(0.7)


def drop() -> Steps:
    """In the viewport and on its tab Blender asks what a photo is to become, for a reference image may be meant."""
    photos = FOLDER / "photos"
    photos.mkdir()
    shutil.copy(PHOTO, photos)
    area("PROPERTIES").ui_type = "FILES"
    yield seconds(1.0)
    browser = area("FILE_BROWSER").spaces.active
    browser.show_region_toolbar = False
    browser.params.directory = f"{photos}/".encode()
    browser.params.display_type = "LIST_VERTICAL"
    yield seconds(1.5)
    left, top, _, _ = screen_box(region("FILE_BROWSER", "WINDOW"))
    file = left + FIRST_FILE[0], top + FIRST_FILE[1]
    settings = bpy.context.scene.sam3d
    click(*file)  # the first press only makes the browser the active editor
    yield seconds(1.5)

    area("VIEW_3D").spaces.active.show_region_ui = False
    yield seconds(1.0)
    _, _, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    place = right - 100, bottom - 150
    yield from dropped(file, place, "a", lambda: len(references()) == 1)  # "Add Empty Image ..."
    assert settings.image is None

    yield from dropped(file, place, "r", lambda: settings.image is not None)  # "Reconstruct ..."
    assert Path(photo().filepath).name == Path(PHOTO).name
    assert len(references()) == 1
    yield lambda: region("VIEW_3D").active_panel_category == "SAM 3D"
    assert area("VIEW_3D").spaces.active.show_region_ui
    yield seconds(1.0)
    screenshot("3-photo-in-panel")


def references() -> list[bpy.types.Object]:
    """The reference images of the scene."""
    return [obj for obj in bpy.context.scene.objects if obj.type == "EMPTY" and obj.empty_display_type == "IMAGE"]


def photo() -> Any:
    """The photo that is chosen now, None without."""
    return bpy.context.scene.sam3d.image


def paste() -> Steps:
    """A copied file's path does; nothing on the clipboard is said."""
    settings, manager = bpy.context.scene.sam3d, bpy.context.window_manager
    settings.image = None
    manager.clipboard = "no path at all"
    with in_editor("VIEW_3D"):
        assert bpy.ops.sam3d.paste_photo() == {"CANCELLED"}
    assert area("VIEW_3D").type == "VIEW_3D"
    manager.clipboard = f"file://{PHOTO}"
    with in_editor("VIEW_3D"):
        assert bpy.ops.sam3d.paste_photo() == {"FINISHED"}
    assert settings.image is not None
    yield seconds(0.1)


def from_scene() -> Steps:
    """The menu has each image of the scene once; the image editor shows what was chosen there."""
    settings = bpy.context.scene.sam3d
    settings.image = None
    background = bpy.data.images.new("Background", 32, 16)
    camera = bpy.context.scene.camera.data
    camera.background_images.new().image = background
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=area("VIEW_3D"), region=region("VIEW_3D")):
        bpy.ops.wm.call_menu(name="SAM3D_MT_from_scene")
    yield seconds(1.0)
    screenshot("4-from-scene")
    press("Escape")
    yield seconds(0.5)
    area("VIEW_3D").type = "IMAGE_EDITOR"
    yield from open_tab("IMAGE_EDITOR")
    with in_editor("IMAGE_EDITOR"):
        assert bpy.ops.sam3d.use_reference(image="Background") == {"FINISHED"}
        assert settings.image == area("IMAGE_EDITOR").spaces.active.image == background
        assert bpy.ops.sam3d.use_reference(image="none") == {"CANCELLED"}
        assert bpy.ops.sam3d.open_photo(filepath=PHOTO) == {"FINISHED"}
        assert area("IMAGE_EDITOR").spaces.active.image == settings.image != background
    yield seconds(1.0)
    screenshot("5-image-editor")


def file_dialog() -> Steps:
    """Open asks for a file."""
    with in_editor("IMAGE_EDITOR"):
        bpy.ops.sam3d.open_photo("INVOKE_DEFAULT")
    yield lambda: len(bpy.context.window_manager.windows) == 2
    yield seconds(1.0)
    screenshot("6-dialog")
    hover(*IN_DIALOG)
    yield seconds(0.5)
    press("Escape")
    yield lambda: len(bpy.context.window_manager.windows) == 1


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    screenshot("0-empty")
    yield from drop()
    yield from paste()
    yield from from_scene()
    yield from file_dialog()


lead(steps())
