# SPDX-License-Identifier: GPL-3.0-or-later
"""A result finds the scene that it was made for, whatever becomes of scene and file meanwhile, and no other one."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.sam3d.runtime import import_queue, reconstruction
from bl_ext.user_default.sam3d.runtime.scene_identity import SceneIdentities
from bl_ext.user_default.sam3d.runtime.state import runtime
from common import FOLDER, choose_service, disc, empty_file, imported_objects

BOUND = 120.0
FIRST, OTHER = str(FOLDER / "first.blend"), str(FOLDER / "other.blend")


def save(path: str = FIRST, **options: bool) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=path, **options)


def rename() -> None:
    bpy.context.scene.name = "Market"


def undo() -> None:
    """A step of before the job is taken back and done again."""
    bpy.ops.ed.undo()
    bpy.ops.ed.redo()
    bpy.ops.ed.undo()


def copy_scene() -> None:
    """The artist works on a copy for a while, which has taken the scene's name."""
    mine = bpy.context.scene
    bpy.ops.scene.new(type="FULL_COPY")
    copy = bpy.context.scene
    mine.name, copy.name = "Mine", "Scene"
    finish()
    assert not imported_objects() and "Waiting for its scene, Mine" in message()
    bpy.context.window.scene = mine


def reload() -> None:
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)


def visit_another() -> None:
    """Another file, and back."""
    path = bpy.data.filepath
    empty_file()
    save(OTHER)
    finish()
    assert not imported_objects()
    bpy.ops.wm.open_mainfile(filepath=path)


def save_as() -> None:
    save(OTHER)


def save_a_copy() -> None:
    save(OTHER, copy=True)


def reload_in_another_blender() -> None:
    """As after a crash: what Blender has saved by itself comes back under the file's own path, too."""
    runtime().scenes = SceneIdentities()
    reload()


def enable_again() -> None:
    """While the file is open: nothing is read then."""
    runtime().scenes = SceneIdentities()


EVENTS: dict[str, tuple[str, tuple[Callable[[], None], ...]]] = {
    "first save": ("", (save,)),
    "save as": (FIRST, (save_as,)),
    "save a copy": (FIRST, (save_a_copy,)),
    "save a copy of an unsaved file": ("", (save_a_copy,)),
    "rename": (FIRST, (rename,)),
    "rename and save": (FIRST, (rename, save)),
    "rename, save and reload": (FIRST, (rename, save, reload)),
    "reload": (FIRST, (reload,)),
    "save as and reload": (FIRST, (save_as, reload)),
    "undo": ("", (undo,)),
    "undo, save and reload": (FIRST, (undo, save, reload)),
    "copy": ("", (copy_scene,)),
    "another file and back": (FIRST, (visit_another,)),
    "rename, save and reload in another Blender": (FIRST, (rename, save, reload_in_another_blender)),
    "the extension is enabled again": (FIRST, (rename, save, enable_again)),
}
"""Each with the file in which the job is started, none for an unsaved one."""


def start() -> None:
    reconstruction.start(bpy.context)


def finish() -> None:
    """Until the job is settled: its result is in the scene, or waits for a reason that is told."""
    end = time.monotonic() + BOUND
    while not all(job.is_settled for job in runtime().queue.jobs.values()):
        assert time.monotonic() < end, runtime().queue.jobs
        import_queue.tick(bpy.context)
        time.sleep(0.01)
    import_queue.tick(bpy.context)


def message() -> str:
    (job,) = runtime().queue.awaited()
    return str(job.message)


def prepared(saved: str, url: str) -> Any:
    scene, settings = empty_file()
    choose_service(url)
    settings.image = disc("ball")
    settings.image.pack()
    scene.cursor.location = (1.0, 2.0, 3.0)
    if saved:
        save(saved)
    bpy.ops.ed.undo_push(message="one")
    bpy.context.scene.frame_end = 100
    bpy.ops.ed.undo_push(message="two")
    return settings


def a_result_finds_its_scene(event: str, order: str, url: str) -> None:
    saved, events = EVENTS[event]
    prepared(saved, url)
    start()
    if order == "after":  # the result is there, and waits
        bpy.ops.mesh.primitive_cube_add(location=(9.0, 9.0, 9.0))  # out of the way
        bpy.ops.object.mode_set(mode="EDIT")
        finish()
        assert not imported_objects() and "Edit Mode" in message()
        bpy.ops.object.mode_set(mode="OBJECT")
    for happens in events:
        happens()
    finish()
    assert [tuple(obj.location) for obj in imported_objects()] == [(1.0, 2.0, 3.0)], runtime().queue.jobs


def new_file() -> None:
    bpy.ops.wm.read_homefile(use_empty=True)


def another_file() -> None:
    bpy.ops.wm.open_mainfile(filepath=OTHER)


def a_copy_on_disk() -> None:
    Path(OTHER).write_bytes(Path(FIRST).read_bytes())
    bpy.ops.wm.open_mainfile(filepath=OTHER)


def remove_scene() -> None:
    mine = bpy.context.scene
    bpy.context.window.scene = bpy.data.scenes.new("Other")
    bpy.data.scenes.remove(mine)
    bpy.context.scene.name = "Scene"


def append_scene() -> None:
    """Into another file, by a Blender that has not seen the first one; what is saved there is that file's own."""
    bring_in(link=False)


def link_scene() -> None:
    bring_in(link=True)


def bring_in(link: bool) -> None:
    save()
    runtime().scenes = SceneIdentities()
    bpy.ops.wm.open_mainfile(filepath=OTHER)
    bpy.context.scene.name = "Theirs"
    with bpy.data.libraries.load(FIRST, link=link) as (there, here):
        here.scenes = there.scenes
    (scene,) = here.scenes
    if not link:
        bpy.context.window.scene = scene
    save(OTHER)


STRANGERS: dict[str, tuple[str, Callable[[], None]]] = {
    "new, unsaved": ("", new_file),
    "new": (FIRST, new_file),
    "another, unsaved": ("", another_file),
    "another": (FIRST, another_file),
    "a copy on disk": (FIRST, a_copy_on_disk),
    "removed": ("", remove_scene),
    "appended": (FIRST, append_scene),
    "linked": (FIRST, link_scene),
}


def a_result_is_put_into_no_strangers_file(event: str, url: str) -> None:
    empty_file()
    save(OTHER)
    saved, happens = STRANGERS[event]
    prepared(saved, url)
    start()
    happens()
    finish()
    assert not imported_objects() and "Made for another scene: press Import" in message()
    (job,) = runtime().queue.awaited()
    bpy.context.scene.cursor.location = (5.0, 0.0, 0.0)
    assert bpy.ops.sam3d.import_job(job_id=job.id) == {"FINISHED"}
    assert [tuple(obj.location) for obj in imported_objects()] == [(5.0, 0.0, 0.0)]


def a_group_keeps_its_arrangement(url: str) -> None:
    """Brought in once more, one by one or together, its results stand to each other as they stood."""
    settings = prepared("", url)
    for name, center in (("left", 0.2), ("middle", 0.5), ("right", 0.8)):
        mask = settings.masks.add()
        mask.name = name
        mask.image = disc(f"mask {name}", center=(center, 0.5), radius=0.1, color=(1, 1, 1), background=(0, 0, 0))
    start()
    finish()
    before = {obj.name: np.array(obj.location) for obj in imported_objects()}
    assert len(before) == 3 and np.ptp([place[0] for place in before.values()]) > 1
    new_file()
    bpy.context.scene.cursor.location = (11.0, 2.0, 3.0)
    jobs = list(runtime().queue.jobs.values())
    for job in jobs:
        assert bpy.ops.sam3d.import_job(job_id=job.id) == {"FINISHED"}
    after = {obj.name: np.array(obj.location) for obj in imported_objects()}
    assert {name: tuple(np.round(place - before[name], 4)) for name, place in after.items()} == dict.fromkeys(
        before, (10.0, 0.0, 0.0)
    )
    assert bpy.ops.sam3d.import_group(group=jobs[0].group) == {"FINISHED"}
    assert len(imported_objects()) == 6
