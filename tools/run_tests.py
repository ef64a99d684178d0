# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every check and test that this machine allows, or the named parts, and says plainly what it left out and why.

lint: style, types and imports. types: of these, the types. Without Blender: unit; engine, its numerics on whole photos
and bodies; faults, all that can go wrong on the way to a service, with processes that are killed. server: the tests of
the GPU server. blender: those in Blender, on every version that can be set up; blender-4.5: on one. window: those in
Blender's real window. Several parts run beside each other, so that no core waits; what they print and what pytest found
is left in `build/test/`.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from environments import BLENDERS, ROOT, EnvironmentMissing, link_for_types, package_root, prepare
from test_report import Summary

from build import BuildFailed, build

REPORTS = ROOT / "build" / "test"
PURE_PACKAGES = ("engine", "jobs", "photos", "providers")
BLENDER_PACKAGES = (
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
ENGINE = ("tests/draft", "tests/engine", "tests/rigging", "tests/segment_anything", "tests/selection")
FAULTS = ("tests/crash", "tests/faults")
SUITE_SECONDS = 1700
CORES = os.cpu_count() or 1
LANES = CORES + 2
"""So many parts run beside each other: those that wait, for a window or an answer, leave a core free now and then."""


@dataclass(frozen=True)
class Part:
    """Some folders of tests, and the environment whose Python runs them.

    options: further ones of pytest. workers: at most so many of its processes run tests.
    """

    name: str
    environment: str
    folders: Sequence[str]
    options: Sequence[str] = ()
    workers: int = CORES


def test_parts() -> list[Part]:
    """All tests: those first that need nothing set up, then the longest, so that all end together."""
    folders = sorted(
        {f"tests/{path.relative_to(ROOT / 'tests').parts[0]}" for path in ROOT.glob("tests/*/**/test_*.py")}
    )
    unit = [name for name in folders if name not in IN_BLENDER + IN_WINDOW + ENGINE + FAULTS]
    return [
        Part("engine", "dev", ENGINE),
        Part("faults", "dev", FAULTS),
        Part("window", "dev", IN_WINDOW, workers=1),  # a screen is given out by a file that two would share
        Part("server", "server", ("server/tests",), ("-c", "server/pyproject.toml")),
        *(Part(name, name, IN_BLENDER) for name in BLENDERS),
        Part("unit", "dev", unit),
    ]


def _run(*command: str | Path, log: Path | None = None, seconds: float | None = None) -> int:
    """Runs a command at the root with the package on the Python path. Its exit status; 124 past the time.

    What it prints goes to the end of `log`, if there is one.
    """
    environment = {**os.environ, "PYTHONPATH": str(package_root())}
    sys.stdout.flush()
    with log.open("ab") if log else contextlib.nullcontext() as output:
        try:
            result = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output and subprocess.STDOUT,
                check=False,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            return 124
    return result.returncode


def _test_files() -> dict[str, list[Path]]:
    """The files of the tests in groups in which no name comes twice: what runs together, and what runs in Blender."""
    groups: dict[str, list[Path]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        folder = path.parent.relative_to(ROOT).as_posix()
        if path.parent.name == "inside" or folder in IN_WINDOW:
            group = folder
        else:
            group = "tests/blender" if folder in (*IN_BLENDER, "tests") else "tests"
        groups.setdefault(group, []).append(path)
    return groups


def _configuration(group: str) -> tuple[str, ...]:
    """Tests in Blender have a configuration of their own, which tells why."""
    return () if group == "tests" else ("--config-file", "tests/blender/mypy.ini")


def check_types(python: Path) -> dict[str, Sequence[str | Path]]:
    """The commands that check the types, by name."""
    link_for_types()
    mypy = (python.with_name("mypy"), "--no-error-summary")
    modules = ["-m", "sam3d"]
    for name in PURE_PACKAGES + BLENDER_PACKAGES:
        if (ROOT / name / "__init__.py").exists():
            modules += ["-p", f"sam3d.{name}"]
        elif (ROOT / f"{name}.py").exists():
            modules += ["-m", f"sam3d.{name}"]
    server = ("--config-file", "server/pyproject.toml", "--python-executable", prepare("server"))
    return {
        "mypy": (*mypy, *modules),
        "mypy server": (*mypy, *server, "-p", "sam3d_server"),
        "mypy tools": (*mypy, *sorted((ROOT / "tools").glob("*.py"))),
        **{f"mypy {name}": (*mypy, *_configuration(name), *files) for name, files in _test_files().items()},
    }


def check_style(python: Path) -> dict[str, Sequence[str | Path]]:
    """The commands that check style and imports, by name."""
    ruff = python.with_name("ruff")
    return {
        "ruff": (ruff, "check", "--quiet", "--output-format", "concise", "."),
        "ruff format": (ruff, "format", "--check", "--output-format", "concise", "."),
        "codespell": (python.with_name("codespell"), "."),
        "import-linter": (python.with_name("lint-imports"), "--no-logo", "--cache-dir", "build/import-linter"),
    }


def check(commands: dict[str, Sequence[str | Path]], summary: Summary, log: Path | None = None) -> None:
    """Runs the commands of checks."""
    for name, command in commands.items():
        started = time.monotonic()
        failed = _run(*command, log=log) != 0
        words = f"{'FAILED' if failed else 'passed'} in {time.monotonic() - started:.0f} s"
        summary.add(name, words, failed=failed)


def run_pytest(
    part: Part, python: Path, summary: Summary, log: Path | None = None, *, workers: int, words: Sequence[str]
) -> None:
    """The tests of a part. words: further options of pytest."""
    workers = min(workers, part.workers)
    report = REPORTS / f"{part.name}.xml"
    report.unlink(missing_ok=True)
    options = ["--quiet", "--junit-xml", str(report), "-n", str(workers) if workers > 1 else "0", *part.options]
    aside = () if part.workers == 1 else ("nice",)  # what runs one by one would end last
    started = time.monotonic()
    status = _run(*aside, python, "-m", "pytest", *options, *words, *part.folders, log=log, seconds=SUITE_SECONDS)
    summary.add_tests(part.name, report, status, time.monotonic() - started)


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


def set_up(part: Part) -> Path:
    """Sets up what a part needs besides the built extension; returns its Python. Raises EnvironmentMissing."""
    if part.name == "window":
        os.environ["SAM3D_BLENDER_GUI"] = str(blender_window())
    return prepare(part.environment)


@functools.cache
def build_once() -> None:
    """Builds the extension for all parts that install it. Raises BuildFailed and EnvironmentMissing."""
    for path in build():
        print(path.relative_to(ROOT), flush=True)


def run_beside_each_other(tasks: Iterable[tuple[str, Callable[[Path | None], None]]]) -> None:
    """Calls each named task with a file for its output, some at a time, and prints that file when the task is done.

    While they run, `tasks` sets up what the next one needs: one at a time, for only one may install packages.
    """
    printing = threading.Lock()

    def run(name: str, task: Callable[[Path | None], None]) -> None:
        log = REPORTS / f"{name}.log"
        log.unlink(missing_ok=True)
        task(log)
        with printing:
            print(f"\n== {name}", log.read_text(errors="replace") if log.exists() else "", sep="\n", flush=True)

    with ThreadPoolExecutor(LANES) as lanes:
        started = [lanes.submit(run, name, task) for name, task in tasks]
    for each in started:
        each.result()


def run_parts(python: Path, names: Sequence[str], words: Sequence[str], summary: Summary, *, require_all: bool) -> None:
    """The named parts; all without any. words: further options of pytest."""
    parts = [part for part in test_parts() if not names or {part.name, part.name.partition("-")[0]} & set(names)]
    checks_types = not names or bool({"lint", "types"} & set(names))
    alone = len(parts) == 1 and not checks_types

    def tasks() -> Iterator[tuple[str, Callable[[Path | None], None]]]:
        if checks_types:
            commands = check_types(python)
            if not names or "lint" in names:
                commands |= check_style(python)
            yield "checks", functools.partial(check, commands, summary)
        if len(parts) > 1:
            with contextlib.suppress(EnvironmentMissing):  # which its own part will tell
                prepare("server")  # tests of other parts start it as well
        for part in parts:
            if part.name in ("window", *BLENDERS):
                build_once()
            try:
                its_python = set_up(part)
            except EnvironmentMissing as reason:
                summary.leave_out(part.name, reason, required=require_all and part.name in BLENDERS)
            else:
                workers = CORES if alone else max(CORES // LANES, 1)
                run = functools.partial(run_pytest, part, its_python, summary, workers=workers, words=words)
                yield part.name, run

    if alone:
        for _, run in tasks():
            run(None)
    else:
        run_beside_each_other(tasks())


def main() -> int:
    """The command line; the exit status is 1 if anything failed."""
    names = ["lint", "types", *(part.name for part in test_parts()), "blender"]
    parser = argparse.ArgumentParser(description="Run the checks and the tests.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(names)}; all without any")
    parser.add_argument("--require-all", action="store_true", help="a missing Blender version is a failure")
    parser.add_argument(
        "--pytest", default="", metavar="OPTIONS", help="further options of pytest, as --pytest='-k mask'"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(names):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    REPORTS.mkdir(parents=True, exist_ok=True)
    summary = Summary()
    started = time.monotonic()
    try:
        words = shlex.split(arguments.pytest)
        run_parts(prepare("dev"), arguments.parts, words, summary, require_all=arguments.require_all)
    except (EnvironmentMissing, BuildFailed) as error:
        summary.add("stopped", str(error), failed=1)
    summary.print(time.monotonic() - started)
    return 1 if summary.failed else 0


if __name__ == "__main__":
    sys.exit(main())
