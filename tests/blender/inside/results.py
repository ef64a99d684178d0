# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with results: variations compared in place, old jobs brought back, the list cleared."""

import time
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.sam3d.jobs.listing import ResultQuery
from bl_ext.user_default.sam3d.runtime.result_settings import results_of
from bl_ext.user_default.sam3d.runtime.state import runtime
from common import disc, empty_file, imported_objects, last_message
from mathutils import Matrix

BOUND = 60.0


def _variations(count: int) -> list[str]:
    """The jobs of so many variations, which stand beside one another, in their order."""
    _, settings = empty_file()
    settings.image = disc("Ball")
    settings.variations = count
    bpy.ops.ed.undo_push(message="Choose the photo")
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    jobs = sorted(runtime().queue.jobs.values(), key=lambda job: job.options.alternative)
    assert [job.options.alternative for job in jobs] == list(range(count))
    return [job.id for job in jobs]


def _objects() -> dict[str, bpy.types.Object]:
    return {obj["sam3d_job"]: obj for obj in imported_objects()}


def _shown() -> list[str]:
    return [job for job, obj in _objects().items() if obj.visible_get() and not obj.hide_render]


def variations_are_compared_in_place() -> None:
    first, second, third = _variations(3)
    assert len(_shown()) == 3
    place = Matrix.LocRotScale((4.0, -2.0, 0.5), Matrix.Rotation(0.7, 3, "Z"), (1.5, 1.5, 1.5))
    _objects()[first].matrix_world = place
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="Move it")
    assert bpy.ops.sam3d.show_variation(job_id=first, step=1) == {"FINISHED"}, last_message()
    assert _shown() == [second]
    assert np.allclose(_objects()[second].matrix_world, place, atol=1e-5)
    assert bpy.context.view_layer.objects.active == _objects()[second] and _objects()[second].select_get()
    bpy.ops.ed.undo_push(message="as a click does")
    assert bpy.ops.sam3d.show_variation(job_id=second, step=1) == {"FINISHED"}
    assert bpy.ops.sam3d.show_variation(job_id=third, step=1) == {"FINISHED"}
    assert _shown() == [first], "after the last comes the first"
    assert bpy.ops.sam3d.show_variation(job_id=first, step=-1) == {"FINISHED"}
    assert _shown() == [third] and np.allclose(_objects()[third].matrix_world, place, atol=1e-5)
    assert results_of(bpy.context).active == third
    assert bpy.ops.sam3d.show_variation() == {"FINISHED"}, "by a key: of the active object"
    assert _shown() == [first]
    assert len(imported_objects()) == 3


def one_variation_is_kept() -> None:
    first, second, third = _variations(3)
    bpy.data.objects.remove(_objects()[second])
    assert bpy.ops.sam3d.show_variation(job_id=first, step=1) == {"FINISHED"}, last_message()
    assert _shown() == [second], "one that is not in the scene is brought in"
    assert np.allclose(_objects()[second].matrix_world, _objects()[first].matrix_world, atol=1e-5)
    assert bpy.ops.sam3d.keep_variation(job_id=second) == {"FINISHED"}
    assert list(_objects()) == [second] and _shown() == [second]
    assert {first, second, third} == set(runtime().queue.jobs), "they stay on the list"
    assert bpy.ops.sam3d.show_variation(job_id=second, step=-1) == {"FINISHED"}
    assert _shown() == [first]


def each_comparison_is_one_undo_step() -> None:
    first, second, _ = _variations(3)
    bpy.ops.ed.undo_push(message="three stand there")
    assert bpy.ops.sam3d.show_variation("EXEC_DEFAULT", True, job_id=first, step=1) == {"FINISHED"}
    assert _shown() == [second]
    bpy.ops.ed.undo()
    assert len(_shown()) == 3
    assert bpy.ops.sam3d.keep_variation("EXEC_DEFAULT", True, job_id=first) == {"FINISHED"}
    assert list(_objects()) == [first]
    bpy.ops.ed.undo()
    assert len(_shown()) == 3


def people_swap_with_their_bones(photo: str) -> None:
    _, settings = empty_file()
    settings.image, settings.subject, settings.variations = bpy.data.images.load(photo), "BODY", 2
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}, last_message()
    first, second = (job.id for job in runtime().queue.jobs.values())
    parts = {job: [obj for obj in imported_objects() if obj["sam3d_job"] == job] for job in (first, second)}
    assert all(sorted(obj.type for obj in objects) == ["ARMATURE", "MESH"] for objects in parts.values())
    place = next(obj.matrix_world.copy() for obj in parts[first] if obj.type == "ARMATURE")
    assert bpy.ops.sam3d.show_variation(job_id=first, step=1) == {"FINISHED"}, last_message()
    assert all(not obj.visible_get() for obj in parts[first]) and all(obj.visible_get() for obj in parts[second])
    armature = next(obj for obj in parts[second] if obj.type == "ARMATURE")
    assert np.allclose(armature.matrix_world, place, atol=1e-5)
    assert bpy.context.view_layer.objects.active == armature
    assert bpy.ops.sam3d.keep_variation(job_id=second) == {"FINISHED"}
    assert {obj["sam3d_job"] for obj in imported_objects()} == {second}


def _readings(job_id: str) -> list[Any]:
    """The other readings of a draft, once they are made."""
    results, end = runtime().results, time.monotonic() + BOUND
    job = runtime().queue.jobs[job_id]
    while not (found := results.other_readings(job)):
        assert time.monotonic() < end, "no other readings"
        results.drain()
        time.sleep(0.05)
    return list(found)


def another_reading_takes_the_place_of_a_draft(placement: str = "CURSOR") -> None:
    _, settings = empty_file()
    settings.image, settings.placement = disc("Ball"), placement
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}, last_message()
    (job_id,) = runtime().queue.jobs
    first = runtime().queue.jobs[job_id]
    (ball,) = imported_objects()
    name, mesh = ball.name, ball.data.name
    handle = bpy.data.objects.new("Handle", None)
    bpy.context.scene.collection.objects.link(handle)
    handle.parent = ball
    if placement == "CURSOR":
        ball.matrix_world = Matrix.LocRotScale((4.0, -2.0, 0.5), Matrix.Rotation(0.7, 3, "Z"), (1.5, 1.5, 1.5))
    bpy.context.view_layer.update()
    place, vertices = ball.matrix_world.copy(), len(ball.data.vertices)
    readings = _readings(job_id)
    assert 1 <= len(readings) <= 2
    assert all(reading.picture.exists() and reading.model != first.model for reading in readings)
    bpy.ops.ed.undo_push(message="moved")
    result = bpy.ops.sam3d.show_reading("EXEC_DEFAULT", True, job_id=job_id, kind=readings[0].kind)
    assert result == {"FINISHED"}, last_message()
    job = runtime().queue.jobs[job_id]
    assert (job.model, job.model_name) == (readings[0].model, f"draft {readings[0].kind}")
    (swapped,) = imported_objects()
    assert (swapped.name, swapped.data.name) == (name, mesh) and swapped["sam3d_model"] == job.model_name
    assert [child.name for child in swapped.children] == ["Handle"]
    assert len(swapped.data.vertices) != vertices
    if placement == "CURSOR":
        assert np.allclose(swapped.matrix_world, place, atol=1e-5)
    else:
        assert (swapped.matrix_world.translation - place.translation).length < 0.5 * max(swapped.dimensions)
        assert abs(swapped.matrix_world.translation.z - place.translation.z) < 0.02 * max(swapped.dimensions)
    kinds = [reading.kind for reading in _readings(job_id)]
    assert readings[0].kind not in kinds and first.model_name.removeprefix("draft ") in kinds
    bpy.ops.ed.undo()
    assert len(imported_objects()[0].data.vertices) == vertices
    assert bpy.ops.sam3d.show_reading(job_id=job_id, kind="nonsense") == {"CANCELLED"}
    bpy.data.objects.remove(imported_objects()[0])
    assert bpy.ops.sam3d.show_reading(job_id=job_id, kind=kinds[0]) == {"FINISHED"}, last_message()
    assert len(imported_objects()) == 1, "one that is not in the scene comes as by Import"


def a_single_result_has_no_variations() -> None:
    _, settings = empty_file()
    settings.image = disc("Ball")
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (job,) = runtime().queue.jobs
    assert bpy.ops.sam3d.show_variation(job_id=job) == {"CANCELLED"}
    assert bpy.ops.sam3d.keep_variation(job_id="nobody") == {"CANCELLED"}
    assert bpy.ops.sam3d.cancel_all() == {"CANCELLED"}


def a_job_that_is_not_in_memory_is_found() -> None:
    """As the older ones of a long journal are not."""
    _variations(2)
    queue = runtime().queue
    job_id = next(iter(queue.jobs))
    _wait_for_records(2)
    del queue.jobs[job_id]
    assert bpy.ops.sam3d.import_job(job_id=job_id) == {"FINISHED"}, last_message()
    assert len(imported_objects()) == 3
    _wait_for_records(2)
    del queue.jobs[job_id]
    assert bpy.ops.sam3d.remove_job(job_id=job_id) == {"FINISHED"}
    _wait_for_records(1)
    assert bpy.ops.sam3d.import_job(job_id=job_id) == {"CANCELLED"}


def results_that_are_not_in_memory_come_together() -> None:
    _variations(3)
    group = next(iter(runtime().queue.jobs.values())).group
    _wait_for_records(3)
    runtime().queue.jobs.clear()
    assert bpy.ops.sam3d.import_group(group=group) == {"FINISHED"}, last_message()
    assert len(imported_objects()) == 6
    assert bpy.ops.sam3d.import_group(group="") == {"CANCELLED"}


def the_list_is_cleared_of_what_is_searched_for() -> None:
    for name in ("Apple", "Pear"):
        _, settings = empty_file()
        settings.image = disc(name)
        assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    _wait_for_records(2)
    queue = runtime().queue
    forgotten = next(job for job in queue.jobs.values() if job.photo == "Pear")
    del queue.jobs[forgotten.id]  # it is in the journal only
    results_of(bpy.context).text = "apple"
    assert bpy.ops.sam3d.clear_jobs() == {"FINISHED"}
    assert not queue.jobs
    assert [job.photo for job in _wait_for_records(1)] == ["Pear"]
    results_of(bpy.context).text = ""
    assert bpy.ops.sam3d.clear_jobs() == {"FINISHED"}
    _wait_for_records(0)
    assert forgotten.folder.exists(), "files stay"


def _wait_for_records(count: int) -> list[Any]:
    """Until the journal lists so many ended jobs, which it is asked for after all that was recorded before."""
    end = time.monotonic() + BOUND
    while True:
        page = runtime().queue.ask_for_page(ResultQuery()).result(BOUND)
        assert page is not None
        if page.total == count:
            return list(page.jobs)
        assert time.monotonic() < end, page
        time.sleep(0.05)
