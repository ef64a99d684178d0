# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a journal of many jobs takes to open, and what that costs Blender's main thread.

usage: build/env/dev/bin/python tools/bench_journal.py [JOBS]
Goal: 10,000 jobs open in under 0.3 s.
"""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "build" / "python"), str(ROOT / "tests")]

from long_journal import make_journal  # noqa: E402

from sam3d.jobs.ledger import Ledger  # noqa: E402
from sam3d.jobs.queue import JobQueue  # noqa: E402
from sam3d.providers import SERVICES  # noqa: E402

GOAL = 0.3
TRIES = 5


@dataclass(frozen=True)
class Opening:
    """Seconds until the jobs are known, those of them that the main thread is kept busy, and how many jobs it shows."""

    seconds: float
    main_thread: float
    jobs: int


def open_journal(path: Path) -> Opening:
    """Start a queue on a journal as an enabled extension does, and end it again."""
    begun = time.perf_counter()
    queue = JobQueue(SERVICES, path)
    busy = time.perf_counter() - begun
    queue.wait_for_journal()
    drained = time.perf_counter()
    queue.drain()
    end = time.perf_counter()
    opening = Opening(end - begun, busy + end - drained, len(queue.jobs))
    queue.close()
    return opening


def main() -> int:
    """Measure and print; returns 1 where the goal is missed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite3"
        make_journal(path, count)
        openings = [open_journal(path) for _ in range(TRIES)]
        begun = time.perf_counter()
        Ledger(path).times()
        learning = time.perf_counter() - begun
        size = path.stat().st_size
    best, worst = min(opening.seconds for opening in openings), max(opening.seconds for opening in openings)
    busiest = max(opening.main_thread for opening in openings)
    print(f"{count} jobs, {size / 1e6:.1f} MB on disk, {openings[0].jobs} of them on the list")
    print(f"open in {best:.3f} s at best, {worst:.3f} s at worst; main thread {busiest * 1000:.2f} ms at most")
    print(f"usual times of the services learned in {learning * 1000:.1f} ms")
    return 0 if best < GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
