# SPDX-License-Identifier: GPL-3.0-or-later
"""What the timer costs Blender's main thread while ten draft jobs run, in a real window.

usage: make build, then build/env/dev/bin/python tools/bench_interface.py
Goal: 99 % of the ticks within 2 ms, all within 16 ms, those apart that import a result.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the window test that measures, and print its figures; returns its exit status."""
    test = ROOT / "tests" / "window" / "test_jobs.py"
    finished = subprocess.run([sys.executable, "-m", "pytest", "-q", f"{test}::test_ten_jobs"], cwd=ROOT, check=False)
    if finished.returncode:
        return finished.returncode
    ticks = json.loads((ROOT / "build" / "window" / "ten_jobs" / "ticks.json").read_text())
    for name, spent in (("ticks without an import", sorted(ticks["quiet"])), ("imports", sorted(ticks["imports"]))):
        median, late = spent[len(spent) // 2], spent[math.ceil(len(spent) * 0.99) - 1]
        print(
            f"{name}: {len(spent)}; median {median:.2f} ms, 99th percentile {late:.2f} ms, longest {spent[-1]:.2f} ms"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
