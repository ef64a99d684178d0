# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension comes from a repository, works, and becomes a newer version meanwhile."""

import importlib
import os
import shutil
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy

REPOSITORY = "loopback"
MODULE = f"bl_ext.{REPOSITORY}.sam3d"


def of_extension(name: str) -> ModuleType:
    """A module of the version that is enabled now."""
    return importlib.import_module(f"{MODULE}.{name}")


def queue() -> Any:
    return of_extension("runtime.state").runtime().queue


def until(condition: Callable[[], object]) -> None:
    """Go on with the jobs until something is true, for a minute at most."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, queue().jobs
        of_extension("runtime.import_queue").tick(bpy.context)
        time.sleep(0.02)


def installed_version() -> str:
    folder = Path(bpy.utils.user_resource("EXTENSIONS"), REPOSITORY, "sam3d")
    return str(tomllib.loads((folder / "blender_manifest.toml").read_text())["version"])


def add_repository(address: str) -> None:
    bpy.context.preferences.system.use_online_access = True
    words = {"name": REPOSITORY, "remote_url": f"{address}/index.json", "type": "REMOTE"}
    assert bpy.ops.preferences.extension_repo_add(**words) == {"FINISHED"}
    (repo,) = [repo for repo in bpy.context.preferences.extensions.repos if repo.name == REPOSITORY]
    assert repo.module == REPOSITORY
    assert bpy.ops.extensions.repo_sync(repo_directory=repo.directory) == {"FINISHED"}
    bpy.ops.extensions.package_install(repo_directory=repo.directory, pkg_id="sam3d", enable_on_install=True)
    assert MODULE in bpy.context.preferences.addons


def reconstruct() -> str:
    (job_id,) = of_extension("runtime.reconstruction").start(bpy.context)
    return str(job_id)


def from_one_version_to_the_next(*words: str) -> None:
    address, now, later, version, service, key, photo = words
    add_repository(address)
    assert installed_version() != version
    chosen = bpy.context.preferences.addons[MODULE].preferences
    chosen.wavespeed_url, chosen.wavespeed_api_key = service, key
    bpy.context.scene.sam3d.provider = "WAVESPEED"
    bpy.context.scene.sam3d.image = bpy.data.images.load(photo)
    first = reconstruct()
    until(lambda: queue().jobs[first].state == "IMPORTED")
    result = queue().jobs[first].model
    second = reconstruct()
    until(lambda: queue().jobs[second].task is not None)
    task = queue().jobs[second].task.id
    assert queue().jobs[second].at_work
    before = of_extension("runtime.state")

    shutil.copytree(later, now, dirs_exist_ok=True)
    assert bpy.ops.extensions.repo_sync_all() == {"FINISHED"}
    bpy.ops.extensions.package_upgrade_all()
    assert installed_version() == version
    assert of_extension("runtime.state") is not before  # the code is the newer version's, too
    chosen = bpy.context.preferences.addons[MODULE].preferences
    assert (chosen.wavespeed_url, chosen.wavespeed_api_key) == (service, key)
    assert bpy.context.scene.sam3d.provider == "WAVESPEED" and bpy.context.scene.sam3d.image
    until(lambda: queue().recalled)
    of_extension("runtime.pump").use_preferences(bpy.context)  # what a timer does where there is a window
    assert set(queue().jobs) == {first, second}
    assert queue().jobs[first].state == "IMPORTED" and queue().jobs[first].model == result and result.is_file()
    assert queue().jobs[second].task.id == task
    until(lambda: queue().jobs[second].state in {"READY", "IMPORTED", "FAILED"} and not queue().at_work())
    assert queue().jobs[second].model.is_file(), queue().jobs[second]
    assert bpy.ops.sam3d.import_job(job_id=first) == {"FINISHED"}
    sys.stdout.flush()
    os._exit(0)  # bpy 4.2 crashes on its way out after a glTF import
