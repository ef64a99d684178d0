# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a Blender with its window on a virtual screen and lets a script of `inside` lead it."""

import os
import shutil
import subprocess
from pathlib import Path

from blender_process import ROOT, built_zip

TOOL = Path(os.environ.get("SAM3D_BLENDER_GUI", ROOT.parent / "shared" / "tools" / "blender-gui"))
LIMIT = 420.0
"""Seconds after which a run is given up."""


def why_not() -> str:
    """Why no window can be opened here; empty when it can."""
    if not TOOL.exists():
        return f"needs {TOOL.name}, which starts a Blender with a window"
    return "" if os.geteuid() == 0 else f"{TOOL.name} needs root"


def run_blender(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Blender with its settings in `folder`; raises subprocess.TimeoutExpired."""
    (folder / "resources").mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [str(TOOL), "run", str(ROOT), "--", *arguments],
        env={**os.environ, "BLENDER_USER_RESOURCES": str(folder / "resources")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=LIMIT,
        check=False,
    )


def run_window(script: str, folder: Path, *arguments: str) -> str:
    """Run a script of `inside` in a new Blender, with `folder` (emptied first) for what it leaves behind.

    The script gets the built zip and `arguments`. Returns what Blender printed; raises RuntimeError with that where
    the script did not come to its end, and subprocess.TimeoutExpired.
    """
    shutil.rmtree(folder, ignore_errors=True)
    inside = Path(__file__).parent / "inside" / script
    window = ("--factory-startup", "--window-geometry", "0", "0", "1600", "900", "--python", str(inside))
    finished = run_blender(folder, *window, "--", str(folder), str(built_zip()), *arguments)
    if finished.returncode or "WINDOW TEST PASSED" not in finished.stdout or "Traceback" in finished.stdout:
        raise RuntimeError(f"{script} failed; its pictures are in {folder}\n{finished.stdout}")
    return finished.stdout
