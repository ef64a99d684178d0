# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure timer and panel with a long journal and 200 jobs at an online service; leaves figures.json in the folder."""

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import ARGUMENTS, FOLDER, Steps, all_preferences, install, lead, open_tab, region, replace, seconds

ZIP_FILE, PHOTO, ADDRESS, KEY, JOURNAL, DRAWS = ARGUMENTS
JOBS, PARALLEL, IMPORTS = 200, 16, 10

figures: dict[str, list[float]] = {}
"""Milliseconds by what was measured."""
measured = {"draw": "draw_first", "tick": "quiet"}
"""As what a draw and a tick are noted."""


def note(name: str, begun: float) -> None:
    """Keep the milliseconds since `begun`, of time.perf_counter()."""
    figures.setdefault(name, []).append((time.perf_counter() - begun) * 1000)


# Blender looks at how many arguments a method takes: what is put in its place has to take the same.


def measure_draws() -> None:
    """Note from now on how long both panels take, which are drawn one after the other."""
    from bl_ext.user_default.sam3d.panels.main import SAM3D_PT_view3d
    from bl_ext.user_default.sam3d.panels.results import SAM3D_PT_results_view3d

    draw, draw_results = SAM3D_PT_view3d.draw, SAM3D_PT_results_view3d.draw

    def timed_draw(self: bpy.types.Panel, context: bpy.types.Context) -> None:
        begun = time.perf_counter()
        draw(self, context)
        note(measured["draw"], begun)

    def timed_draw_results(self: bpy.types.Panel, context: bpy.types.Context) -> None:
        begun = time.perf_counter()
        draw_results(self, context)
        note(f"results_{measured['draw']}", begun)

    replace(SAM3D_PT_view3d, "draw", timed_draw)
    replace(SAM3D_PT_results_view3d, "draw", timed_draw_results)


def measure_ticks() -> None:
    """Note from now on how long the timer takes, those ticks apart that import a result, and the start of a job."""
    from bl_ext.user_default.sam3d.operators import watch
    from bl_ext.user_default.sam3d.runtime import import_queue, reconstruction

    modal, bring_in, start = watch.SAM3D_OT_watch_jobs.modal, import_queue.bring_in, reconstruction.start_in_background

    def timed_modal(self: bpy.types.Operator, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        timer, begun = event.type == "TIMER", time.perf_counter()
        measured["tick"] = "quiet"
        answer: set[str] = modal(self, context, event)
        if timer:
            note(measured["tick"], begun)
        return answer

    def noted_bring_in(*arguments: Any) -> bool:
        measured["tick"] = "imports"
        return bool(bring_in(*arguments))

    def timed_start(context: bpy.types.Context) -> None:
        begun = time.perf_counter()
        start(context)
        note("start", begun)

    replace(watch.SAM3D_OT_watch_jobs, "modal", timed_modal)
    replace(import_queue, "bring_in", noted_bring_in)
    replace(reconstruction, "start_in_background", timed_start)


def draw_often(name: str, times: int = int(DRAWS)) -> Steps:
    """Have the panel drawn so many times with the list as it stands."""
    measured["draw"] = name
    while len(figures.get(name, [])) < times:
        region("VIEW_3D").tag_redraw()
        yield seconds(0.0)


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    from bl_ext.user_default.sam3d.jobs import service_queue
    from bl_ext.user_default.sam3d.jobs.queue import JobQueue
    from bl_ext.user_default.sam3d.providers import SERVICES
    from bl_ext.user_default.sam3d.runtime.state import runtime

    window, scene, chosen = bpy.context.window_manager.windows[0], bpy.context.scene, all_preferences()
    chosen.wavespeed_url, chosen.wavespeed_api_key = ADDRESS, KEY
    scene.sam3d.provider = "WAVESPEED"
    scene.sam3d.image = bpy.data.images.load(PHOTO)
    measure_draws()
    yield from draw_often("draw_first", 5)  # Blender makes the photo's thumbnail
    yield from draw_often("draw_empty")

    runtime().queue.close()
    runtime().queue = JobQueue(SERVICES, Path(JOURNAL))
    yield lambda: runtime().queue.recalled
    runtime().queue.drain()
    earlier = set(runtime().queue.jobs)
    assert len(earlier) > 50
    yield from draw_often("draw_long")

    def ours() -> list[Any]:
        return [job for job in runtime().queue.jobs.values() if job.id not in earlier]

    measure_ticks()
    measured["draw"] = "draw_running"
    runtime().queue._queues["WAVESPEED"] = service_queue.ServiceQueue("WAVESPEED", PARALLEL)
    with bpy.context.temp_override(window=window):
        for _ in range(JOBS):
            assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(ours()) == JOBS
    window.scene = bpy.data.scenes.new("another")  # the results wait for theirs, so that no import stops the ticks
    yield lambda: not any(job.at_work for job in ours())
    assert {str(job.state) for job in ours()} == {"READY"}, {(job.state, job.message) for job in ours()}
    yield lambda: len(figures["quiet"]) > 100  # a slow machine has fewer ticks while the jobs are at work
    window.scene = scene
    yield lambda: sum(job.state == "IMPORTED" for job in ours()) >= IMPORTS
    (FOLDER / "figures.json").write_text(json.dumps(figures))


lead(steps())
