# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole road to each service: settings, button, poll, model in the scene; its key is in the environment."""

import os
import signal
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpy
from bl_ext.user_default.sam3d.runtime import import_queue
from bl_ext.user_default.sam3d.runtime.reconstruction import start
from bl_ext.user_default.sam3d.runtime.state import runtime
from common import FOLDER, all_preferences, empty_file, imported_objects, leave
from mathutils import Vector


def file_with_service(provider: str, url: str, photo: str) -> Any:
    """A new file with a service and a photo chosen: its settings."""
    _, settings = empty_file()
    setattr(all_preferences(), f"{provider.lower()}_url", url)
    settings.provider = provider
    settings.image = bpy.data.images.load(photo)
    return settings


def until(condition: Callable[[], object], take: Callable[[], object]) -> None:
    """Take over what has happened until something is true, for a minute at most."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, runtime().queue.jobs
        take()
        time.sleep(0.02)


def drain() -> None:
    """Take the news over, and import nothing."""
    runtime().queue.drain()


def tick() -> None:
    """Take the news over, and import what is there."""
    import_queue.tick(bpy.context)


def the_whole_road(provider: str, url: str, photo: str) -> None:
    settings = file_with_service(provider, url, photo)
    settings.prompt = "a mug"
    settings.use_seed, settings.seed = True, 7
    assert bpy.ops.sam3d.test_connection(provider=provider) == {"FINISHED"}
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (obj,) = imported_objects()
    assert obj.name == "mug" and len(obj.data.polygons) > 0
    (job,) = runtime().queue.jobs.values()
    assert obj["sam3d_provider"] == provider and obj["sam3d_prompt"] == "a mug"
    assert obj["sam3d_cost"] > 0 and abs(obj["sam3d_cost"] - job.cost) < 1e-6
    assert job.model is not None
    assert job.model.is_file() and job.model.with_suffix(".json").is_file()
    assert runtime().queue.services.spent_today() == {provider: job.cost}
    print("SPENT", job.cost, "FOLDER", job.folder)
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "saved.blend"))
    leave()


def a_body_arrives(provider: str, url: str, photo: str) -> None:
    settings = file_with_service(provider, url, photo)
    settings.subject = "BODY"
    settings.prompt = "a person"
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert imported_objects()


def heights(obj: bpy.types.Object) -> tuple[float, float]:
    """The lowest and the highest point of an object in the scene."""
    corners = [(obj.matrix_world @ Vector(corner)).z for corner in obj.bound_box]
    return min(corners), max(corners)


def check_people(height: float) -> list[bpy.types.Object]:
    """Three people stand on the ground in one scale, the tallest `height` high: their armatures, from left to right."""
    objects = imported_objects()
    armatures = sorted((obj for obj in objects if obj.type == "ARMATURE"), key=lambda obj: obj.location.x)
    assert len(armatures) == 3 and len(objects) == 6, objects
    for armature, size in zip(armatures, (1.0, 0.6, 0.9), strict=True):
        assert "upper_arm.L" in armature.data.bones
        low, high = heights(armature.children[0])
        assert abs(low) < 1e-3 and abs(high - size * height) < 0.03, (low, high, size)
    return armatures


def everybody_arrives(provider: str, url: str, photo: str, apart: str) -> None:
    settings = file_with_service(provider, url, photo)
    settings.subject = "BODY"
    settings.height = 1.7
    bpy.context.scene.cursor.location = (5.0, 0.0, 0.0)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    places = [armature.location.x for armature in check_people(1.7)]
    steps = [right - left for left, right in pairwise(places)]
    assert min(steps) > 0.4 and places[0] < 5.0 < places[2]  # nobody stands in another
    if float(apart):
        assert all(abs(step - float(apart) * 1.7 / 1.8) < 0.1 for step in steps), steps
    assert len({obj["sam3d_job"] for obj in imported_objects()}) == 3


def one_of_three_is_fetched_by_retry(provider: str, url: str, photo: str) -> None:
    settings = file_with_service(provider, url, photo)
    settings.subject = "BODY"
    settings.height = 1.7
    start(bpy.context)
    until(lambda: len(runtime().queue.jobs) == 3 and not runtime().queue.awaited(), tick)
    first, second, third = runtime().queue.jobs.values()
    assert (first.state, second.state, third.state) == ("IMPORTED", "FAILED", "IMPORTED")
    assert second.message.startswith("Person 2 did not arrive.") and "at no cost" in second.message, second.message
    assert len(imported_objects()) == 4
    assert bpy.ops.sam3d.retry_job(job_id=second.id) == {"FINISHED"}
    until(lambda: runtime().queue.jobs[second.id].state == "IMPORTED", tick)
    check_people(1.7)
    assert runtime().queue.services.spent_today() == {provider: first.price}


def a_moving_model_says_what_plays(provider: str, url: str, photo: str) -> None:
    file_with_service(provider, url, photo)
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    (job,) = runtime().queue.jobs.values()
    assert "It plays the action Turn: unlink that in the Action Editor to pose it by hand." in job.notes[-1], job.notes


def four_variations_are_one_task(provider: str, url: str, photo: str) -> None:
    settings = file_with_service(provider, url, photo)
    settings.variations = 4
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
    assert len(imported_objects()) == 4 and len({obj["sam3d_seed"] for obj in imported_objects()}) == 4
    assert len(runtime().queue.jobs) == 4


def masks_in_one_run(provider: str, url: str, photo: str) -> None:
    settings = file_with_service(provider, url, photo)
    for name in ("left", "right"):
        mask = settings.masks.add()
        mask.name = name
        mask.image = bpy.data.images.new(name, *settings.image.size)
        mask.image.generated_color = (1, 1, 1, 1)
    settings.masks_in_one_run = True
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}


def killed_with_a_task_at_the_service(provider: str, url: str, photo: str) -> None:
    file_with_service(provider, url, photo)
    start(bpy.context)
    until(lambda: any(job.task for job in runtime().queue.jobs.values()), drain)
    os.kill(os.getpid(), signal.SIGKILL)


def the_next_blender_brings_the_job(provider: str, url: str, key: str) -> None:
    """The job waits for its key."""
    chosen = all_preferences()
    setattr(chosen, f"{provider.lower()}_url", url)
    setattr(chosen, f"{provider.lower()}_api_key", key)
    (job_id,) = runtime().queue.jobs
    until(lambda: not runtime().queue.jobs[job_id].at_work, drain)
    job = runtime().queue.jobs[job_id]
    assert job.state == "READY", job
    assert bpy.ops.sam3d.import_job(job_id=job_id) == {"FINISHED"}
    assert imported_objects()
    leave()


def killed_with_one_result_there_and_one_on_its_way(provider: str, url: str, photo: str) -> None:
    file_with_service(provider, url, photo)
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "first.blend"))
    (first,) = start(bpy.context)
    until(lambda: runtime().queue.jobs[first].state == "READY", drain)
    (second,) = start(bpy.context)
    until(lambda: list(runtime().queue.jobs[second].folder.glob("*.part")), drain)
    os.kill(os.getpid(), signal.SIGKILL)


def results_wait_with_another_file_open(provider: str, url: str, photo: str) -> None:
    file_with_service(provider, url, photo)
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "other.blend"))
    queue = runtime().queue
    until(lambda: not queue.at_work(), tick)
    ids = list(queue.jobs)
    assert [queue.jobs[job_id].state for job_id in ids] == ["READY", "READY"], queue.jobs
    assert not imported_objects()  # nothing comes into another scene by itself
    for job_id in ids:
        assert bpy.ops.sam3d.import_job(job_id=job_id) == {"FINISHED"}
    assert sorted(obj["sam3d_job"] for obj in imported_objects()) == sorted(ids)
    assert [queue.jobs[job_id].state for job_id in ids] == ["IMPORTED", "IMPORTED"]
    assert not list(Path.cwd().rglob("*.part"))
    leave()


def a_job_in_doubt_is_run_again_only_when_told_to_pay(provider: str, url: str, photo: str) -> None:
    file_with_service(provider, url, photo)
    assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
    queue = runtime().queue
    (job,) = queue.jobs.values()
    assert job.state == "FAILED" and "may have been charged" in job.message, job
    for _ in range(2):
        assert bpy.ops.sam3d.retry_job(job_id=job.id) == {"CANCELLED"}
    assert list(queue.jobs) == [job.id] and not queue.at_work()
    print("ONE SO FAR")
    assert bpy.ops.sam3d.retry_job(job_id=job.id, pay_again=True) == {"FINISHED"}
    until(imported_objects, tick)
    assert len(queue.jobs) == 1 and job.id not in queue.jobs


def the_connection_is_tested(provider: str, url: str, photo: str, without_credit: str) -> None:
    """without_credit: the address of a service whose account is empty."""
    file_with_service(provider, url, photo)
    chosen, last_checks = all_preferences(), runtime().last_checks

    def tested(name: str, outcome: str, words: str) -> None:
        assert bpy.ops.sam3d.test_connection(provider=name) == {outcome}, last_checks
        assert words in last_checks[name], last_checks

    tested("DRAFT", "FINISHED", "built in")
    tested("SEGMIND", "CANCELLED", "There is no key for Segmind")
    tested(provider, "FINISHED", "The key works. Balance $1.50.")
    chosen.wavespeed_api_key = "wrong"
    tested(provider, "CANCELLED", "does not accept the key")
    chosen.wavespeed_api_key = ""
    chosen.wavespeed_url = without_credit
    tested(provider, "FINISHED", "The key works, but there is no credit")
    chosen.wavespeed_url = "http://127.0.0.1:1"
    tested(provider, "CANCELLED", "cannot be reached")
    assert not bpy.app.online_access
    chosen.wavespeed_url = "https://api.wavespeed.ai"
    tested(provider, "CANCELLED", "set to work offline")
