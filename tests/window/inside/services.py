# SPDX-License-Identifier: GPL-3.0-or-later
"""The online services as an artist meets them: key, price, progress, a lost answer, and the question before one pays
again.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from preferences_editor import check_connection, show_preferences
from steps import ARGUMENTS, Steps, all_preferences, area, install, lead, open_tab, press, screenshot, seconds

ZIP_FILE, PHOTO, SERVICES = ARGUMENTS
ADDRESSES, KEY = json.loads(SERVICES)


def draw(name: str, kind: str = "VIEW_3D") -> Steps:
    """An editor drawn anew, and a picture of the screen."""
    for part in area(kind).regions:
        part.tag_redraw()
    yield seconds(0.8)
    screenshot(name)


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    settings = bpy.context.scene.sam3d
    settings.image = bpy.data.images.load(PHOTO)
    settings.provider = "WAVESPEED"
    yield from draw("no-key")
    yield from enter_keys()
    yield from reconstruct_with_wavespeed()
    yield from lose_an_answer()
    yield from take_variations()


def enter_keys() -> Steps:
    """One of them is wrong at first."""
    from bl_ext.user_default.sam3d.runtime.state import runtime

    last_checks = runtime().last_checks
    chosen = all_preferences()
    for provider, address in ADDRESSES.items():
        setattr(chosen, f"{provider.lower()}_url", address)
        setattr(chosen, f"{provider.lower()}_api_key", KEY)
    chosen.runware_api_key = "wrong"
    chosen.spending_limit = 2.0
    show_preferences("VIEW_3D")
    for provider in ADDRESSES:
        yield from check_connection(provider)
    yield from draw("preferences", "PREFERENCES")
    assert "Balance" in last_checks["WAVESPEED"] and "key" in last_checks["RUNWARE"]
    chosen.runware_api_key = KEY
    area("PREFERENCES").type = "VIEW_3D"
    yield from open_tab("VIEW_3D")


def reconstruct() -> None:
    """Press the button."""
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}


def reconstruct_with_wavespeed() -> Steps:
    from bl_ext.user_default.sam3d.runtime.state import runtime

    bpy.context.scene.sam3d.prompt = "a white mug with a blue handle"
    yield from draw("ready")
    reconstruct()
    yield lambda: all(job.state not in ("WAITING", "SUBMITTING") for job in runtime().queue.jobs.values())
    yield from draw("running")
    yield lambda: not runtime().queue.at_work() and not runtime().queue.awaited()
    assert [obj for obj in bpy.context.scene.objects if "sam3d_job" in obj]


def lose_an_answer() -> Steps:
    """The test lets the answer to this submit get lost."""
    from bl_ext.user_default.sam3d.runtime import pump
    from bl_ext.user_default.sam3d.runtime.state import runtime

    bpy.context.scene.sam3d.provider = "SEGMIND"
    reconstruct()
    yield lambda: not pump.busy()
    lost = next(job for job in runtime().queue.jobs.values() if job.provider == "SEGMIND")
    assert lost.state == "FAILED" and "may have been charged" in lost.message, lost
    yield from draw("lost")
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=area("VIEW_3D")):
        bpy.ops.sam3d.retry_job("INVOKE_DEFAULT", job_id=lost.id)
    yield from draw("pay-again")
    press("Escape")
    yield seconds(0.5)
    for key in ("Return", "Escape"):  # neither pays
        with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=area("VIEW_3D")):
            bpy.ops.sam3d.retry_job("INVOKE_DEFAULT", job_id=lost.id)
        yield seconds(0.5)
        press(key)
        yield seconds(1.0)
        assert lost.id in runtime().queue.jobs and not pump.busy(), key
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=area("VIEW_3D")):
        bpy.ops.sam3d.clear_jobs("INVOKE_DEFAULT")
    yield from draw("clear-list")
    press("Escape")
    yield seconds(0.5)
    assert lost.id in runtime().queue.jobs
    bpy.ops.sam3d.clear_jobs()
    assert list(runtime().queue.jobs) == [lost.id]


def take_variations() -> Steps:
    from bl_ext.user_default.sam3d.runtime import pump

    settings = bpy.context.scene.sam3d
    settings.provider = "RUNWARE"
    settings.variations = 3
    yield from draw("runware")
    reconstruct()
    yield lambda: not pump.busy()
    assert sum(obj.get("sam3d_provider") == "RUNWARE" for obj in bpy.context.scene.objects) == 3
    yield from draw("runware-done")


lead(steps())
