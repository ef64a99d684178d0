# SPDX-License-Identifier: GPL-3.0-or-later
"""Blenders of the running environment, with folders of their own, and the built extension in them.

Most tests share one process, which enables the extension anew for each: it takes seconds to start one.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULE = "bl_ext.user_default.sam3d"
INSIDE = ROOT / "tests" / "blender" / "inside"
"""The scripts that run in Blender."""
LIMIT = 400.0
"""Seconds after which a call is given up."""
LOGGED = re.compile(r"\d{4}-\d\d-\d\d [\d:.]+ [A-Z]+ sam3d\.")
"""How a line of the extension's log begins."""


@dataclass(frozen=True)
class Finished:
    """A Blender that has come to its end.

    output: what it printed, errors included. temporary: the folder that it had for temporary files.
    resources: the folder of its settings and extensions.
    """

    status: int
    output: str
    temporary: Path
    resources: Path


def built_zip(platform: str = "linux_x64") -> Path:
    """The built extension for a platform; fails the test if `make build` has not run."""
    found = sorted((ROOT / "dist").glob(f"sam3d-*-{platform}.zip"))
    if len(found) != 1:
        pytest.fail("The built extension is missing in dist/: run `make build` first.")
    return found[0]


def run_in_blender(
    script: str,
    function: str,
    folder: Path,
    *arguments: str,
    install: bool = True,
    env: dict[str, str] | None = None,
) -> Finished:
    """Calls a function of a script of `inside` in a new Blender process that lives in `folder`.

    The function takes `arguments`. install: whether the built extension is installed and enabled when it is called; a
    folder in which a Blender has lived before is taken as it is. env: further environment variables. Raises
    subprocess.TimeoutExpired.
    """
    if install and not (folder / "resources").exists():
        _install_into(folder)
    return _run([MODULE if install else "", script, function, *arguments], folder, env or {})


def check(
    script: str,
    function: str,
    folder: Path,
    *arguments: str,
    env: dict[str, str] | None = None,
    logs_failures: bool = False,
    alone: bool = False,
) -> str:
    """Calls a function of assertions; fails where one failed. Returns what was printed.

    Nor may anything else have failed; with `logs_failures` it may if the extension's log says so. alone: in a new
    Blender process that lives in `folder`, as `run_in_blender` does; not in the one that the tests share.
    """
    if alone:
        finished = run_in_blender(script, function, folder, *arguments, env=env)
        status, output = finished.status, finished.output
    else:
        status, output = _shared.call(script, function, folder, arguments, env or {})
    assert status == 0, output
    lines = ["(begin)", *output.splitlines()]
    tracebacks = [before for before, line in pairwise(lines) if "Traceback" in line]
    if logs_failures:  # one that another caused stands below an empty line
        tracebacks = [before for before in tracebacks if before and not LOGGED.match(before)]
    assert not tracebacks, output
    return output


class SharedBlender:
    """A Blender process that calls one function after another; started when it is needed, and again where it ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def call(
        self, script: str, function: str, folder: Path, arguments: Sequence[str], env: dict[str, str]
    ) -> tuple[int, str]:
        """Calls a function with the folder as the current one; its exit status and what was printed.

        Where the process ends meanwhile, the status is not 0.
        """
        process = self._process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        output = folder / "output.txt"
        wanted = {"file": script, "function": function, "arguments": arguments, "env": env}
        process.stdin.write(json.dumps({**wanted, "folder": str(folder), "output": str(output)}) + "\n")
        process.stdin.flush()
        in_time = select.select([process.stdout], [], [], LIMIT)[0]
        answer = process.stdout.readline() if in_time else ""
        if not answer:
            self.stop()
        printed = output.read_text("utf-8", errors="replace") if output.exists() else ""
        return int(answer) if answer else process.returncode or 1, printed

    def stop(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> subprocess.Popen[str]:
        folder = Path(tempfile.mkdtemp(prefix="shared-"))
        _install_into(folder)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        atexit.register(self.stop)
        return subprocess.Popen(
            [sys.executable, str(INSIDE / "serve.py"), MODULE],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # each call has a file of its own for what is printed
            text=True,
        )


_shared = SharedBlender()


@functools.cache
def _installed() -> Path:
    """The resources of a Blender in which the built extension was installed: once for all tests of this process."""
    folder = Path(tempfile.mkdtemp(prefix="installed-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    finished = _run(["", "installation", "install_for_all", str(built_zip())], folder, {})
    assert finished.status == 0, finished.output
    return finished.resources


def _share(source: str, target: str) -> None:
    """A file of the extension at another place, which costs nothing; a copy of what Blender writes beside it."""
    try:
        if ".cache" not in Path(source).parts:
            os.link(source, target)
            return
    except OSError:
        pass  # the places are on different disks
    shutil.copy2(source, target)


def _install_into(folder: Path) -> None:
    """Puts the built extension into the resources of a Blender that will live in a folder."""
    data_of_extensions = shutil.ignore_patterns(".user")
    shutil.copytree(_installed(), folder / "resources", ignore=data_of_extensions, copy_function=_share)


def _environment(folder: Path) -> dict[str, str]:
    """The environment of a Blender that lives in a folder, which gets the folders that it needs."""
    temporary, resources, home = (folder / name for name in ("temporary", "resources", "home"))
    for place in (temporary, resources, home):
        place.mkdir(parents=True, exist_ok=True)
    # nothing of the test's own path: what is imported must come from the extension or from Blender
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**inherited, "TMPDIR": str(temporary), "BLENDER_USER_RESOURCES": str(resources), "HOME": str(home)}


def _run(words: list[str], folder: Path, env: dict[str, str]) -> Finished:
    """A Blender process with its folders in `folder`, started with `words` for `inside/run.py`."""
    result = subprocess.run(
        [sys.executable, str(INSIDE / "run.py"), *words],
        cwd=folder,
        env={**_environment(folder), **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=LIMIT,
    )
    return Finished(result.returncode, result.stdout, folder / "temporary", folder / "resources")
