# SPDX-License-Identifier: GPL-3.0-or-later
"""What timer and panel cost Blender's main thread in a real window: ten draft jobs, then 200 online ones.

usage: make build, then build/env/dev/bin/python tools/bench_interface.py
Goals: 99 % of the ticks within 2 ms, all within 16 ms, those apart that import a result; the panel drawn in under 1 ms.
Exits with 1 where the ticks miss them, or the median of the panel does.
"""

import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
TICK, LONGEST_TICK, DRAW = 2.0, 16.0, 1.0
"""Milliseconds."""
DRAWS = "200"
"""How often the panel and the overlay are drawn in each state."""
TEN_JOBS = {"quiet": "ticks without an import", "imports": "imports"}
MANY_JOBS = {
    "start": "starts of one job",
    **TEN_JOBS,
    "draw_first": "panel, first draws",
    "draw_empty": "panel, empty list",
    "draw_long": "panel, journal of 10,000 jobs",
    "draw_running": "panel, 200 jobs at work",
}
"""What the tests measure, in words."""


def measured(test: str, file: str, module: str = "test_jobs.py") -> dict[str, list[float]]:
    """Run a window test and read the milliseconds that it leaves behind; raises CalledProcessError."""
    tests = ROOT / "tests" / "window" / module
    command = [sys.executable, "-m", "pytest", "-q", f"{tests}::test_{test}"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "SAM3D_DRAWS": DRAWS}, check=True)
    found: dict[str, list[float]] = json.loads((ROOT / "build" / "window" / test / file).read_text())
    return found


def late(spent: Sequence[float]) -> float:
    """The 99th percentile."""
    return sorted(spent)[math.ceil(len(spent) * 0.99) - 1]


def report(title: str, figures: Mapping[str, Sequence[float]], names: Mapping[str, str]) -> bool:
    """Print the figures; returns whether the goals are met."""
    print(f"{title}:")
    for key, name in names.items():
        spent = figures[key]
        print(
            f"  {name}: {len(spent)}; median {median(spent):.2f} ms, 99th percentile {late(spent):.2f} ms, "
            f"longest {max(spent):.2f} ms"
        )
    draws = [median(figures[key]) for key in names if key.startswith("draw_") and key != "draw_first"]
    ticks = figures["quiet"]
    return late(ticks) <= TICK and max(ticks) <= LONGEST_TICK and all(draw < DRAW for draw in draws)


def main() -> int:
    """Run the window tests that measure, and print their figures; returns the exit status."""
    try:
        met = [
            report("ten drafts", measured("ten_jobs", "ticks.json"), TEN_JOBS),
            report("200 online jobs, 16 at once", measured("many_jobs", "figures.json"), MANY_JOBS),
        ]
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
