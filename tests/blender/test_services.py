# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole road to each service in real Blender: settings, button, poll, model in the scene."""

import math
import signal
from pathlib import Path

import pytest
from blender_process import Finished, run_in_blender
from loopback import models
from loopback.runware import RunwareServer
from loopback.segmind import SegmindServer
from loopback.server import LoopbackServer
from loopback.wavespeed import WaveSpeedServer

PRELUDE = """
import os, sys, time
from pathlib import Path
import bpy
from bl_ext.user_default.sam3d import jobs
from bl_ext.user_default.sam3d.operators import arrivals
from bl_ext.user_default.sam3d.preferences import preferences
bpy.ops.wm.read_homefile(use_empty=True)
scene = bpy.context.scene
settings = scene.sam3d
chosen = preferences(bpy.context)
PROVIDER = os.environ["PROVIDER"]
setattr(chosen, f"{PROVIDER.lower()}_url", os.environ["URL"])
settings.provider = PROVIDER
settings.image = bpy.data.images.load(os.environ["PHOTO"])

def things():
    return [thing for thing in bpy.context.scene.objects if "sam3d_job" in thing]

def leave():
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
"""

SERVERS = {"WAVESPEED": WaveSpeedServer, "SEGMIND": SegmindServer, "RUNWARE": RunwareServer}


def check(script: str, folder: Path, server: LoopbackServer, provider: str) -> Finished:
    """Run a script of assertions against a service in a new Blender that has the key in its environment."""
    env = {
        "PROVIDER": provider,
        "URL": server.url,
        "PHOTO": str(photo(folder)),
        f"{provider}_API_KEY": server.key,
    }
    finished = run_in_blender(PRELUDE + script, folder, env=env)
    assert finished.status == 0, finished.output
    assert "Traceback" not in finished.output, finished.output
    assert server.leaks == []
    return finished


def photo(folder: Path) -> Path:
    """A picture file called mug."""
    path = folder / "mug.png"
    path.write_bytes(models.png(64, 48))
    return path


def files_with(folder: Path, text: str) -> list[Path]:
    """The files under a folder that hold a text."""
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


@pytest.mark.parametrize("provider", SERVERS)
def test_the_whole_road(tmp_path: Path, provider: str) -> None:
    with SERVERS[provider](job_seconds=0.5, balance=2.0) as server:
        check(
            """
settings.prompt = "a mug"
settings.use_seed, settings.seed = True, 7
assert bpy.ops.sam3d.test_connection(provider=PROVIDER) == {"FINISHED"}
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
thing, = things()
assert thing.name == "mug" and len(thing.data.polygons) > 0
job, = jobs.runner().jobs.values()
assert thing["sam3d_provider"] == PROVIDER and thing["sam3d_prompt"] == "a mug"
assert thing["sam3d_cost"] > 0 and abs(thing["sam3d_cost"] - job.cost) < 1e-6
assert job.model.is_file() and job.model.with_suffix(".json").is_file()
assert jobs.runner().spent_today() == {PROVIDER: job.cost}
print("SPENT", job.cost, "FOLDER", job.folder)
bpy.ops.wm.save_as_mainfile(filepath=str(Path.cwd() / "saved.blend"))
leave()
""",
            tmp_path,
            server,
            provider,
        )
        assert server.submits == server.submit_posts == 1
        assert files_with(tmp_path, server.key) == []


@pytest.mark.parametrize("provider", ["WAVESPEED", "SEGMIND"])
def test_a_body_arrives(tmp_path: Path, provider: str) -> None:
    with SERVERS[provider](job_seconds=0.5) as server:
        check(
            """
settings.subject = "BODY"
settings.prompt = "a person"
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
assert things()
leave()
""",
            tmp_path,
            server,
            provider,
        )
        assert server.submits == 1


def test_four_variations_are_one_task_at_runware(tmp_path: Path) -> None:
    with RunwareServer(job_seconds=0.5) as server:
        check(
            """
settings.variations = 4
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
assert len(things()) == 4 and len({thing["sam3d_seed"] for thing in things()}) == 4
assert len(jobs.runner().jobs) == 4
leave()
""",
            tmp_path,
            server,
            "RUNWARE",
        )
        assert server.submits == 1


def test_masks_in_one_run_at_wavespeed(tmp_path: Path) -> None:
    with WaveSpeedServer(job_seconds=0.5) as server:
        check(
            """
for name in ("left", "right"):
    mask = settings.masks.add()
    mask.name = name
    mask.image = bpy.data.images.new(name, *settings.image.size)
    mask.image.generated_color = (1, 1, 1, 1)
settings.masks_in_one_run = True
assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}
leave()
""",
            tmp_path,
            server,
            "WAVESPEED",
        )
        assert server.submits == 1
        assert [len(job.inputs["mask_images"]) for job in server.jobs.values()] == [2]


@pytest.mark.parametrize("provider", SERVERS)
def test_a_killed_blender_loses_nothing(tmp_path: Path, provider: str) -> None:
    with SERVERS[provider](job_seconds=math.inf) as server:
        env = {"PROVIDER": provider, "URL": server.url, "PHOTO": str(photo(tmp_path))}
        env[f"{provider}_API_KEY"] = server.key
        killed = run_in_blender(
            PRELUDE
            + """
import signal
from bl_ext.user_default.sam3d.operators.reconstruct import start
start(bpy.context)
while not any(job.task for job in jobs.runner().jobs.values()):
    jobs.runner().drain()
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGKILL)
""",
            tmp_path,
            env=env,
        )
        assert killed.status == -signal.SIGKILL, killed.output
        server.job_seconds = 0.0
        again = run_in_blender(
            """
import os, sys, time, bpy
import addon_utils
MODULE = "bl_ext.user_default.sam3d"
addon_utils.enable(MODULE, default_set=True)
chosen = bpy.context.preferences.addons[MODULE].preferences
name = os.environ["PROVIDER"].lower()
setattr(chosen, f"{name}_url", os.environ["URL"])
setattr(chosen, f"{name}_api_key", os.environ["KEY"])  # the job waits for it
from bl_ext.user_default.sam3d import jobs
end = time.monotonic() + 60
job, = jobs.runner().jobs.values()
while jobs.runner().jobs[job.id].at_work:
    assert time.monotonic() < end, jobs.runner().jobs
    jobs.runner().drain()
    time.sleep(0.05)
job = jobs.runner().jobs[job.id]
assert job.state == "READY", job
assert bpy.ops.sam3d.import_job(job_id=job.id) == {"FINISHED"}
assert [thing for thing in bpy.context.scene.objects if "sam3d_job" in thing]
sys.stdout.flush()
os._exit(0)
""",
            tmp_path,
            install=False,
            env={"PROVIDER": provider, "URL": server.url, "KEY": server.key},
        )
        assert again.status == 0, again.output
        assert server.submits == server.submit_posts == 1
        assert server.leaks == []
