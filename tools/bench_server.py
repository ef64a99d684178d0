# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the GPU server itself takes beside its engine with several clients at once, and what a second worker gains.

    build/env/server/bin/python tools/bench_server.py            beside the engine, 8 clients
    build/env/server/bin/python tools/bench_server.py --scaling  40 jobs by one and by two nodes of a Ray cluster

Starts the real server with the draft engine. Each client uploads a photo, then submits it again and again in the sync
mode and downloads the model. Of the time from the submit to the model's last byte, what the job waited for a free
worker and what the engine took (by its own clock, decoding included) are taken off; the rest is the server's: protocol,
records, files, processes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from environments import ROOT

sys.path.insert(0, str(ROOT / "tests"))
from server_process import ServerProcess

PHOTO = ROOT / "examples" / "photos" / "mug.jpg"
MEMORY = 100 * 1024**2
SCALING_JOBS = 40


def run_client(url: str, jobs: int) -> list[tuple[float, float]]:
    """What one client sees: for each job the seconds in all, and those of the server alone."""
    session = requests.Session()
    with PHOTO.open("rb") as stream:
        told = session.post(f"{url}/api/v3/media/upload/binary", files={"file": stream}, timeout=60).json()
    seen = []
    for _ in range(jobs):
        inputs = {"image": told["data"]["download_url"], "enable_sync_mode": True}
        began = time.perf_counter()
        done = session.post(f"{url}/api/v3/wavespeed-ai/sam-3d-objects", json=inputs, timeout=300).json()["data"]
        model = session.get(done["outputs"][0], timeout=60).content
        whole = time.perf_counter() - began
        assert model[:4] == b"glTF"
        seen.append((whole, whole - done["timings"]["waiting"] / 1000 - done["details"]["engine_seconds"]))
    return seen


def beside_the_engine(clients: int, jobs: int) -> None:
    """Measure and print what the server takes for itself."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ServerProcess(Path(folder)) as server,
        ThreadPoolExecutor(clients) as pool,
    ):
        run_client(server.url, 1)  # the worker has loaded what it needs
        seen = [pair for found in pool.map(lambda _: run_client(server.url, jobs), range(clients)) for pair in found]
    own = sorted(own * 1000 for _, own in seen)
    print(f"{len(own)} jobs of {clients} clients")
    print(f"beyond the engine: median {statistics.median(own):.0f} ms, 95% {own[int(len(own) * 0.95)]:.0f} ms")


def seconds_on(nodes: int) -> float:
    """How long the jobs take on a cluster of so many nodes with one processor each, when their engines are loaded."""
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "object_store_memory": MEMORY, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(nodes):
        cluster.add_node(num_cpus=1, object_store_memory=MEMORY)
    options = ("--executor", "ray", "--ray-address", cluster.address, "--workers", str(nodes))
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            ServerProcess(Path(folder), *options) as server,
            ThreadPoolExecutor(2 * nodes) as pool,
        ):
            list(pool.map(lambda _: run_client(server.url, 1), range(2 * nodes)))
            began = time.perf_counter()
            list(pool.map(lambda _: run_client(server.url, SCALING_JOBS // (2 * nodes)), range(2 * nodes)))
            return time.perf_counter() - began
    finally:
        cluster.shutdown()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure what the server takes beside its engine.")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=6, help="jobs of each client")
    parser.add_argument("--scaling", action="store_true", help=f"{SCALING_JOBS} jobs by one and by two nodes")
    arguments = parser.parse_args()
    if not arguments.scaling:
        beside_the_engine(arguments.clients, arguments.jobs)
        return 0
    one, two = seconds_on(1), seconds_on(2)
    print(f"{SCALING_JOBS} jobs: {one:.1f} s on one node, {two:.1f} s on two, a ratio of {two / one:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
