# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh Blender of the running environment, with folders of its own, and the built extension in it."""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULE = "bl_ext.user_default.sam3d"
INSIDE = ROOT / "tests" / "blender" / "inside"
"""The scripts that run in Blender."""
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
    timeout: float = 400,
) -> Finished:
    """Calls a function of a script of `inside` in a new Blender process that lives in `folder`.

    The function takes `arguments`. install: whether the built extension is installed and enabled when it is called; a
    folder in which a Blender has lived before is taken as it is. env: further environment variables. timeout: in
    seconds. Raises subprocess.TimeoutExpired.
    """
    if install and not (folder / "resources").exists():
        data_of_extensions = shutil.ignore_patterns(".user")
        shutil.copytree(_installed(), folder / "resources", ignore=data_of_extensions, copy_function=_share)
    return _run([MODULE if install else "", script, function, *arguments], folder, env or {}, timeout)


def check(
    script: str,
    function: str,
    folder: Path,
    *arguments: str,
    env: dict[str, str] | None = None,
    logs_failures: bool = False,
) -> str:
    """Calls a function of assertions as `run_in_blender` does; fails where one failed. Returns what was printed.

    Nor may anything else have failed; with `logs_failures` it may if the extension's log says so.
    """
    finished = run_in_blender(script, function, folder, *arguments, env=env)
    assert finished.status == 0, finished.output
    lines = ["(begin)", *finished.output.splitlines()]
    tracebacks = [before for before, line in pairwise(lines) if "Traceback" in line]
    if logs_failures:  # one that another caused stands below an empty line
        tracebacks = [before for before in tracebacks if before and not LOGGED.match(before)]
    assert not tracebacks, finished.output
    return finished.output


@functools.cache
def _installed() -> Path:
    """The resources of a Blender in which the built extension was installed: once for all tests of this process."""
    folder = Path(tempfile.mkdtemp(prefix="installed-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    finished = _run(["", "installation", "install_for_all", str(built_zip())], folder, {}, 400)
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


def _run(words: list[str], folder: Path, env: dict[str, str], timeout: float) -> Finished:
    """A Blender process with its folders in `folder`, started with `words` for `inside/run.py`."""
    temporary, resources, home = (folder / name for name in ("temporary", "resources", "home"))
    for place in (temporary, resources, home):
        place.mkdir(parents=True, exist_ok=True)
    # nothing of the test's own path: what is imported must come from the extension or from Blender
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    places = {"TMPDIR": str(temporary), "BLENDER_USER_RESOURCES": str(resources), "HOME": str(home)}
    result = subprocess.run(
        [sys.executable, str(INSIDE / "run.py"), *words],
        cwd=folder,
        env={**inherited, **places, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=timeout,
    )
    return Finished(result.returncode, result.stdout, temporary, resources)
