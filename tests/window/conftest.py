# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Blender with its window on a virtual screen."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TOOL = ROOT.parent / "shared" / "tools" / "blender-gui"
OUTPUT = ROOT / "build" / "window"
LIMIT = 420.0
"""Seconds after which a window test is given up."""


@pytest.fixture
def lead_window(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Runs a script of `inside` in a new Blender with the built zip; returns the folder of its pictures."""
    if not TOOL.exists():
        pytest.skip(f"needs {TOOL.name}, which starts a Blender with a window")
    if os.geteuid() != 0:
        pytest.skip(f"{TOOL.name} needs root")
    zips = sorted((ROOT / "dist").glob("sam3d-*-linux_x64.zip"))
    if not zips:
        pytest.fail("The built extension is missing in dist/: run `make build` first.")
    folder = OUTPUT / request.node.name.removeprefix("test_")

    def run(script: str, *arguments: str) -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "resources").mkdir(parents=True)
        command = [str(TOOL), "run", str(ROOT), "--", "--factory-startup", "--window-geometry", "0", "0", "1600", "900"]
        command += ["--python", str(Path(__file__).parent / "inside" / script), "--", str(folder), str(zips[-1])]
        with (folder / "output.txt").open("w+", encoding="utf-8") as output:
            try:
                status = subprocess.run(
                    command + list(arguments),
                    env={**os.environ, "BLENDER_USER_RESOURCES": str(folder / "resources")},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=LIMIT,
                    check=False,
                ).returncode
            finally:
                output.seek(0)
                printed = output.read()
                print(printed)
        assert status == 0, f"see {folder}"
        assert "WINDOW TEST PASSED" in printed
        assert "Traceback" not in printed
        return folder

    return run
