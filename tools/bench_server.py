# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the server itself takes beside its engine, with several clients at once.

    build/env/dev/bin/python tools/bench_server.py [--clients 8] [--jobs 6] [--workers 2]

Starts the real server with the draft engine. Each client uploads a photo, then submits it again and again in the sync
mode and downloads the model. Of the time from the submit to the model's last byte, what the job waited for a free worker
and what the engine took (by its own clock) are taken off; the rest is the server's: protocol, records, files, processes.
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


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure what the server takes beside its engine.")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=6, help="jobs of each client")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        ServerProcess(Path(folder), "--workers", str(arguments.workers)) as server,
        ThreadPoolExecutor(arguments.clients) as pool,
    ):
        run_client(server.url, arguments.workers)  # the workers have loaded what they need
        clients = list(pool.map(lambda _: run_client(server.url, arguments.jobs), range(arguments.clients)))
    own = sorted(own for seen in clients for _, own in seen)
    whole = statistics.median(whole for seen in clients for whole, _ in seen)
    print(f"{len(own)} jobs of {arguments.clients} clients, {arguments.workers} worker(s)")
    print(f"beyond the engine: median {statistics.median(own) * 1000:.0f} ms, 95% {own[int(len(own) * 0.95)] * 1000:.0f} ms")
    print(f"from submit to model, with the wait for a worker: median {whole:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
