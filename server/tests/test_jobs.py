# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs are durable: one for each key, stopped when asked, and never lost with a worker or the server."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from sam3d_server.file_store import FileStore
from sam3d_server.job_store import File, JobStore
from server_process import wait_until
from talking import LONG, Start, Talk, disc_mask, noise, picture

OBJECTS = "/api/v3/wavespeed-ai/sam-3d-objects"


def test_one_key_is_one_job(talk: Talk) -> None:
    image = talk.upload(picture())
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: talk.submit(image, idempotency_key="one")["id"], range(8)))
    assert len(set(ids)) == 1
    again = talk.submit(talk.upload(picture()), idempotency_key="one")  # the same picture at another address
    assert again["id"] == ids[0]
    other = talk.post("/api/v3/wavespeed-ai/sam-3d-objects", {"image": image, "seed": 1, "idempotency_key": "one"})
    assert other.status_code == 409
    header = talk.post("/api/v3/wavespeed-ai/sam-3d-objects", {"image": image}, headers={"Idempotency-Key": "one"})
    assert header.json()["data"]["id"] == ids[0]
    found = talk.get("/api/v3/predictions", params={"idempotency_key": "one"})
    assert found.json()["data"]["id"] == ids[0]
    assert talk.get("/api/v3/predictions", params={"idempotency_key": "two"}).status_code == 404


def test_cancel(talk: Talk) -> None:
    image = talk.upload(LONG.read_bytes())
    running, waiting = talk.submit(image)["id"], talk.submit(image)["id"]
    talk.wait_for_work(running)
    worker = talk.server.workers()
    for id in (waiting, running):
        assert talk.post(f"/api/v3/predictions/{id}/cancel").json()["data"]["status"] == "cancelled"
    quick = talk.submit(talk.upload(picture()))["id"]
    assert talk.result(quick)["status"] == "completed"
    assert talk.prediction(running)["status"] == talk.prediction(waiting)["status"] == "cancelled"
    assert talk.server.workers() == worker  # it ended the job by itself
    assert talk.post(f"/api/v3/predictions/{quick}/cancel").json()["data"]["status"] == "completed"


def test_a_killed_worker_loses_no_job(start: Start) -> None:
    talk = start()
    id = talk.submit(talk.upload(LONG.read_bytes()))["id"]
    talk.wait_for_work(id)
    (worker,) = talk.server.workers()
    os.kill(worker, signal.SIGKILL)
    done = talk.result(id)
    assert talk.glb(done)
    assert done["tries"] == 2


def test_a_job_is_tried_at_most_twice(start: Start) -> None:
    talk = start()
    id = talk.submit(talk.upload(LONG.read_bytes()))["id"]
    killed: set[int] = set()
    while len(killed) < 2:
        wait_until(lambda: set(talk.server.workers()) - killed, "a worker")
        talk.wait_for_work(id)
        for worker in set(talk.server.workers()) - killed:
            os.kill(worker, signal.SIGKILL)
            killed.add(worker)
        wait_until(lambda: not set(talk.server.workers()) & killed, "the end of the worker")
    failed = talk.result(id)
    assert failed["status"] == "failed"
    assert "was ended in the middle of the job" in failed["error"]
    assert failed["error"].endswith("It was tried 2 times.")
    next_one = talk.submit(talk.upload(picture()))["id"]
    assert talk.result(next_one)["status"] == "completed"


def test_a_hung_worker_is_ended(start: Start) -> None:
    talk = start("--job-seconds", "20")
    image = talk.upload(picture())
    assert talk.result(talk.submit(image)["id"])["status"] == "completed"
    (worker,) = talk.server.workers()
    os.kill(worker, signal.SIGSTOP)
    done = talk.result(talk.submit(image)["id"])
    assert done["status"] == "completed"
    assert done["tries"] == 2
    assert talk.server.workers() != [worker]


def test_a_job_that_takes_too_long(start: Start) -> None:
    talk = start("--job-seconds", "0.5")
    failed = talk.result(talk.submit(talk.upload(LONG.read_bytes()))["id"])
    assert failed["code"] == 5004
    assert "took more than 0.00833 minutes" in failed["error"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_restarted_server_goes_on(start: Start, how: signal.Signals) -> None:
    talk = start()
    long, short = talk.upload(LONG.read_bytes()), talk.upload(picture())
    jobs = [talk.submit(long)["id"], *(talk.submit(short)["id"] for _ in range(2))]
    talk.wait_for_work(jobs[0])
    workers = talk.server.workers()
    talk.server.process.send_signal(how)
    talk.server.process.wait(30)
    wait_until(lambda: not any(Path(f"/proc/{id}").exists() for id in workers), "the end of the workers")
    talk = start()
    done = [talk.result(id) for id in jobs]
    assert all(talk.glb(one) for one in done)
    assert [one["tries"] for one in done] == [1] * 3  # the server's own end is no fault of a job


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_what_ends_the_whole_group_counts_no_try(start: Start, how: signal.Signals) -> None:
    """Ctrl+C in a terminal and the end of a service reach the workers as well as the server."""
    talk = start()
    id = talk.submit(talk.upload(LONG.read_bytes()))["id"]
    for _ in range(2):
        talk.wait_for_work(id)
        for process in (*talk.server.workers(), talk.server.process.pid):
            os.kill(process, how)
        talk.server.process.wait(30)
        with sqlite3.connect(talk.server.data / "jobs.sqlite") as base:
            assert base.execute("SELECT state, tries, deaths FROM jobs").fetchall() == [("queued", 0, 0)]
        base.close()
        assert "Traceback" not in talk.server.log.read_text()
        talk = start()
    done = talk.result(id)
    assert talk.glb(done) and done["tries"] == 1


def test_who_presses_ctrl_c_twice_loses_no_job(start: Start) -> None:
    talk = start()
    image = talk.upload(LONG.read_bytes())
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(talk.post, OBJECTS, {"image": image, "enable_sync_mode": True, "idempotency_key": "k"})
        wait_until(lambda: talk.get("/health").json()["busy"], "work")
        for _ in range(2):
            talk.server.process.send_signal(signal.SIGINT)
            time.sleep(0.3)  # two of a kind that wait for the same moment would be one
        talk.server.process.wait(30)
        assert waiting.exception(30) or waiting.result().status_code >= 500
    with sqlite3.connect(talk.server.data / "jobs.sqlite") as base:
        assert base.execute("SELECT state, tries, deaths FROM jobs").fetchall() == [("queued", 0, 0)]
    base.close()


def test_two_servers_do_not_share_a_folder(start: Start) -> None:
    start()
    with pytest.raises(AssertionError, match="Another server works with"):
        start()


def test_2000_jobs_wait_in_order(start: Start) -> None:
    talk = start("--queue-length", "2000")
    image = talk.upload(picture())
    talk.wait_for_work(talk.submit(image)["id"])
    worker = talk.server.workers()[0]
    os.kill(worker, signal.SIGSTOP)  # leaves the processor to the others
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda _: talk.submit(image)["id"], range(1990)))
    assert len(set(jobs)) == 1990
    assert talk.prediction(jobs[-1])["status"] == "created"
    assert talk.get("/health").json()["queue"]["waiting"] > 1900
    talk.server.kill()
    os.kill(worker, signal.SIGKILL)  # standing still it cannot see that its server is gone
    talk = start("--queue-length", "1500")
    assert talk.prediction(jobs[1000])["status"] in ("created", "processing", "completed")
    refused = talk.post("/api/v3/wavespeed-ai/sam-3d-objects", {"image": image})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "10"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda id: talk.post(f"/api/v3/predictions/{id}/cancel"), jobs))
    assert talk.get("/health").json()["queue"]["waiting"] == 0


def test_100_clients_at_once(start: Start) -> None:
    talk = start("--workers", "2")

    def run(number: int) -> str:
        mine = Talk(talk.server)
        image, mask = mine.upload(picture()), mine.upload(disc_mask())
        id = mine.submit(image, mask_images=[mask], idempotency_key=f"client-{number}")["id"]
        return str(mine.prediction(id)["id"])

    with ThreadPoolExecutor(100) as pool:
        ids = list(pool.map(run, range(100)))
    assert len(set(ids)) == 100
    for id in ids[5:]:
        talk.post(f"/api/v3/predictions/{id}/cancel")
    assert {talk.result(id)["status"] for id in ids[:1]} == {"completed"}


def test_a_locked_database_is_waited_for(start: Start) -> None:
    talk = start()
    image = talk.upload(picture())
    base = sqlite3.connect(talk.server.data / "jobs.sqlite", isolation_level=None)
    base.execute("BEGIN IMMEDIATE")
    answer = talk.post("/api/v3/wavespeed-ai/sam-3d-objects", {"image": image})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    base.execute("ROLLBACK")
    assert talk.result(talk.submit(image)["id"])["status"] == "completed"


def test_a_full_disk_is_told(start: Start) -> None:
    talk = start()
    image = talk.upload(picture())
    talk.server.stop()
    talk = start("--least-free-mb", str(10**9))
    for answer in (
        talk.post("/api/v3/wavespeed-ai/sam-3d-objects", {"image": image}),
        talk.post("/api/v3/media/uploads", {"filename": "x", "size": 10}),
        talk.post("/api/v3/media/upload/binary", files={"file": ("x", picture())}),
    ):
        assert answer.status_code == 507
        assert "disk is full" in answer.json()["message"]
    assert talk.get("/health").status_code == 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The servers' data folder, on a disk of 24 MB."""
    folder = tmp_path / "data"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_that_gets_full(small_disk: Path, start: Start) -> None:
    talk = start("--least-free-mb", "0")
    image, large = talk.upload(picture()), noise(3200, 3000)
    assert talk.result(talk.submit(image)["id"])["status"] == "completed"
    refused = talk.post("/api/v3/media/upload/binary", files={"file": ("x", large)})
    assert refused.status_code == 507
    options = {"filename": "x", "size": len(large)}
    way = talk.post("/api/v3/media/uploads", options).json()["data"]["upload"]
    assert requests.put(way["url"], large, headers=way["headers"], timeout=60).status_code == 507
    with (small_disk / "filler").open("wb") as filler:
        filler.write(bytes(shutil.disk_usage(small_disk).free - 200_000))
    failed = talk.result(talk.submit(image)["id"])
    assert failed["status"] == "failed"
    assert "The server's disk" in failed["error"]
    (small_disk / "filler").unlink()
    assert talk.result(talk.submit(image)["id"])["status"] == "completed"


def test_old_and_too_many_files_go(tmp_path: Path) -> None:
    job_store = JobStore(tmp_path)
    file_store = FileStore(tmp_path, job_store, least_free=0)

    def keep(age: float, size: int) -> str:
        file = File(file_store.new_id(), "x.glb", "model/gltf-binary", size, "", True, time.time() - age)
        file_store.path(file.id).write_bytes(bytes(size))
        job_store.announce(file)
        return file.id

    needed, old, first, second = keep(5000, 10), keep(4000, 10), keep(300, 10), keep(200, 10)
    job_store.submit(
        file_store.new_id(),
        key=None,
        fingerprint="",
        model="m",
        engine="draft",
        options={"seed": 1},
        image=needed,
        masks=[],
    )
    assert file_store.tidy(keep_seconds=3600, keep_bytes=20) == 2
    there = [id for id in (needed, old, first, second) if file_store.path(id).exists()]
    assert there == [needed, second]
    assert job_store.file(old) is None
    job_store.close()
    job_store = JobStore(tmp_path)
    (tmp_path / "files" / ("0" * 32)).write_bytes(b"of a server that was killed")
    FileStore(tmp_path, job_store, least_free=0)
    assert sorted(file.name for file in (tmp_path / "files").iterdir()) == sorted(there)
    job_store.close()
