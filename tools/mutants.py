# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes lines of the packages that know no Blender, one at a time, and tells which changes no test notices.

The lines are drawn by a seed from all that can be changed (see `mutations.py`), whether a test runs them or not. First
all tests run once and record which lines each of them runs. A change then meets those that run its line, the fastest
first, until one fails. One outside of functions meets for a minute those that use its module, and for another all
others, as does one whose line no test was seen to run. All this happens in copies in a temporary folder.

The exit status is 1 if less than 95 % of the changes are noticed.
"""

from __future__ import annotations

import argparse
import difflib
import itertools
import json
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import coverage
from environments import FOLDER, ROOT
from mutants_plugin import PURE
from mutations import Change, changes, is_valid
from run_tests import IN_BLENDER, IN_WINDOW

ENOUGH = 0.95
LEFT_OUT = (*IN_BLENDER, *IN_WINDOW, "tests/crash", "tests/tools")
"""Tests that need Blender, whose processes are killed together with the record of what they ran, or of the tools."""
FAR = 60.0
"""Seconds of the tests that a change meets of each kind which may not concern it."""
READS_SOURCES = "tests/docs/"
"""These tests read every file as text, so they may notice any change."""


@dataclass(frozen=True)
class Mutant:
    """A change to one file of the packages; `path` is relative to the root."""

    path: str
    change: Change
    source: str

    def diff(self) -> str:
        """What the change is, without the lines around it."""
        before, after = (ROOT / self.path).read_text("utf-8"), self.source
        lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))
        return "\n".join(f"    {line}" for line in lines[3:])


class Copy:
    """A copy of the working tree in which tests run."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self._written = itertools.count(1)
        listed = subprocess.run(
            "git ls-files -z --cached --others --exclude-standard".split(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        links = folder / "build" / "python"
        links.mkdir(parents=True)
        for link in (ROOT / "build" / "python").iterdir():
            (links / link.name).symlink_to(link.readlink(), target_is_directory=True)

    def write(self, path: str, source: str) -> None:
        """Put a module's source into the copy, with a time of its own, lest Python take an older one's bytecode."""
        file = self.root / path
        file.write_text(source, "utf-8")
        number = next(self._written)
        os.utime(file, (number, number))

    def run(self, tests: list[str], *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run tests in the order given."""
        arguments = self.root / "build" / "tests.txt"
        arguments.write_text("\n".join(tests))
        paths = [self.root / "build" / "python", self.root / "tools"]
        command = "-m pytest -q --no-header -p mutants_plugin".split()
        return subprocess.run(
            [sys.executable, *command, *options, f"@{arguments}"],
            cwd=self.root,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(map(str, paths)),
                "SAM3D_ENV_DIR": str(FOLDER),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


class Tests:
    """Which tests run which lines, and how long they take."""

    def __init__(self, records: list[tuple[Path, Path]]) -> None:
        """Read what was recorded: folders, each with the root of the copy that the tests ran in."""
        self.seconds: dict[str, float] = {}
        self._of_line: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._of_file: dict[str, set[str]] = defaultdict(set)
        for folder, root in records:
            self.seconds |= json.loads((folder / "seconds.json").read_text())
            data = coverage.CoverageData(str(folder / "coverage"))
            data.read()
            for file in data.measured_files():
                path = str(Path(file).relative_to(root))
                for line, tests in data.contexts_by_lineno(file).items():
                    self._of_line[path, line].update(tests & self.seconds.keys())
                    self._of_file[path].update(tests & self.seconds.keys())
        self._readers = {test for test in self.seconds if test.startswith(READS_SOURCES)}
        self._sources = {path: (ROOT / path).read_text("utf-8") for path in modules("")}

    def near(self, mutant: Mutant) -> set[str]:
        """The tests that were seen to run a line of a change."""
        change = mutant.change
        return {test for line in range(change.first, change.last + 1) for test in self._of_line[mutant.path, line]}

    def which(self, mutant: Mutant) -> list[str]:
        """The tests that may notice a change: those that certainly run its line, and then those that may; of each the
        fastest first."""
        near, at_import = self.near(mutant), not mutant.change.in_function
        far = [self._readers - near]
        if at_import:  # it ran for whoever uses what its module has made
            users = (mutant.path, *self._importers(mutant.path))
            far.append({test for path in users for test in self._of_file[path]} - near.union(*far))
        if at_import or not near:
            far.append(self.seconds.keys() - near.union(*far))
        chosen = sorted(near, key=self._speed)
        for tests in far:
            ordered = sorted(tests, key=self._speed)
            times = itertools.accumulate(self.seconds[test] for test in ordered)
            chosen += [test for test, spent in zip(ordered, times, strict=True) if spent < FAR]
        return chosen

    def _speed(self, test: str) -> tuple[float, str]:
        return self.seconds[test], test

    def _importers(self, path: str) -> list[str]:
        file = Path(path)
        name = file.parent.name if file.name == "__init__.py" else file.stem
        imports = re.compile(rf"^from \S*\b{name} import|^from \S+ import .*\b{name}\b", re.MULTILINE)
        return [other for other, source in self._sources.items() if imports.search(source)]


def modules(package: str) -> list[str]:
    """The files whose lines are changed, relative to the root; only those under `package`, if one is named."""
    files = [file for name in PURE for file in sorted((ROOT / name).rglob("*.py"))]
    return [path for file in files if (path := str(file.relative_to(ROOT))).startswith(package)]


def draw(package: str, sample: int, seed: int) -> list[Mutant]:
    """So many lines, or all if there are fewer, and of each one change."""
    places: dict[tuple[str, int], list[Change]] = defaultdict(list)
    sources = {path: (ROOT / path).read_text("utf-8") for path in modules(package)}
    for path, source in sources.items():
        for change in changes(source):
            places[path, change.first].append(change)
    lots = random.Random(seed)
    drawn: list[Mutant] = []
    for path, line in lots.sample(sorted(places), len(places)):
        change = lots.choice(places[path, line])
        mutant = Mutant(path, change, change.apply())
        if mutant.source != sources[path] and is_valid(mutant.source):
            drawn.append(mutant)
        if len(drawn) == sample:
            break
    print(f"{len(drawn)} of the {len(places)} lines that can be changed, by the seed {seed}.", flush=True)
    return drawn


def record(copies: queue.SimpleQueue[Copy], folder: Path, at_once: int) -> Tests:
    """Run all tests that need no Blender once, without any change. Those that fail, or are skipped, are left out.

    Raises RuntimeError where they cannot be run at all.
    """

    def run(suite: str) -> tuple[Path, Path]:
        output = folder / suite.replace("/", "-")
        output.mkdir()
        copy = copies.get()
        try:
            result = copy.run([suite], SAM3D_RECORD=str(output))
        finally:
            copies.put(copy)
        if not (output / "seconds.json").exists():
            raise RuntimeError(f"The tests in {suite} cannot be run:\n{result.stdout}\n{result.stderr}")
        if result.returncode:
            print(f"Tests in {suite} fail without any change:", result.stdout[-2000:], result.stderr[-1000:], sep="\n")
        return output, copy.root

    suites = {str(file.parent.relative_to(ROOT)) for file in (ROOT / "tests").rglob("test_*.py")}
    plain = sorted(suite for suite in suites if not suite.startswith(LEFT_OUT))
    with ThreadPoolExecutor(at_once) as pool:
        return Tests(list(pool.map(run, plain)))


def is_noticed(copies: queue.SimpleQueue[Copy], tests: Tests, limits: Path, mutant: Mutant) -> bool:
    """Whether a test fails by a change."""
    which = tests.which(mutant)
    copy = copies.get()
    try:
        copy.write(mutant.path, mutant.source)
        return copy.run(which, "-x", SAM3D_LIMITS=str(limits)).returncode != 0
    finally:
        copy.write(mutant.path, (ROOT / mutant.path).read_text("utf-8"))
        copies.put(copy)


def run(package: str, sample: int, seed: int, at_once: int) -> bool:
    """Draw changes, try so many at once, and say what was found; returns whether enough are noticed."""
    mutants = draw(package, sample, seed)
    with tempfile.TemporaryDirectory(prefix="sam3d-mutants-") as name:
        folder = Path(name).resolve()
        if (shared := ROOT.parent / "shared").is_dir():  # data beside the checkout, which some tests can use
            (folder / "shared").symlink_to(shared)
        copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        for number in range(at_once):
            copies.put(Copy(folder / f"copy-{number}"))
        begun = time.monotonic()
        tests = record(copies, folder, at_once)
        print(f"{len(tests.seconds)} tests, recorded in {time.monotonic() - begun:.0f} s.", flush=True)
        limits = folder / "seconds.json"
        limits.write_text(json.dumps(tests.seconds))
        noticed = 0
        with ThreadPoolExecutor(at_once) as pool:
            for mutant, found in zip(
                mutants, pool.map(partial(is_noticed, copies, tests, limits), mutants), strict=True
            ):
                noticed += found
                if not found:
                    words = "" if tests.near(mutant) else "  (no test was seen to run it)"
                    print(f"\n{mutant.path}:{mutant.change.first}{words}\n{mutant.diff()}", flush=True)
    share = noticed / max(len(mutants), 1)
    taken = time.monotonic() - begun
    print(f"\n{noticed} of {len(mutants)} changes were noticed ({share:.1%}), in {taken:.0f} s.")
    return share >= ENOUGH


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Change lines, and name the changes that no test notices.")
    parser.add_argument("--package", default="", help="only the files under this folder, such as jobs")
    parser.add_argument("--sample", type=int, default=200, help="how many lines to change")
    parser.add_argument("--seed", type=int, default=1, help="draws them")
    parser.add_argument("--at-once", type=int, default=2, help="how many processes")
    arguments = parser.parse_args()
    return 0 if run(arguments.package, arguments.sample, arguments.seed, arguments.at_once) else 1


if __name__ == "__main__":
    sys.exit(main())
