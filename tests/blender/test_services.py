# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole road to each service in real Blender: settings, button, poll, model in the scene."""

import math
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from blender_process import check, run_in_blender
from loopback import faults, models
from loopback.people import people
from loopback.runware import RunwareServer
from loopback.segmind import SegmindServer
from loopback.server import File, LoopbackServer
from loopback.wavespeed import WaveSpeedServer
from moving_files import windmill
from people import MHR, write_person

SERVERS = {"WAVESPEED": WaveSpeedServer, "SEGMIND": SegmindServer, "RUNWARE": RunwareServer}


def environment(server: LoopbackServer, provider: str) -> dict[str, str]:
    """The key of a service where Blender looks for it."""
    return {f"{provider}_API_KEY": server.key}


def check_service(
    function: str, folder: Path, server: LoopbackServer, provider: str, *arguments: str, alone: bool = False
) -> str:
    """Call a function of assertions against a service in Blender; returns what it printed."""
    words = (provider, server.url, str(photo(folder)), *arguments)
    output = check("services", function, folder, *words, env=environment(server, provider), alone=alone)
    assert server.leaks == []
    return output


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
        check_service("the_whole_road", tmp_path, server, provider, alone=True)
        assert server.submits == server.submit_posts == 1
        assert files_with(tmp_path, server.key) == []


@pytest.mark.parametrize("provider", ["WAVESPEED", "SEGMIND"])
def test_a_body_arrives(tmp_path: Path, provider: str) -> None:
    with SERVERS[provider](job_seconds=0.5) as server:
        check_service("a_body_arrives", tmp_path, server, provider)
        assert server.submits == 1


@pytest.mark.parametrize("apart", [0.0, 1.5])
def test_everybody_of_an_answer_arrives(tmp_path: Path, apart: float) -> None:
    """Each in a file of its own, the second of whom is a child."""
    with WaveSpeedServer(job_seconds=0.1, results=people(1.0, 0.6, 0.9, apart=apart)) as server:
        check_service("everybody_arrives", tmp_path, server, "WAVESPEED", str(apart))
        assert server.submits == server.submit_posts == 1


def test_everybody_at_segmind_arrives(tmp_path: Path) -> None:
    with SegmindServer(job_seconds=0.1, people=3, person_models=people(1.0, 0.6, 0.9)) as server:
        check_service("everybody_arrives", tmp_path, server, "SEGMIND", "0")
        assert server.submits == server.submit_posts == 1


def test_everybody_with_a_skeleton_arrives(tmp_path: Path) -> None:
    """As the own server makes them."""
    files = []
    for number, size in enumerate((1.0, 0.6, 0.9)):
        path = tmp_path / f"{number}.glb"
        joints = {
            name: replace(joint, place=(size * joint.place[0], size * joint.place[1], size * joint.place[2]))
            for name, joint in MHR.items()
        }
        write_person(path, joints)
        files.append(File(path.name, path.read_bytes(), "model/gltf-binary"))
    with WaveSpeedServer(job_seconds=0.1, results=files) as server:
        check_service("everybody_arrives", tmp_path, server, "WAVESPEED", "0")


def test_one_of_three_who_did_not_arrive_is_fetched_by_retry(tmp_path: Path) -> None:
    with WaveSpeedServer(job_seconds=0.1, results=people(1.0, 0.6, 0.9)) as server:
        server.fault("download", faults.NOT_FOUND, after=1, times=1)
        check_service("one_of_three_is_fetched_by_retry", tmp_path, server, "WAVESPEED")
        assert server.submits == server.submit_posts == 1


def test_a_moving_model_says_what_plays(tmp_path: Path) -> None:
    with WaveSpeedServer(job_seconds=0.5) as server:
        server.results = [File("model.glb", windmill().bytes(), "model/gltf-binary")]
        check_service("a_moving_model_says_what_plays", tmp_path, server, "WAVESPEED")


def test_four_variations_are_one_task_at_runware(tmp_path: Path) -> None:
    with RunwareServer(job_seconds=0.5) as server:
        check_service("four_variations_are_one_task", tmp_path, server, "RUNWARE")
        assert server.submits == 1


def test_masks_in_one_run_at_wavespeed(tmp_path: Path) -> None:
    with WaveSpeedServer(job_seconds=0.5) as server:
        check_service("masks_in_one_run", tmp_path, server, "WAVESPEED")
        assert server.submits == 1
        assert [len(job.inputs["mask_images"]) for job in server.jobs.values()] == [2]


@pytest.mark.parametrize("provider", SERVERS)
def test_a_killed_blender_loses_nothing(tmp_path: Path, provider: str) -> None:
    with SERVERS[provider](job_seconds=math.inf) as server:
        words = (provider, server.url, str(photo(tmp_path)))
        env = environment(server, provider)
        killed = run_in_blender("services", "killed_with_a_task_at_the_service", tmp_path, *words, env=env)
        assert killed.status == -signal.SIGKILL, killed.output
        server.job_seconds = 0.0
        words = (provider, server.url, server.key)
        check("services", "the_next_blender_brings_the_job", tmp_path, *words, alone=True)
        assert server.submits == server.submit_posts == 1
        assert server.leaks == []


def test_results_wait_for_the_next_blender_with_another_file_open(tmp_path: Path) -> None:
    """It was killed with one result not yet imported and another half downloaded."""
    with WaveSpeedServer(job_seconds=0.1) as server:
        server.fault("download", faults.stall(), after=1)
        words = ("WAVESPEED", server.url, str(photo(tmp_path)))
        env = environment(server, "WAVESPEED")
        killed = run_in_blender(
            "services", "killed_with_one_result_there_and_one_on_its_way", tmp_path, *words, env=env
        )
        assert killed.status == -signal.SIGKILL, killed.output
        server.mend()
        check_service("results_wait_with_another_file_open", tmp_path, server, "WAVESPEED", alone=True)
        assert server.submits == server.submit_posts == 2
        assert files_with(tmp_path, server.key) == []


def test_a_job_in_doubt_is_run_again_only_when_told_to_pay(tmp_path: Path) -> None:
    with WaveSpeedServer() as server:
        server.fault("submit", faults.CUT_AFTER, times=1)
        output = check_service("a_job_in_doubt_is_run_again_only_when_told_to_pay", tmp_path, server, "WAVESPEED")
        before = output.partition("ONE SO FAR")[0]
        assert "may have charged this job already; running it again costs $0.020 more" in before
        assert server.submits == server.submit_posts == 2


def test_the_connection_is_tested(tmp_path: Path) -> None:
    with WaveSpeedServer(balance=1.5) as server, WaveSpeedServer(balance=0.0) as poor:
        output = check_service("the_connection_is_tested", tmp_path, server, "WAVESPEED", poor.url)
        for words in ("Info: WaveSpeedAI: The key works", "Warning: WaveSpeedAI does not accept the key"):
            assert words in output
        assert server.submit_posts == poor.submit_posts == 0
