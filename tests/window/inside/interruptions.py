# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs go on while the artist cancels, deletes, undoes, edits and opens other files."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from steps import ARGUMENTS, FOLDER, Steps, install, lead, open_tab, screenshot, seconds


def things() -> list[bpy.types.Object]:
    return [thing for thing in bpy.context.scene.objects if "sam3d_job" in thing]


def steps() -> Steps:
    zip_file, photo = ARGUMENTS
    install(zip_file)
    yield from open_tab("VIEW_3D")
    from bl_ext.user_default.sam3d.jobs import runner
    from bl_ext.user_default.sam3d.operators.watch import SAM3D_OT_watch_jobs

    def start() -> str:
        bpy.context.scene.sam3d.image = bpy.data.images.load(photo, check_existing=True)
        before = set(runner().jobs)
        with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
            assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
        (job_id,) = set(runner().jobs) - before
        return job_id

    def state(job_id: str) -> str:
        return str(runner().jobs[job_id].state)

    # Cancel takes effect at once, and nothing arrives afterwards.
    cancelled = start()
    yield lambda: runner().jobs[cancelled].state == "FETCHING"
    bpy.ops.sam3d.cancel_job(job_id=cancelled)
    assert not runner().at_work()
    yield lambda: not SAM3D_OT_watch_jobs.running
    screenshot("1-cancelled")

    # The photo is deleted and the start is undone meanwhile.
    bpy.ops.ed.undo_push(message="before")
    job_id = start()
    bpy.data.images.remove(bpy.context.scene.sam3d.image)
    bpy.ops.ed.undo_push(message="deleted")
    bpy.ops.ed.undo()
    yield lambda: state(job_id) == "IMPORTED"
    assert len(things()) == 1
    assert state(cancelled) == "CANCELLED"

    # Edit Mode: the result waits, says why, and comes in when it can.
    bpy.context.view_layer.objects.active = bpy.data.objects["Cube"]
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        bpy.ops.object.mode_set(mode="EDIT")
    job_id = start()
    yield lambda: "Edit Mode" in runner().jobs[job_id].message
    yield seconds(0.5)
    screenshot("2-waiting")
    assert len(things()) == 1
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        bpy.ops.object.mode_set(mode="OBJECT")
    yield lambda: state(job_id) == "IMPORTED"
    assert len(things()) == 2

    # Another file is opened: the result waits there and comes in at home.
    home = FOLDER / "home.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(home))
    job_id = start()
    bpy.ops.wm.read_homefile(use_empty=True)
    yield lambda: "another scene" in runner().jobs[job_id].message
    assert not things()
    bpy.ops.wm.open_mainfile(filepath=str(home))
    yield lambda: state(job_id) == "IMPORTED"
    assert len(things()) == 3
    yield lambda: not SAM3D_OT_watch_jobs.running

    # Disabled in the middle of a job: nothing stays behind.
    start()
    bpy.ops.preferences.addon_disable(module="bl_ext.user_default.sam3d")
    import threading

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sam3d")]
    yield seconds(0.5)
    bpy.ops.preferences.addon_enable(module="bl_ext.user_default.sam3d")
    yield seconds(1.0)
    screenshot("3-enabled-again")


lead(steps())
