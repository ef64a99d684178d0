# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs go on while the artist cancels, deletes, undoes, edits and opens other files."""

import importlib
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import (
    ARGUMENTS,
    FOLDER,
    MODULE,
    Steps,
    drafts_held,
    in_window,
    install,
    job_queue,
    lead,
    open_tab,
    screenshot,
    seconds,
)

ZIP_FILE, PHOTO = ARGUMENTS


def imported_objects() -> list[bpy.types.Object]:
    return [obj for obj in bpy.context.scene.objects if "sam3d_job" in obj]


def state(job_id: str) -> str:
    return str(job_queue().jobs[job_id].state)


def watching() -> bool:
    return bool(importlib.import_module(f"{MODULE}.runtime.state").runtime().is_watching)


def start() -> str:
    """Press the button on the photo; returns the new job's id."""
    bpy.context.scene.sam3d.image = bpy.data.images.load(PHOTO, check_existing=True)
    before = set(job_queue().jobs)
    with in_window():
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (job_id,) = set(job_queue().jobs) - before
    return job_id


def cancel() -> Steps:
    """It takes effect at once, and nothing arrives afterwards."""
    with drafts_held(0.0):
        job_id = start()
        yield lambda: state(job_id) == "FETCHING"
        bpy.ops.sam3d.cancel_job(job_id=job_id)
        assert not job_queue().at_work()
    yield lambda: not watching()
    screenshot("1-cancelled")
    yield lambda: "sam3d-job" not in {thread.name for thread in threading.enumerate()}
    assert state(job_id) == "CANCELLED"
    assert not imported_objects()


def delete_and_undo() -> Steps:
    """The photo is deleted, and that is undone, while the job runs."""
    bpy.ops.ed.undo_push(message="before")
    job_id = start()
    bpy.data.images.remove(bpy.context.scene.sam3d.image)
    bpy.ops.ed.undo_push(message="deleted")
    bpy.ops.ed.undo()
    yield lambda: state(job_id) == "IMPORTED"
    assert len(imported_objects()) == 1


def edit_mode() -> Steps:
    """The result waits, says why, and comes in when it can."""
    bpy.context.view_layer.objects.active = bpy.data.objects["Cube"]
    with in_window():
        bpy.ops.object.mode_set(mode="EDIT")
    job_id = start()
    yield lambda: "Edit Mode" in job_queue().jobs[job_id].message
    yield seconds(0.5)
    screenshot("2-waiting")
    assert len(imported_objects()) == 1
    with in_window():
        bpy.ops.object.mode_set(mode="OBJECT")
    yield lambda: state(job_id) == "IMPORTED"
    assert len(imported_objects()) == 2


def other_file() -> Steps:
    """The result waits while another file is open and comes in at home."""
    home = FOLDER / "home.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(home))
    job_id = start()
    bpy.ops.wm.read_homefile(use_empty=True)
    yield lambda: "another scene" in job_queue().jobs[job_id].message
    assert not imported_objects()
    bpy.ops.wm.open_mainfile(filepath=str(home))
    yield lambda: state(job_id) == "IMPORTED"
    assert len(imported_objects()) == 3
    yield lambda: not watching()


def disable() -> Steps:
    """Disabled in the middle of a job, the extension leaves nothing behind."""
    start()
    bpy.ops.preferences.addon_disable(module=MODULE)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sam3d")]
    yield seconds(0.5)
    bpy.ops.preferences.addon_enable(module=MODULE)
    yield seconds(1.0)
    screenshot("3-enabled-again")


def steps() -> Steps:
    install(ZIP_FILE)
    yield from open_tab("VIEW_3D")
    yield from cancel()
    yield from delete_and_undo()
    yield from edit_mode()
    yield from other_file()
    yield from disable()


lead(steps())
