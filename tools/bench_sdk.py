# SPDX-License-Identifier: GPL-3.0-or-later
"""Our road from photo to model file beside that of WaveSpeed's own SDK, against the same server on this machine.

usage: build/env/dev/bin/python tools/bench_sdk.py
A photo of 3 MB, jobs that take the service about 20 s. The SDK uploads, runs and leaves the download to its user; ours
is a job from the order to READY, for a service that nothing is known of yet and for one that has been used before.
Goal: our time beyond the job's own is at most half of the SDK's, with no more requests. The times of the jobs are
spread evenly over a second, because the SDK asks once a second and would meet a round number by luck; that case stands
beside it.
Exits with 1 where the goal is missed.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import requests
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "build" / "python"), str(ROOT / "tests")]

from loopback.wavespeed import WaveSpeedServer  # noqa: E402
from wavespeed import Client  # type: ignore[import-untyped]  # noqa: E402

from sam3d.jobs.journal import Journal  # noqa: E402
from sam3d.jobs.ledger import Ledger  # noqa: E402
from sam3d.jobs.model import Destination, Job, State  # noqa: E402
from sam3d.jobs.queue import JobQueue  # noqa: E402
from sam3d.jobs.worker import NewJob  # noqa: E402
from sam3d.photos.batch import Batch  # noqa: E402
from sam3d.photos.picture import PictureFile  # noqa: E402
from sam3d.providers import SERVICES, Credentials, ReconstructionOptions  # noqa: E402

JOB_SECONDS = 20.0
RUNS = 5
APART = 1.0
"""Seconds between the starts of two runs, so that their busy moments do not meet."""
LOOK = 0.02
"""Seconds between two looks of ours at the jobs."""
SIZE = (2048, 1536)
PHOTO_BYTES = 3_000_000


@dataclass(frozen=True)
class Figures:
    """Seconds beyond the job's own and the number of requests of one run."""

    seconds: float
    requests: int


Road = Callable[[WaveSpeedServer, Path, Path], None]


def make_photo(path: Path) -> None:
    """A JPEG of about PHOTO_BYTES: smooth light with a camera's noise over it."""
    numbers = np.random.default_rng(1)
    coarse = Image.fromarray(numbers.integers(30, 220, (12, 16, 3), dtype=np.uint8))
    light = np.asarray(coarse.resize(SIZE, Image.Resampling.BICUBIC), dtype=np.float32)
    image = Image.fromarray((light + numbers.normal(0.0, 14.0, light.shape)).clip(0, 255).astype(np.uint8))
    for quality in range(70, 100):
        image.save(path, quality=quality)
        if path.stat().st_size >= PHOTO_BYTES:
            return


def by_sdk(server: WaveSpeedServer, photo: Path, folder: Path) -> None:
    """As the SDK's pages show it."""
    client = Client(api_key=server.key, base_url=server.url)
    response = client.run("wavespeed-ai/sam-3d-objects", {"image": client.upload(str(photo)), "prompt": "mug"})
    (folder / "model.glb").write_bytes(requests.get(response["outputs"][0], timeout=30).content)


def by_us(queue: JobQueue) -> Road:
    """A job of the add-on."""

    def road(server: WaveSpeedServer, photo: Path, folder: Path) -> None:
        queue.allow({"WAVESPEED": Credentials(server.url, server.key)}, 0.0)
        place = Destination("", "Scene", "photo", "mug", (0.0, 0.0, 0.0))
        job = Job("job", "WAVESPEED", "photo", ReconstructionOptions(prompt="mug"), place, folder / "job", price=0.02)
        queue.start(NewJob(Batch(PictureFile(photo)), 0, job))
        while queue.jobs["job"].at_work:
            time.sleep(LOOK)
            queue.drain()
        ended = queue.jobs["job"]
        assert ended.state is State.READY and ended.model is not None and ended.model.exists(), ended

    return road


def make_queue(folder: Path, past: list[float]) -> JobQueue:
    """A queue that has seen jobs of these seconds."""
    journal = folder / "journal.sqlite3"
    Journal(journal)
    ledger = Ledger(journal)
    for number, seconds in enumerate(past):
        ledger.enter(f"past-{number}", "WAVESPEED", "OBJECT", 0.02, 0.0)
        ledger.time(f"past-{number}", seconds)
    queue = JobQueue(SERVICES, journal)
    queue.wait_for_journal()
    return queue


def measure(road: Road, photo: Path, folder: Path, job_seconds: float) -> Figures:
    """One run on a server of its own."""
    with WaveSpeedServer(job_seconds=job_seconds) as server:
        begun = time.perf_counter()
        road(server, photo, folder)
        return Figures(time.perf_counter() - begun - job_seconds, len(server.requests))


def main() -> int:
    """Run all of them side by side, print the medians; returns the exit status."""
    numbers = random.Random(1)
    spread = [JOB_SECONDS + (number + 0.5) / RUNS for number in range(RUNS)]
    past = [JOB_SECONDS + numbers.random() for _ in range(5)]
    cases = [(f"{JOB_SECONDS:g} to {JOB_SECONDS + 1:g} s", seconds) for seconds in spread]
    cases += [(f"exactly {JOB_SECONDS:g} s", JOB_SECONDS)] * 2
    figures: dict[tuple[str, str], list[Figures]] = {}
    queues: list[JobQueue] = []
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(max_workers=3 * len(cases)) as threads:
        photo = Path(name) / "photo.jpg"
        make_photo(photo)
        print(f"photo: {photo.stat().st_size / 1e6:.2f} MB, {SIZE[0]} x {SIZE[1]} pixels")
        running: list[tuple[tuple[str, str], Future[Figures]]] = []
        for case, seconds in cases:
            for way in ("SDK", "ours, nothing learned", "ours, learned"):
                folder = Path(name) / str(len(running))
                folder.mkdir()
                road: Road = by_sdk
                if way != "SDK":
                    queues.append(make_queue(folder, past if way == "ours, learned" else []))
                    road = by_us(queues[-1])
                running.append(((case, way), threads.submit(measure, road, photo, folder, seconds)))
                time.sleep(APART)
        for key, future in running:
            figures.setdefault(key, []).append(future.result())
        for queue in queues:
            queue.close()
    return report(figures)


def report(figures: dict[tuple[str, str], list[Figures]]) -> int:
    """Print the medians; returns 1 where the goal is missed for the jobs whose time is spread."""
    medians: dict[tuple[str, str], Figures] = {}
    for (case, way), runs in figures.items():
        seconds = sorted(run.seconds for run in runs)
        counts = sorted(run.requests for run in runs)
        medians[case, way] = Figures(statistics.median(seconds), round(statistics.median(counts)))
        print(
            f"jobs of {case}, {way}: {medians[case, way].seconds:.3f} s beyond the job's own "
            f"({seconds[0]:.3f} to {seconds[-1]:.3f}), {counts[0]} to {counts[-1]} requests"
        )
    spread = next(iter(medians))[0]
    sdk = medians[spread, "SDK"]
    ours = [found for (case, way), found in medians.items() if case == spread and way != "SDK"]
    met = all(found.seconds <= sdk.seconds / 2 and found.requests <= sdk.requests for found in ours)
    print("goal met" if met else "goal MISSED")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
