# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure timer and panel of results with a long journal and 200 jobs at an online service; leaves figures.json."""

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import (
    ARGUMENTS,
    FOLDER,
    MODULE,
    Steps,
    all_preferences,
    install,
    lead,
    open_tab,
    region,
    replace,
    screenshot,
    seconds,
)

ZIP_FILE, PHOTO, ADDRESS, KEY, JOURNAL, DRAWS = ARGUMENTS
JOBS, PARALLEL, IMPORTS = 200, 16, 10

figures: dict[str, list[float]] = {}
"""Milliseconds by what was measured."""
measured = {"draw": "draw_first", "tick": "quiet"}
"""As what a draw and a tick are noted."""


def package(name: str) -> Any:
    """A module of the installed extension."""
    return importlib.import_module(f"{MODULE}.{name}")


def note(name: str, begun: float) -> None:
    """Keep the milliseconds since `begun`, of time.perf_counter()."""
    figures.setdefault(name, []).append((time.perf_counter() - begun) * 1000)


# Blender looks at how many arguments a method takes: what is put in its place has to take the same.


def measure_draws() -> None:
    """Note from now on how long the panel of results takes."""
    from bl_ext.user_default.sam3d.panels.results import SAM3D_PT_results_view3d

    draw = SAM3D_PT_results_view3d.draw

    def timed_draw(self: bpy.types.Panel, context: bpy.types.Context) -> None:
        begun = time.perf_counter()
        draw(self, context)
        note(measured["draw"], begun)

    replace(SAM3D_PT_results_view3d, "draw", timed_draw)


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

    def noted_bring_in(*arguments: Any, **options: Any) -> bool:
        measured["tick"] = "imports"
        return bool(bring_in(*arguments, **options))

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


def turn_pages(name: str) -> Steps:
    """Turn the pages of the list, as many as there are or are asked for, and have each drawn before it is there."""
    measured["draw"] = name
    runtime, results = package("runtime.state").runtime(), bpy.context.window_manager.sam3d_results
    turned = 0
    while turned < int(DRAWS) and results.first + results.count < runtime.results.page.total:
        bpy.ops.sam3d.turn_page(to="NEXT")
        region("VIEW_3D").tag_redraw()
        yield lambda: runtime.results.page.first == results.first
        assert runtime.results.page.jobs
        turned += 1
    assert turned > 10
    bpy.ops.sam3d.turn_page(to="FIRST")
    region("VIEW_3D").tag_redraw()
    yield lambda: runtime.results.page.first == 0


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    window, scene, chosen = bpy.context.window_manager.windows[0], bpy.context.scene, all_preferences()
    runtime = package("runtime.state").runtime
    chosen.wavespeed_url, chosen.wavespeed_api_key = ADDRESS, KEY
    scene.sam3d.provider = "WAVESPEED"
    scene.sam3d.image = bpy.data.images.load(PHOTO)
    bpy.utils.unregister_class(package("panels.main").SAM3D_PT_view3d)  # the results are below it, out of view
    measure_draws()
    yield from draw_often("draw_first", 5)
    yield from draw_often("draw_empty")

    runtime().results.close()
    runtime().queue.close()
    runtime().queue = package("jobs.queue").JobQueue(package("providers").SERVICES, Path(JOURNAL))
    runtime().results = package("runtime.result_list").ResultList(runtime().queue)
    yield lambda: runtime().queue.recalled
    runtime().queue.drain()
    earlier = set(runtime().queue.jobs)
    assert len(earlier) > 50
    measure_ticks()
    yield from look_through()

    def ours() -> list[Any]:
        return [job for job in runtime().queue.jobs.values() if job.id not in earlier]

    yield from run_many(window, scene, ours)
    (FOLDER / "figures.json").write_text(json.dumps(figures))


def look_through() -> Steps:
    """The list, what is searched for, and the gallery, each from its first page on."""
    runtime = package("runtime.state").runtime
    measured["draw"] = "draw_coming"
    region("VIEW_3D").tag_redraw()
    yield lambda: runtime().results.page.total > 9000 and runtime().results.page.is_complete
    results = bpy.context.window_manager.sam3d_results
    yield from draw_often("draw_list")
    yield from turn_pages("draw_list_pages")
    results.text, results.provider = "market fruit", "SEGMIND"
    yield from draw_often("draw_search")
    yield from turn_pages("draw_search_pages")
    results.text, results.provider, results.view = "", "ALL", "GALLERY"
    yield from draw_often("draw_gallery")
    yield lambda: not runtime().results.busy
    yield seconds(1.0)
    assert sum(bool(runtime().results.icon(job)) for job in runtime().results.jobs) > 10
    screenshot("gallery")
    yield from turn_pages("draw_gallery_pages")
    results.view = "LIST"


def run_many(window: bpy.types.Window, scene: bpy.types.Scene, ours: Callable[[], list[Any]]) -> Steps:
    """Jobs at work, then their imports."""
    runtime = package("runtime.state").runtime
    measured["draw"] = "draw_running"
    runtime().queue._queues["WAVESPEED"] = package("jobs.service_queue").ServiceQueue("WAVESPEED", PARALLEL)
    with bpy.context.temp_override(window=window):
        for _ in range(JOBS):
            assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(ours()) == JOBS
    yield lambda: len(runtime().queue.photos_at_work()[0].running) == PARALLEL
    screenshot("running")
    window.scene = bpy.data.scenes.new("another")  # the results wait for theirs, so that no import stops the ticks
    yield lambda: not any(job.at_work for job in ours())
    assert {str(job.state) for job in ours()} == {"READY"}, {(job.state, job.message) for job in ours()}
    yield lambda: len(figures["quiet"]) > 100  # a slow machine has fewer ticks while the jobs are at work
    window.scene = scene
    yield lambda: sum(job.state == "IMPORTED" for job in ours()) >= IMPORTS


lead(steps())
