# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh Blender of the running environment, with folders of its own, and the built extension in it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULE = "bl_ext.user_default.sam3d"

INSTALL = f"""
import sys, bpy
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
assert "{MODULE}" in bpy.context.preferences.addons
"""


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
    folder: Path,
    *,
    install: bool = True,
    env: dict[str, str] | None = None,
    timeout: float = 400,
) -> Finished:
    """Runs a script in a new Blender process that lives in `folder`, after installing the built extension.

    The script finds the zip's path in sys.argv[1]; with `install` that has been installed and enabled.
    env: further environment variables. timeout: in seconds. Raises subprocess.TimeoutExpired.
    """
    temporary, resources, home = (folder / name for name in ("temporary", "resources", "home"))
    for place in (temporary, resources, home):
        place.mkdir(parents=True, exist_ok=True)
    file = folder / "script.py"
    file.write_text((INSTALL if install else "") + script, encoding="utf-8")
    # nothing of the test's own path: what is imported must come from the extension or from Blender
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    places = {"TMPDIR": str(temporary), "BLENDER_USER_RESOURCES": str(resources), "HOME": str(home)}
    result = subprocess.run(
        [sys.executable, str(file), str(built_zip())],
        cwd=folder,
        env={**inherited, **places, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=timeout,
    )
    return Finished(result.returncode, result.stdout, temporary, resources)
