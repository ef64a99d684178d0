# SPDX-License-Identifier: GPL-3.0-or-later
"""Results looked at in the real window: pictures come by themselves, variations swap, a new file keeps the list."""

import importlib
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bpy
import numpy as np
from PIL import Image
from steps import (
    ARGUMENTS,
    MODULE,
    Steps,
    hover,
    in_window,
    install,
    lead,
    open_tab,
    region,
    screen_box,
    screenshot,
    seconds,
    take_step,
)

ZIP_FILE, ELEPHANT, MUG = ARGUMENTS
COLORFUL = 60
"""By how much the channels of a pixel differ that is of no theme's gray."""


def runtime() -> Any:
    return importlib.import_module(f"{MODULE}.runtime.state").runtime()


def settings() -> Any:
    return bpy.context.window_manager.sam3d_results


def colorful(name: str) -> int:
    """How many pixels of the sidebar are, but for the blue of what is chosen; leaves a screenshot."""
    with Image.open(screenshot(name)) as screen:
        pixels = np.asarray(screen.convert("RGB").crop(screen_box(region("VIEW_3D")))).astype(int)
    is_blue = pixels[..., 2] > pixels[..., 0] + 20
    return int(((pixels.max(2) - pixels.min(2) > COLORFUL) & ~is_blue).sum())


def shown() -> list[str]:
    return [obj["sam3d_job"] for obj in bpy.context.scene.objects if "sam3d_job" in obj and obj.visible_get()]


def make(photo: str, variations: int) -> Steps:
    """Reconstruct a photo and wait for all of its results."""
    scene, before = bpy.context.scene, len(runtime().queue.jobs)
    scene.sam3d.image, scene.sam3d.variations = bpy.data.images.load(photo), variations
    with in_window():
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    yield lambda: sum(job.state == "IMPORTED" for job in runtime().queue.jobs.values()) == before + variations


def all_have_pictures(count: int) -> bool:
    jobs = runtime().results.jobs
    return len(jobs) == count and all(runtime().results.icon(job) for job in jobs)


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    bpy.utils.unregister_class(importlib.import_module(f"{MODULE}.panels.main").SAM3D_PT_view3d)
    yield from make(MUG, 3)
    yield from make(ELEPHANT, 1)
    mugs = [job.id for job in runtime().queue.jobs.values() if job.group]
    settings().active = "-"
    yield lambda: all_have_pictures(4)
    yield seconds(2.0)
    in_list = colorful("list")
    settings().view = "GALLERY"
    region("VIEW_3D").tag_redraw()
    yield seconds(2.0)
    assert colorful("gallery") > 2 * in_list > 200, in_list
    for job in runtime().queue.jobs.values():
        assert (job.folder / "thumbnail.png").exists()

    settings().active = mugs[0]
    bpy.ops.ed.undo_push(message="before")
    with in_window():
        assert bpy.ops.sam3d.show_variation("EXEC_DEFAULT", True, job_id=mugs[0], step=1) == {"FINISHED"}
    assert set(mugs) & set(shown()) == {mugs[1]}
    yield seconds(1.0)
    screenshot("variation")
    left, top, right, bottom = screen_box(region("VIEW_3D", "WINDOW"))
    hover((left + right) / 2, (top + bottom) / 2)
    yield seconds(0.5)
    yield from take_step("ctrl+z")
    assert set(mugs) <= set(shown())

    settings().text = "elephant"
    region("VIEW_3D").tag_redraw()
    yield lambda: [job.photo for job in runtime().results.jobs] == ["elephant"]
    with in_window():
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    yield seconds(1.0)
    yield from open_tab("VIEW_3D")
    yield lambda: all_have_pictures(4)
    screenshot("new-file")


lead(steps())
