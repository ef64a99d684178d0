# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every check and test that this machine allows, and says plainly what it left out and why.

The checks of style, types and imports; the tests that need no Blender; those of the GPU server; those in Blender, on
every version that can be set up; those in Blender's real window. What pytest found is left in `build/test/`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from environments import BLENDERS, ROOT, EnvironmentMissing, package_root, prepare

from build import BuildFailed, build

REPORTS = ROOT / "build" / "test"
PURE_ROOMS = ("engine", "jobs", "photos", "providers")
BLENDER_ROOMS = (
    "operators",
    "runtime",
    "panels",
    "scene",
    "overlay",
    "preferences",
    "properties",
    "registration",
    "command_line",
)
IN_BLENDER = ("tests/blender", "tests/examples", "tests/package")
IN_WINDOW = ("tests/window",)
SUITE_SECONDS = 1500
THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass
class Summary:
    """What has run: a line for each part, and the tests counted over all parts."""

    lines: list[str] = field(default_factory=list)
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, part: str, words: str) -> None:
        self.lines.append(f"  {part:<14} {words}")

    def leave_out(self, part: str, reason: object, *, required: bool) -> None:
        """Notes a part that cannot run here; a failure if it is required."""
        self.failed += required
        self.add(part, f"{'MISSING' if required else 'left out'}: {reason}")


def _run(*command: str | Path, seconds: float | None = None) -> int:
    """Runs a command at the root with the package on the Python path. Its exit status; 124 past the time."""
    environment = {**os.environ, **THREADS, "PYTHONPATH": str(package_root())}
    sys.stdout.flush()
    try:
        result = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return 124
    return result.returncode


def check(python: Path, summary: Summary) -> None:
    """Style, types and imports."""
    tools = python.parent
    modules = ["-m", "sam3d"]
    for room in PURE_ROOMS + BLENDER_ROOMS:
        if (ROOT / room / "__init__.py").exists():
            modules += ["-p", f"sam3d.{room}"]
        elif (ROOT / f"{room}.py").exists():
            modules += ["-m", f"sam3d.{room}"]
    checks: dict[str, Sequence[str | Path]] = {
        "ruff": (tools / "ruff", "check", "--quiet", "--output-format", "concise", "."),
        "ruff format": (tools / "ruff", "format", "--check", "--output-format", "concise", "."),
        "codespell": (tools / "codespell", "."),
        "mypy": (tools / "mypy", "--no-error-summary", *modules),
        "mypy server": (
            *(tools / "mypy", "--no-error-summary", "--config-file", "server/pyproject.toml"),
            *("--python-executable", prepare("server"), "-p", "sam3d_server"),
        ),
        "mypy tools": (tools / "mypy", "--no-error-summary", *sorted((ROOT / "tools").glob("*.py"))),
        "import-linter": (tools / "lint-imports", "--no-logo", "--cache-dir", "build/import-linter"),
    }
    for name, command in checks.items():
        print(f"\n== {name}")
        good = _run(*command) == 0
        summary.add(name, "passed" if good else "FAILED")
        summary.failed += not good


def run_pytest(
    part: str,
    python: Path,
    folders: Sequence[str],
    summary: Summary,
    *,
    workers: int = 2,
    configuration: Sequence[str] = (),
) -> None:
    """The tests of some folders under one Python. `configuration` are further options of pytest."""
    there = [folder for folder in folders if any((ROOT / folder).rglob("test_*.py"))]
    print(f"\n== tests: {part}")
    if not there:
        summary.add(part, "has no tests")
        return
    report = REPORTS / f"{part}.xml"
    report.unlink(missing_ok=True)
    started = time.monotonic()
    options = ["--quiet", "--junit-xml", str(report), "-n", str(workers) if workers > 1 else "0", *configuration]
    status = _run(python, "-m", "pytest", *options, *there, seconds=SUITE_SECONDS)
    taken = time.monotonic() - started
    if not report.exists():
        summary.failed += 1
        summary.add(part, f"FAILED: did not finish (exit status {status}) in {taken:.0f} s")
        return
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in ElementTree.parse(report).iter("testsuite"):
        for key in counts:
            counts[key] += int(suite.get(key, 0))
    # a failure of pytest itself counts as one, even if it counted none
    failed = max(counts["failures"] + counts["errors"], status != 0)
    passed = counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
    summary.passed += passed
    summary.failed += failed
    summary.skipped += counts["skipped"]
    words = f"{passed} passed, {failed} failed, {counts['skipped']} skipped in {taken:.0f} s"
    summary.add(part, words)


def blender_window() -> Path:
    """The command that starts Blender with its window on a virtual screen. Raises EnvironmentMissing."""
    command = Path(os.environ.get("SAM3D_BLENDER_GUI", ROOT.parent / "shared" / "tools" / "blender-gui"))
    if not command.is_file():
        raise EnvironmentMissing(f"{command} is not there")
    if os.geteuid() != 0:
        raise EnvironmentMissing("Blender's window on a virtual screen needs the rights of root")
    if _run(command, "setup", seconds=900):
        raise EnvironmentMissing("Blender with its window could not be set up")
    return command


def run_tests(python: Path, summary: Summary, *, require_all: bool) -> None:
    """All tests: plain, of the server, in each Blender, in the window."""
    folders = sorted(path.name for path in (ROOT / "tests").iterdir() if path.is_dir())
    plain = [f"tests/{name}" for name in folders if f"tests/{name}" not in IN_BLENDER + IN_WINDOW]
    run_pytest("without", python, plain, summary)
    server = ["-c", "server/pyproject.toml"]
    run_pytest("server", prepare("server"), ["server/tests"], summary, configuration=server)
    for name in BLENDERS:
        try:
            blender = prepare(name)
        except EnvironmentMissing as reason:
            summary.leave_out(name, reason, required=require_all)
        else:
            run_pytest(name, blender, IN_BLENDER, summary)
    try:
        os.environ["SAM3D_BLENDER_GUI"] = str(blender_window())
    except EnvironmentMissing as reason:
        summary.leave_out("window", reason, required=False)
    else:
        run_pytest("window", python, IN_WINDOW, summary, workers=1)


def main() -> int:
    """The command line; the exit status is 1 if anything failed."""
    parser = argparse.ArgumentParser(description="Run the checks and the tests.")
    parser.add_argument("--lint-only", action="store_true", help="only the checks of style, types and imports")
    parser.add_argument("--require-all", action="store_true", help="a missing Blender version is a failure")
    arguments = parser.parse_args()
    REPORTS.mkdir(parents=True, exist_ok=True)
    summary = Summary()
    try:
        python = prepare("dev")
        check(python, summary)
        if not arguments.lint_only:
            for path in build():
                print(path.relative_to(ROOT))
            run_tests(python, summary, require_all=arguments.require_all)
    except (EnvironmentMissing, BuildFailed) as error:
        summary.failed += 1
        summary.add("stopped", str(error))
    print("\n== Summary", *summary.lines, sep="\n")
    print(f"{summary.passed} passed, {summary.failed} failed, {summary.skipped} skipped")
    return 1 if summary.failed else 0


if __name__ == "__main__":
    sys.exit(main())
