# SPDX-License-Identifier: GPL-3.0-or-later
"""The built extension, installed and enabled in the bpy package, with settings that are nobody's own."""

import os
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULE = "bl_ext.user_default.sam3d"


def install(resources: Path) -> None:
    """Install the newest zip of dist/ for this platform into `resources` and enable it; before bpy is imported."""
    resources.mkdir(parents=True, exist_ok=True)
    os.environ["BLENDER_USER_RESOURCES"] = str(resources)
    import bpy

    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
    machine = "arm64" if platform.machine() == "arm64" else "x64"
    zips = sorted((ROOT / "dist").glob(f"sam3d-*-{system}_{machine}.zip"))
    if not zips:
        raise SystemExit("There is no built extension in dist/: run `make build` first.")
    bpy.ops.extensions.package_install_files(filepath=str(zips[-1]), repo="user_default", enable_on_install=True)
    assert bpy.context.preferences is not None
    if MODULE not in bpy.context.preferences.addons:
        raise SystemExit(f"{zips[-1].name} could not be installed.")
