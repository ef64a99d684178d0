# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole road to each service in real Blender: settings, button, poll, model in the scene."""

import math
import signal
from pathlib import Path

import pytest
from blender_process import Finished, run_in_blender
from loopback import faults, models
from loopback.runware import RunwareServer
from loopback.segmind import SegmindServer
from loopback.server import LoopbackServer
from loopback.wavespeed import WaveSpeedServer

PRELUDE = """
import os, sys, time
from pathlib import Path
import bpy
from bl_ext.user_default.sam3d.runtime.state import runtime
from bl_ext.user_default.sam3d.runtime import import_queue
from bl_ext.user_default.sam3d.preferences import preferences
bpy.ops.wm.read_homefile(use_empty=True)
scene = bpy.context.scene
settings = scene.sam3d
chosen = preferences(bpy.context)
PROVIDER = os.environ["PROVIDER"]
setattr(chosen, f"{PROVIDER.lower()}_url", os.environ["URL"])
settings.provider = PROVIDER
settings.image = bpy.data.images.load(os.environ["PHOTO"])

def imported_objects():
    return [obj for obj in bpy.context.scene.objects if "sam3d_job" in obj]

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
obj, = imported_objects()
assert obj.name == "mug" and len(obj.data.polygons) > 0
job, = runtime().queue.jobs.values()
assert obj["sam3d_provider"] == PROVIDER and obj["sam3d_prompt"] == "a mug"
assert obj["sam3d_cost"] > 0 and abs(obj["sam3d_cost"] - job.cost) < 1e-6
assert job.model.is_file() and job.model.with_suffix(".json").is_file()
assert runtime().queue.services.spent_today() == {PROVIDER: job.cost}
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
assert imported_objects()
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
assert len(imported_objects()) == 4 and len({obj["sam3d_seed"] for obj in imported_objects()}) == 4
assert len(runtime().queue.jobs) == 4
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
from bl_ext.user_default.sam3d.runtime.reconstruction import start
start(bpy.context)
while not any(job.task for job in runtime().queue.jobs.values()):
    runtime().queue.drain()
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
from bl_ext.user_default.sam3d.runtime.state import runtime
end = time.monotonic() + 60
job, = runtime().queue.jobs.values()
while runtime().queue.jobs[job.id].at_work:
    assert time.monotonic() < end, runtime().queue.jobs
    runtime().queue.drain()
    time.sleep(0.05)
job = runtime().queue.jobs[job.id]
assert job.state == "READY", job
assert bpy.ops.sam3d.import_job(job_id=job.id) == {"FINISHED"}
assert [obj for obj in bpy.context.scene.objects if "sam3d_job" in obj]
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


def test_results_wait_for_the_next_blender_with_another_file_open(tmp_path: Path) -> None:
    """It was killed with one result not yet imported and another half downloaded."""
    with WaveSpeedServer(job_seconds=0.1) as server:
        server.fault("download", faults.stall(), after=1)
        env = {"PROVIDER": "WAVESPEED", "URL": server.url, "PHOTO": str(photo(tmp_path))}
        env["WAVESPEED_API_KEY"] = server.key
        killed = run_in_blender(
            PRELUDE
            + """
import signal
from bl_ext.user_default.sam3d.runtime.reconstruction import start
bpy.ops.wm.save_as_mainfile(filepath=str(Path.cwd() / "first.blend"))
def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, runtime().queue.jobs
        runtime().queue.drain()
        time.sleep(0.01)
first, = start(bpy.context)
until(lambda: runtime().queue.jobs[first].state == "READY")
second, = start(bpy.context)
until(lambda: list(runtime().queue.jobs[second].folder.glob("*.part")))
os.kill(os.getpid(), signal.SIGKILL)
""",
            tmp_path,
            env=env,
        )
        assert killed.status == -signal.SIGKILL, killed.output
        server.mend()
        check(
            """
bpy.ops.wm.save_as_mainfile(filepath=str(Path.cwd() / "other.blend"))
queue = runtime().queue
end = time.monotonic() + 60
while queue.at_work():
    assert time.monotonic() < end, queue.jobs
    import_queue.tick(bpy.context)
    time.sleep(0.02)
ids = list(queue.jobs)
assert [queue.jobs[job_id].state for job_id in ids] == ["READY", "READY"], queue.jobs
assert not imported_objects()  # nothing comes into another scene by itself
for job_id in ids:
    assert bpy.ops.sam3d.import_job(job_id=job_id) == {"FINISHED"}
assert sorted(obj["sam3d_job"] for obj in imported_objects()) == sorted(ids)
assert [queue.jobs[job_id].state for job_id in ids] == ["IMPORTED", "IMPORTED"]
assert not list(Path.cwd().rglob("*.part"))
leave()
""",
            tmp_path,
            server,
            "WAVESPEED",
        )
        assert server.submits == server.submit_posts == 2
        assert files_with(tmp_path, server.key) == []


def test_a_job_in_doubt_is_run_again_only_when_told_to_pay(tmp_path: Path) -> None:
    with WaveSpeedServer() as server:
        server.fault("submit", faults.CUT_AFTER, times=1)
        finished = check(
            """
assert bpy.ops.sam3d.reconstruct() == {"CANCELLED"}
queue = runtime().queue
job, = queue.jobs.values()
assert job.state == "FAILED" and "may have been charged" in job.message, job
for _ in range(2):
    assert bpy.ops.sam3d.retry_job(job_id=job.id) == {"CANCELLED"}
assert list(queue.jobs) == [job.id] and not queue.at_work()
print("ONE SO FAR")
assert bpy.ops.sam3d.retry_job(job_id=job.id, pay_again=True) == {"FINISHED"}
end = time.monotonic() + 60
while not imported_objects():
    assert time.monotonic() < end, queue.jobs
    import_queue.tick(bpy.context)
    time.sleep(0.02)
assert len(queue.jobs) == 1 and job.id not in queue.jobs
leave()
""",
            tmp_path,
            server,
            "WAVESPEED",
        )
        before = finished.output.partition("ONE SO FAR")[0]
        assert "may have charged this job already; running it again costs $0.020 more" in before
        assert server.submits == server.submit_posts == 2


def test_the_connection_is_tested(tmp_path: Path) -> None:
    with WaveSpeedServer(balance=1.5) as server, WaveSpeedServer(balance=0.0) as poor:
        finished = check(
            f"POOR = {poor.url!r}"
            + """
from bl_ext.user_default.sam3d.runtime.state import runtime
last_checks = runtime().preferences.last_checks
def tested(provider, outcome, words):
    assert bpy.ops.sam3d.test_connection(provider=provider) == {outcome}, last_checks
    assert words in last_checks[provider], last_checks
tested("DRAFT", "FINISHED", "built in")
tested("SEGMIND", "CANCELLED", "There is no key for Segmind")
tested(PROVIDER, "FINISHED", "The key works. Balance $1.50.")
chosen.wavespeed_api_key = "wrong"
tested(PROVIDER, "CANCELLED", "does not accept the key")
chosen.wavespeed_api_key = ""
chosen.wavespeed_url = POOR
tested(PROVIDER, "FINISHED", "The key works, but there is no credit")
chosen.wavespeed_url = "http://127.0.0.1:1"
tested(PROVIDER, "CANCELLED", "cannot be reached")
assert not bpy.app.online_access
chosen.wavespeed_url = "https://api.wavespeed.ai"
tested(PROVIDER, "CANCELLED", "set to work offline")
leave()
""",
            tmp_path,
            server,
            "WAVESPEED",
        )
        for words in ("Info: WaveSpeedAI: The key works", "Warning: WaveSpeedAI does not accept the key"):
            assert words in finished.output
        assert server.submit_posts == poor.submit_posts == 0
