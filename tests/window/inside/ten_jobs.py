# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what the timer costs the main thread while ten drafts run; leaves ticks.json in the test's folder."""

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import ARGUMENTS, FOLDER, Steps, install, lead, open_tab, replace, seconds

JOBS = 10


def steps() -> Steps:
    zip_file, photo = ARGUMENTS
    install(zip_file)
    yield from open_tab("VIEW_3D")
    from bl_ext.user_default.sam3d.operators import watch
    from bl_ext.user_default.sam3d.runtime import import_queue
    from bl_ext.user_default.sam3d.runtime.state import runtime

    quiet: list[float] = []
    imports: list[float] = []
    imported = False
    modal, bring_in = watch.SAM3D_OT_watch_jobs.modal, import_queue.bring_in

    def timed_modal(self: bpy.types.Operator, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        nonlocal imported
        imported, timer = False, event.type == "TIMER"
        begun = time.perf_counter()
        answer: set[str] = modal(self, context, event)
        spent = (time.perf_counter() - begun) * 1000
        if timer:
            (imports if imported else quiet).append(spent)
        return answer

    def noted_bring_in(*arguments: Any, **options: Any) -> bool:
        nonlocal imported
        imported = True
        return bool(bring_in(*arguments, **options))

    replace(watch.SAM3D_OT_watch_jobs, "modal", timed_modal)
    replace(import_queue, "bring_in", noted_bring_in)

    bpy.context.scene.sam3d.image = bpy.data.images.load(photo)
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        for _ in range(JOBS):
            assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    yield lambda: sum(job.state == "IMPORTED" for job in runtime().queue.jobs.values()) == JOBS
    yield lambda: not runtime().is_watching
    yield seconds(0.2)
    (FOLDER / "ticks.json").write_text(json.dumps({"quiet": quiet, "imports": imports}))


lead(steps())
