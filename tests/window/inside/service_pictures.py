# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the page on online services: tested keys, price and cost, the question before one pays again."""

import json
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import (
    ARGUMENTS,
    MODULE,
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


def is_tested(provider: str) -> bool:
    """Whether the service has answered to the test of its connection."""
    from bl_ext.user_default.sam3d.runtime.state import runtime

    return runtime().last_checks.get(provider, "Asking ...") != "Asking ..."


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
    area("VIEW_3D").type = "PREFERENCES"
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "SAM 3D"
    bpy.ops.preferences.addon_expand(module=MODULE)
    for provider in ADDRESSES:
        with bpy.context.temp_override(window=window, area=area("PREFERENCES")):
            bpy.ops.sam3d.test_connection("INVOKE_DEFAULT", provider=provider)
        yield partial(is_tested, provider)
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
