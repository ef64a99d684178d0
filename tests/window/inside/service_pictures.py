# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the page on online services: tested keys, price and cost, the question before one pays again."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from preferences_editor import check_connection, show_preferences
from steps import (
    ARGUMENTS,
    Steps,
    all_preferences,
    area,
    hover,
    install,
    lead,
    open_tab,
    region,
    screenshot,
    seconds,
)

ZIP_FILE, PHOTO, SERVICES = ARGUMENTS
ADDRESSES, KEY = json.loads(SERVICES)
ASIDE = (700, 12)
"""A place of the screen where the mouse calls up no tip."""


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    from bl_ext.user_default.sam3d.runtime import pump
    from bl_ext.user_default.sam3d.runtime.state import runtime

    window = bpy.context.window_manager.windows[0]
    hover(*ASIDE)
    chosen = all_preferences()
    for provider, address in ADDRESSES.items():
        setattr(chosen, f"{provider.lower()}_url", address)
        setattr(chosen, f"{provider.lower()}_api_key", KEY if provider != "RUNWARE" else "old-key")
    chosen.spending_limit = 2.0
    show_preferences("VIEW_3D")
    for provider in ADDRESSES:
        yield from check_connection(provider)
    area("PREFERENCES").tag_redraw()
    yield seconds(1.0)
    screenshot("keys")
    area("PREFERENCES").type = "VIEW_3D"
    yield from open_tab("VIEW_3D")

    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    settings.prompt = "coffee mug"
    settings.provider = "WAVESPEED"
    with bpy.context.temp_override(window=window):
        bpy.ops.sam3d.reconstruct()
    yield lambda: not pump.busy()
    region("VIEW_3D").tag_redraw()
    yield seconds(1.0)
    screenshot("price")

    # The answer to this submit gets lost.
    settings.provider = "SEGMIND"
    with bpy.context.temp_override(window=window):
        bpy.ops.sam3d.reconstruct()
    yield lambda: not pump.busy()
    lost = next(job for job in runtime().queue.jobs.values() if job.provider == "SEGMIND")
    with bpy.context.temp_override(window=window, area=area("VIEW_3D")):
        bpy.ops.sam3d.retry_job("INVOKE_DEFAULT", job_id=lost.id)
    yield seconds(1.0)
    screenshot("pay-again")


lead(steps())
