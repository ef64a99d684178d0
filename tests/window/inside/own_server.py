# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own server as an artist meets it: the test in the preferences, progress with its stage, the model."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from preferences_editor import check_connection, show_preferences
from steps import ARGUMENTS, Steps, all_preferences, area, install, lead, open_tab, screenshot, seconds

ZIP_FILE, PHOTO, ADDRESS = ARGUMENTS


def draw(name: str, kind: str = "VIEW_3D") -> Steps:
    """An editor drawn anew, and a picture of the screen."""
    for part in area(kind).regions:
        part.tag_redraw()
    yield seconds(0.8)
    screenshot(name)


def tells(server: Any, words: str) -> Steps:
    """The panel says this before anything is sent, without being asked."""
    for part in area("VIEW_3D").regions:
        part.tag_redraw()  # as what the mouse does would
    yield lambda: words in server.words(bpy.context.scene.sam3d.kind)


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    from bl_ext.user_default.sam3d.runtime import pump
    from bl_ext.user_default.sam3d.runtime.state import runtime

    last_checks = runtime().last_checks
    window = bpy.context.window_manager.windows[0]
    all_preferences().local_url = ADDRESS
    show_preferences("VIEW_3D")
    yield from check_connection("LOCAL")
    assert "It runs version" in last_checks["LOCAL"], last_checks
    yield from draw("own-preferences", "PREFERENCES")
    area("PREFERENCES").type = "VIEW_3D"
    yield from open_tab("VIEW_3D")

    settings, server = bpy.context.scene.sam3d, runtime().own_server
    settings.image = bpy.data.images.load(PHOTO)
    settings.provider = "LOCAL"
    yield from tells(server, "is there and makes objects: rough drafts.")
    settings.subject = "BODY"
    yield from tells(server, "is there and makes people: rough drafts.")
    settings.subject = "OBJECT"
    all_preferences().local_url = "http://127.0.0.1:9"  # nobody is there
    yield from tells(server, "is not running at this address")
    yield from draw("own-gone")
    all_preferences().local_url = ADDRESS
    yield from tells(server, "is there and makes objects: rough drafts.")
    yield from draw("own-ready")
    with bpy.context.temp_override(window=window):
        bpy.ops.sam3d.reconstruct()
    # a stage of the engine's own, unless it is faster than we look
    yield lambda: any("shape" in job.stage for job in runtime().queue.jobs.values()) or not pump.busy()
    yield from draw("own-running")
    yield lambda: not pump.busy()
    assert any("sam3d_job" in obj for obj in bpy.context.scene.objects)
    yield from draw("own-arrived")


lead(steps())
