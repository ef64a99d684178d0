# SPDX-License-Identifier: GPL-3.0-or-later
"""What pytest does beside its tests for tools/mutants.py.

With SAM3D_RECORD it writes into that folder which test runs which lines (`coverage`), and how many seconds each test
takes that passes (`seconds.json`). With SAM3D_LIMITS, the file of such seconds, a test that takes far longer ends the
whole run as failed: a change may well make an endless loop.
"""

from __future__ import annotations

import faulthandler
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

PURE = ("engine", "jobs", "photos", "providers")
GRACE_SECONDS, GRACE_TIMES = 15.0, 8.0
"""How much longer a test may take than it did."""


class Record:
    """Watches a whole run."""

    def __init__(self, folder: Path, root: Path) -> None:
        include = [str(root / package / "*") for package in PURE]
        self._folder = folder
        self._coverage = coverage.Coverage(str(folder / "coverage"), include=include, config_file=False)
        # the tests of the documents run none of our lines
        self._coverage.set_option("run:disable_warnings", ["no-data-collected"])
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._coverage.switch_context(item.nodeid)
        begun = time.monotonic()
        result = yield
        self._seconds[item.nodeid] = time.monotonic() - begun
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:  # skipped ones can notice nothing either
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self._coverage.save()
        seconds = {test: taken for test, taken in self._seconds.items() if test not in self._failed}
        (self._folder / "seconds.json").write_text(json.dumps(seconds))


class Limits:
    """Ends a run in which a test takes far longer than it did."""

    def __init__(self, file: Path) -> None:
        self._seconds: dict[str, float] = json.loads(file.read_text())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        limit = GRACE_SECONDS + GRACE_TIMES * self._seconds.get(item.nodeid, 0.0)
        faulthandler.dump_traceback_later(limit, exit=True)
        result = yield
        faulthandler.cancel_dump_traceback_later()
        return result


def pytest_configure(config: pytest.Config) -> None:
    if folder := os.environ.get("SAM3D_RECORD"):
        config.pluginmanager.register(Record(Path(folder), config.rootpath))
    if file := os.environ.get("SAM3D_LIMITS"):
        config.pluginmanager.register(Limits(Path(file)))
