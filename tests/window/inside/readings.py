# SPDX-License-Identifier: GPL-3.0-or-later
"""What else a photo may show stands as pictures in the real window, and one click takes it."""

import importlib
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import ARGUMENTS, MODULE, Steps, in_window, install, lead, open_tab, screenshot, seconds


def runtime() -> Any:
    return importlib.import_module(f"{MODULE}.runtime.state").runtime()


def results() -> list[bpy.types.Object]:
    return [obj for obj in bpy.context.scene.objects if "sam3d_job" in obj]


def steps() -> Steps:
    install(ARGUMENTS[0], readings=True)
    yield from open_tab("VIEW_3D")
    bpy.context.scene.sam3d.image = bpy.data.images.load(ARGUMENTS[1])
    with in_window():
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    yield lambda: bool(results())
    (truck,) = results()
    job = runtime().queue.find(truck["sam3d_job"])
    bpy.utils.unregister_class(importlib.import_module(f"{MODULE}.panels.main").SAM3D_PT_view3d)  # room for the results
    bpy.context.window_manager.sam3d_results.active = job.id
    yield lambda: len(runtime().results.other_readings(job)) == 2
    yield lambda: all(runtime().results.picture(reading) for reading in runtime().results.other_readings(job))
    yield seconds(2.0)  # until the view has come to rest, and the pictures are drawn
    screenshot("1-offered")

    other = runtime().results.other_readings(job)[0]
    before, place = truck["sam3d_model"], truck.location.copy()
    with in_window():
        assert bpy.ops.sam3d.show_reading(job_id=job.id, kind=other.kind) == {"FINISHED"}
    (truck,) = results()
    assert truck["sam3d_model"] == f"draft {other.kind}" != before
    assert (truck.location - place).length < 1e-5
    job = runtime().queue.find(job.id)
    yield lambda: before.removeprefix("draft ") in [each.kind for each in runtime().results.other_readings(job)]
    yield seconds(1.0)
    screenshot("2-taken")


lead(steps())
