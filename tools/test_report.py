# SPDX-License-Identifier: GPL-3.0-or-later
"""What has run, what came of it and how long it took, from the reports that pytest writes for each part."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

SLOWEST = 20


@dataclass
class Summary:
    """What has run: a line for each part, the tests counted over all parts, and the seconds that each test took.

    Several threads may add to it.
    """

    lines: list[str] = field(default_factory=list)
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: list[tuple[float, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, part: str, words: str, *, passed: int = 0, failed: int = 0, skipped: int = 0) -> None:
        """Notes what came of a part."""
        with self._lock:
            self.lines.append(f"  {part:<14} {words}")
            self.passed += passed
            self.failed += failed
            self.skipped += skipped

    def leave_out(self, part: str, reason: object, *, required: bool) -> None:
        """Notes a part that cannot run here; a failure if it is required."""
        self.add(part, f"{'MISSING' if required else 'left out'}: {reason}", failed=required)

    def add_tests(self, part: str, report: Path, status: int, taken: float) -> None:
        """Notes what pytest reported of a part, its exit status and the seconds that it took."""
        if not report.exists():
            self.add(part, f"FAILED: did not finish (exit status {status}) in {taken:.0f} s", failed=1)
            return
        counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
        tree = ElementTree.parse(report)
        for suite in tree.iter("testsuite"):
            for key in counts:
                counts[key] += int(suite.get(key, 0))
        skipped = counts["skipped"]
        passed = counts["tests"] - counts["failures"] - counts["errors"] - skipped
        # a failure of pytest itself counts as one, even if it counted none
        failed = max(counts["failures"] + counts["errors"], status != 0)
        words = f"{passed} passed, {failed} failed, {skipped} skipped in {taken:.0f} s"
        self.add(part, words, passed=passed, failed=failed, skipped=skipped)
        for case in tree.iter("testcase"):
            module = case.get("classname", "").removeprefix("tests.")
            self.seconds.append((float(case.get("time", 0)), f"{part}: {module}::{case.get('name')}"))

    def print(self, taken: float) -> None:
        """The slowest tests, a line for each part, and the sum, with the seconds that all has taken."""
        if self.seconds:
            print("\n== Slowest tests")
            for seconds, name in sorted(self.seconds, reverse=True)[:SLOWEST]:
                print(f"  {seconds:6.1f} s  {name}")
        print("\n== Summary", *self.lines, sep="\n")
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped in {taken:.0f} s")
